"""The run time's `rt`: what an emitted module is made of, and what Python does with it.

What came before: an emitted module, whose last statement is `PROGRAM = rt.Program(models, data, runs)`.
What leaves: `Program` with its models and runs by name. Invariant: `Model.init`, `apply` and `apply_train`
are pure: they work under `jax.jit`, `vmap` and `grad`, and keep nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import jax

from hqn.runtime.errors import UnknownEntry
from hqn.runtime.inputs import batched_inputs
from hqn.runtime.keys import Keys, keys_of
from hqn.runtime.spec import (
    NO_TRAITS,
    Arrange,
    Array,
    Assertion,
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
    Slot,
    Source,
    Split,
    Track,
    Traits,
)
from hqn.runtime.variables import Tree, Variables, initial, merge

ABI = 1
"""The number of the interface between emitted modules and this run time; a module says which it is for."""

__all__ = [
    "ABI", "Arrange", "Array", "Assertion", "Data", "Evaluation", "Fit", "Function", "Group", "Keys", "Let",
    "Map", "Minimize", "Model", "Optimiser", "Program", "Run", "Slot", "Source", "Split", "Track", "Traits",
    "Variables",
]  # fmt: skip


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
    """Whether evaluation draws too (measurement shots); it then uses key 0."""

    @property
    def parameters(self) -> int:
        """The number of trained numbers."""
        return sum(_size(slot.shape) for slot in self.slots if slot.kind == "weight")

    def init(self, key: jax.Array | int, precision: Literal["f32", "f64"] = "f32") -> Variables:
        """Initial variables from a JAX key or a seed."""
        return initial(self.slots, _as_key(key), precision)

    def apply(self, variables: Variables, *inputs: Any) -> Any:
        """The model's value, in evaluation mode, for one sample or any leading batch axes.

        Raises WrongInputShape, WrongInputType, WrongInputCount, UnequalBatches.
        """
        batch, arrays = batched_inputs(self.name, self.inputs, inputs, _precision(variables))
        keys = (keys_of(jax.random.key(0), batch),) if self.draws else ()
        return self.function(variables.merged(), *keys, *arrays)

    def apply_train(self, variables: Variables, *inputs: Any, key: jax.Array | int) -> tuple[Any, Tree]:
        """The model's value in training mode, and the state that follows."""
        batch, arrays = batched_inputs(self.name, self.inputs, inputs, _precision(variables))
        keys = (keys_of(_as_key(key), batch),) if self.traits.draws else ()
        value = (self.training or self.function)(variables.merged(), *keys, *arrays)
        if not self.traits.state:
            return value, variables.state
        return value[0], merge(variables.state, value[1])


@dataclass(frozen=True)
class Program:
    """A compiled file: `models`, `data` and `runs` by name; `text` is the emitted module itself."""

    models: Any = ()
    data: Any = ()
    runs: Any = ()
    renamed: tuple[tuple[str, str], ...] = ()
    name: str = field(default="<module>", compare=False)
    text: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        for kind in ("models", "data", "runs"):
            entries = getattr(self, kind)
            if not isinstance(entries, dict):
                object.__setattr__(self, kind, Named(kind, {entry.name: entry for entry in entries}))


class Named(dict[str, Any]):
    """A dict that says what it holds when a name is not in it."""

    def __init__(self, kind: str, entries: dict[str, Any]) -> None:
        super().__init__(entries)
        self.kind = kind

    def __missing__(self, name: str) -> Any:
        known = ", ".join(f"`{key}`" for key in self) or "none"
        raise UnknownEntry(kind=self.kind.removesuffix("s"), name=name, known=known)


def _as_key(key: jax.Array | int) -> jax.Array:
    return jax.random.key(key) if isinstance(key, int) else key


def _precision(variables: Variables) -> str:
    dtypes = {leaf.dtype.name for leaf in jax.tree.leaves((variables.params, variables.frozen))}
    return "f64" if dtypes & {"float64", "complex128"} else "f32"


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for dim in shape:
        size *= dim
    return size
