"""The run time's `rt`: what an emitted module is made of, and what Python does with it.

What came before: an emitted module, whose last statement is `PROGRAM = rt.Program(models, data, runs)`.
What leaves: `Program` with its models and runs by name. Invariant: `Model.init`, `apply` and `apply_train`
are pure: they work under `jax.jit`, `vmap` and `grad`, and keep nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.errors import NotExportable, UnknownEntry
from hqn.runtime.inputs import batched_inputs
from hqn.runtime.keys import Keys, keys_of
from hqn.runtime.memory import refuse_results
from hqn.runtime.spec import (
    NO_TRAITS,
    Arrange,
    Array,
    Assertion,
    Calibration,
    Data,
    Evaluation,
    Fit,
    Function,
    Group,
    Let,
    Map,
    Minimize,
    Optimiser,
    Run,
    Site,
    Slot,
    Source,
    Split,
    Track,
    Traits,
)
from hqn.runtime.variables import Tree, Variables, initial, merge

if TYPE_CHECKING:
    from hqn.runtime.gradient_check import GradientCheck
    from hqn.runtime.results import Result

ABI = 1
"""The number of the interface between emitted modules and this run time; a module says which it is for."""

__all__ = [
    "ABI", "Arrange", "Array", "Assertion", "Calibration", "Data", "Evaluation", "Fit", "Function",
    "Group", "Keys", "Let", "Map", "Minimize", "Model", "Optimiser", "Performable", "Program", "Run",
    "Site", "Slot", "Source", "Split", "Track", "Traits", "Variables",
]  # fmt: skip

Precision = Literal["f32", "f64"]
Exporter = Callable[..., dict[str, str]]
"""`(variables, version, inputs, policy = None)`: the circuits, of the model as it is `under` the policy."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Model:
    """A model at its declared sizes.

    `function` is evaluation; `training` is the same text in training mode, or None where they are equal.
    `traits` describe `training` (or `function` where that is None).
    """

    name: str
    function: Function
    inputs: tuple[Array, ...]
    output: Array | tuple[Array, ...]
    slots: tuple[Slot, ...]
    training: Function | None = None
    traits: Traits = NO_TRAITS
    draws: bool = False
    """Whether evaluation draws too (measurement shots)."""
    exporter: Exporter | None = field(default=None, repr=False, compare=False)
    """Writes the circuits as OpenQASM; the compiler gives it, for the run time does not know the compiler."""

    placer: Callable[[tuple[str, ...]], Model] | None = field(default=None, repr=False, compare=False)
    """Puts the model under profiles; the compiler gives it too."""

    memory: int | None = field(default=None, repr=False, compare=False)
    """Bytes that results may take; the compiler gives it."""

    renamed: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Paths of older checkpoints and what they are today, as the file says."""

    @property
    def parameters(self) -> int:
        """The number of trained numbers."""
        return sum(prod(slot.shape) for slot in self.slots if slot.kind == "weight")

    def init(self, key: jax.Array | int, precision: Precision = "f32") -> Variables:
        """Initial variables from a JAX key or a seed."""
        return initial(self.slots, _as_key(key), precision)

    def apply(self, variables: Variables, *inputs: Any, key: jax.Array | int = 0) -> Any:
        """The model's value, in evaluation mode, for one sample or any leading batch axes.

        Shots follow from the key. Raises WrongInputShape, WrongInputType, WrongInputCount, UnequalBatches,
        BeyondMemory.
        """
        batch, arrays = self._batched(variables, inputs)
        keys = (keys_of(_as_key(key), batch),) if self.draws else ()
        return self._of_all_samples(batch, self.function(variables.merged(), *keys, *arrays))

    def apply_train(self, variables: Variables, *inputs: Any, key: jax.Array | int = 0) -> tuple[Any, Tree]:
        """The model's value in training mode, and the state that follows. Raises as `apply` does."""
        batch, arrays = self._batched(variables, inputs)
        keys = (keys_of(_as_key(key), batch),) if self.traits.draws else ()
        value = (self.training or self.function)(variables.merged(), *keys, *arrays)
        if not self.traits.state:
            return self._of_all_samples(batch, value), variables.state
        return self._of_all_samples(batch, value[0]), merge(variables.state, value[1])

    def _batched(self, variables: Variables, inputs: Any) -> tuple[tuple[int, ...], list[jax.Array]]:
        """The batch and the inputs, where their results fit into memory."""
        precision = _precision(variables)
        batch, arrays = batched_inputs(self.name, self.inputs, inputs, precision)
        outputs = self.output if isinstance(self.output, tuple) else (self.output,)
        refuse_results(self.name, outputs, batch, precision, self.memory)
        return batch, arrays

    def _of_all_samples(self, batch: tuple[int, ...], value: Any) -> Any:
        """A value with the axes of the batch, also where it depends on no input."""
        if isinstance(self.output, tuple):
            return tuple(
                jnp.broadcast_to(one, (*batch, *array.shape)) for one, array in zip(value, self.output)
            )
        return jnp.broadcast_to(value, (*batch, *self.output.shape))

    def predict(self, variables: Variables, *inputs: Any) -> Any:
        """The model's value as NumPy arrays, compiled once per shape. Raises as `apply` does."""
        precision = _precision(variables)
        with jax.enable_x64(precision == "f64"):
            _, arrays = batched_inputs(self.name, self.inputs, inputs, precision)
            return jax.tree.map(np.asarray, _compiled_apply(self, variables, tuple(arrays)))

    def score(self, variables: Variables, x: Any, y: Any) -> float:
        """Accuracy of the largest output where `y` are labels; else the coefficient of determination."""
        y, found = np.asarray(y), self.predict(variables, x)
        if y.dtype.kind in "iub":
            return float(np.mean(found.argmax(axis=-1) == y))
        return float(1 - np.sum((found - y) ** 2) / np.sum((y - y.mean(axis=0)) ** 2))

    def qasm(
        self,
        variables: Variables | None = None,
        version: Literal["3", "2.0"] = "3",
        flat: bool = False,
        **inputs: Any,
    ) -> dict[str, str]:
        """The model's circuits as OpenQASM programs by path (`digits.vqc[0]`).

        Weights of `variables` and `inputs` (a circuit's own parameters, one sample) are bound; what is not
        given stays an `input` of the program, which version 2.0 does not have. `flat` writes loops and
        sub-circuits out, for readers without loops over arrays. Raises NotExportable for a model that was
        not compiled here, and the compiler's CompileError for what OpenQASM cannot say.
        """
        if self.exporter is None:
            raise NotExportable(model=self.name)
        return self.exporter(variables, version, inputs, is_flat=flat)

    def under(self, *profiles: str) -> Model:
        """The model under a policy and an execution profile of its file, or one of them, with their numbers.

        `model.under("edge", "lab(1024)")` has the same slots, and those that calibration fills; a further
        `under` replaces the one of its kind. Raises UnknownEntry for names that the file does not declare,
        CompileError for numbers that do not fit, NotExportable for a model of an emitted module.
        """
        if self.placer is None:
            raise NotExportable(model=self.name)
        return replace(self.placer(profiles), renamed=self.renamed)

    def save(self, variables: Variables, path: str, *, force: bool = False) -> None:
        """Write a checkpoint. Raises OutputExists, CannotWrite."""
        from hqn.runtime.checkpoint import of_model, write_checkpoint

        write_checkpoint(path, of_model(self, variables), force=force)

    def restore(self, path: str, renamed: tuple[tuple[str, str], ...] = ()) -> Variables:
        """The variables of a checkpoint of this model or of a run that trained it.

        Raises NotACheckpoint, ForeignCheckpoint, WrongSlotShape.
        """
        from hqn.runtime.checkpoint import restore_model

        return restore_model(path, self, renamed)


