"""What training leaves: variables, series and measurements of each seed, and what was asserted.

What came before: `training.train`. What leaves: `Result`, for Python, checkpoints and reports. Invariant: a
result holds finite weights only; an interrupted or failed run keeps those of its last good pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hqn.runtime.data import Prepared
from hqn.runtime.errors import UnknownEntry, WhichModel
from hqn.runtime.sharing import shared
from hqn.runtime.spec import Assertion, Let, Run, Slot
from hqn.runtime.variables import Variables, by_kind, is_at

if TYPE_CHECKING:
    from hqn.runtime.program import Model, Program


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of progress: after a pass over the data (or a stretch of steps, without data)."""

    run: str
    seed: int
    epoch: int
    epochs: int
    step: int
    losses: tuple[float, ...]
    tracks: Mapping[str, float]
    step_seconds: float
    steps: int | None = None
    """How many steps the run takes, where it says that and not epochs."""


@dataclass(frozen=True, slots=True)
class Trained:
    """One seed's outcome. `values` are the NumPy arrays of all slots by path.

    `losses` has one row per pass, the mean of each `minimize` over its samples. `series` has the values of
    each `track`, the first from before training; `entries` are the epochs (or steps) of those values.
    `kept` is the epoch whose weights these are.
    """

    seed: int
    values: Mapping[str, Any]
    losses: tuple[tuple[float, ...], ...] = ()
    series: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    entries: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    epochs: int = 0
    steps: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """An assertion and what came out: `values` are both sides of a comparison, per seed."""

    assertion: Assertion
    holds: bool
    values: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a run leaves. `finished` is False where it was interrupted or its loss was not finite."""

    run: Run
    program: Program
    seeds: tuple[Trained, ...]
    data: Prepared | None = None
    checks: tuple[Checked, ...] = ()
    precision: str = "f32"
    step_seconds: float = 0.0
    compile_seconds: float = 0.0
    finished: bool = True

    @property
    def best(self) -> Trained:
        """The seed of the smallest last loss; the first seed where nothing was minimised."""
        return min(self.seeds, key=lambda seed: seed.losses[-1][0] if seed.losses else 0.0)

    def of_seed(self, number: int) -> Trained:
        """What a seed reached; the best one where that seed was not performed."""
        return next((seed for seed in self.seeds if seed.seed == number), self.best)

    @property
    def variables(self) -> Variables:
        """All slots of the run, of the best seed."""
        return by_kind(self.run.slots, self.best.values)

    @property
    def parameters(self) -> int:
        """The number of trained numbers."""
        return sum(int(np.prod(slot.shape)) for slot in self.run.slots if slot.kind == "weight")

    def model(self, name: str | None = None) -> tuple[Model, Variables]:
        """The model and the trained variables of one `let`; `name` may be left out where there is one.

        The model of an instance `under` a policy is the quantized one.
        """
        let = self._let(name)
        found = self.program.models[str(let.model)]
        slots = self._slots(let)
        values = shared(self.run, dict(self.best.values))
        variables = by_kind(slots, {slot.path: values[f"{let.name}.{slot.path}"] for slot in slots})
        return (found if let.calibration is None else self._quantized(found, let, slots)), variables

    def _slots(self, let: Let) -> tuple[Slot, ...]:
        """The slots of an instance by path in it, those that it shares included."""
        owners = [let.name, *((let.shares,) if let.shares else ())]
        inside = [(slot, name) for name in owners for slot in self.run.slots if is_at(slot.path, name)]
        own = {slot.path.removeprefix(f"{name}."): slot for slot, name in reversed(inside)}
        return tuple(replace(slot, path=path) for path, slot in own.items())

    def _quantized(self, model: Model, let: Let, slots: tuple[Slot, ...]) -> Model:
        """The model as the instance's policy executes it."""
        calibration, policy = let.calibration, let.policy
        assert calibration is not None and policy is not None
        return replace(
            model,
            function=calibration.integer or calibration.function,
            training=calibration.training or calibration.function,
            slots=slots,
            exporter=model.exporter and partial(model.exporter, policy=policy),
            placer=model.placer and partial(_placed_after, model, policy),
        )

    def predict(self, *inputs: Any, model: str | None = None) -> Any:
        """The trained model's value for samples given as arrays."""
        found, variables = self.model(model)
        return found.predict(variables, *inputs)

    def score(self, x: Any, y: Any, *, model: str | None = None) -> float:
        """Accuracy for labels, the coefficient of determination for numbers."""
        found, variables = self.model(model)
        return found.score(variables, x, y)

    def save(self, path: str, *, force: bool = False) -> None:
        """Write a checkpoint of the best seed. Raises OutputExists, CannotWrite."""
        from hqn.runtime.checkpoint import of_result, write_checkpoint

        write_checkpoint(path, of_result(self), force=force)

    def _let(self, name: str | None) -> Let:
        models = {let.name: let for let in self.run.lets if let.model is not None}
        if name is None and len(models) == 1:
            return next(iter(models.values()))
        if name is None:
            what = f"run `{self.run.name}` has {len(models)} models; say which one: {', '.join(models)}"
            raise WhichModel(what=what)
        if name not in models:
            raise UnknownEntry(kind="model of the run", name=name, known=", ".join(models) or "none")
        return models[name]


def _placed_after(model: Model, policy: str, profiles: tuple[str, ...]) -> Model:
    """What is under a policy stays under it, beside an execution profile."""
    return model.under(policy).under(*profiles)