class Named(dict[str, T]):
    """Entries by name, with a coded error where a name is not among them."""

    def __init__(self, kind: str, entries: Iterable[tuple[str, T]]) -> None:
        super().__init__(entries)
        self.kind = kind

    def __missing__(self, name: str) -> T:
        known = ", ".join(f"`{key}`" for key in self) or "none"
        raise UnknownEntry(kind=self.kind, name=name, known=known)


class Program:
    """A compiled file: `models`, `data` and `runs` by name, and its `asserts` outside of runs.

    `text` is the emitted module itself, `name` the file that it was compiled from. `renamed` maps paths of
    older checkpoints to those of today. `memory` are the bytes that a step of a run may take.
    """

    def __init__(
        self,
        models: Iterable[Model] = (),
        data: Iterable[Data] = (),
        runs: Iterable[Run] = (),
        renamed: tuple[tuple[str, str], ...] = (),
        *,
        name: str = "module",
        text: str = "",
    ) -> None:
        self.models = Named("model", ((model.name, replace(model, renamed=renamed)) for model in models))
        self.data = Named("data", ((block.name, block) for block in data))
        performed = [Performable(run, self) for run in runs]
        self.runs = Named("run", ((one.spec.name, one) for one in performed if not one.spec.top))
        self.asserts = tuple(one for one in performed if one.spec.top)
        self.renamed, self.name, self.text = renamed, name, text
        self.memory: int | None = None

    def __repr__(self) -> str:
        return f"Program({self.name!r}, models={[*self.models]}, data={[*self.data]}, runs={[*self.runs]})"


@dataclass(frozen=True, slots=True)
class Performable:
    """A run that can be performed: `program.runs["fit"].fit()`."""

    spec: Run
    program: Program = field(repr=False)

    def fit(self, **options: Any) -> Result:
        """Perform the run, after the runs that it starts from where their `results` are not given.

        Options: `seeds`, `precision`, `data`, `results` (by run), `show` (called with each `Progress`).
        Raises as `training.train` does, and AssertFailed where an assertion does not hold.
        """
        from hqn.runtime.training import enforce, train

        results = self._earlier(options.pop("results", None), options.get("show"))
        return enforce(train(self.program, self.spec, results=results, **options))

    def check_gradient(
        self, first: str = "own", second: str = "finite_difference", **options: Any
    ) -> GradientCheck:
        """Compare the gradient of the first `minimize` on its first batch by two methods, in f64; the mean of
        several, where it is estimated.

        Methods: `own` (by which the run trains), `reverse` (of the simulation), `finite_difference` (of the
        loss). Options: `seed`, `data`, `results`. Raises NoGradient, UnknownEntry.
        """
        from hqn.runtime.gradient_check import METHODS
        from hqn.runtime.training import check_gradient

        for name in (first, second):
            if name not in METHODS:
                raise UnknownEntry(kind="gradient method", name=name, known=", ".join(METHODS))
        options["results"] = self._earlier(options.pop("results", None))
        return check_gradient(self.program, self.spec, (first, second), **options)

    def _earlier(self, given: Mapping[str, Result] | None, show: Any = None) -> dict[str, Result]:
        """The results of the runs that this one starts from, which are performed where they are not given."""
        results = dict(given or {})
        for needed in self.spec.after:
            if needed not in results:
                results[needed] = self.program.runs[needed].fit(results=results, show=show)
        return results


@partial(jax.jit, static_argnums=0)
def _compiled_apply(model: Model, variables: Variables, inputs: tuple[Any, ...]) -> Any:
    return model.apply(variables, *inputs)


def _as_key(key: jax.Array | int) -> jax.Array:
    return jax.random.key(key) if isinstance(key, int) else key


def _precision(variables: Variables) -> Precision:
    """That of the weights; of a model without any, what JAX computes in."""
    dtypes = {leaf.dtype.name for leaf in jax.tree.leaves((variables.params, variables.frozen))}
    wide = bool(dtypes & {"float64", "complex128"}) if dtypes else jnp.asarray(0.0).dtype == jnp.float64
    return "f64" if wide else "f32"
