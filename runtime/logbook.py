"""What one seed of a run has reached: series, kept weights, and the words when it ends early.

What came before: carries and losses from the loop of `training`. What leaves: `Trained`, or an error that
carries one. Invariant: kept weights are finite and never those that gave a loss that is not finite.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

import jax
import numpy as np

from hqn.runtime.errors import HqnRuntimeError, Interrupted, NotFinite
from hqn.runtime.measuring import Measure, holds
from hqn.runtime.readings import read
from hqn.runtime.results import Progress, Trained
from hqn.runtime.spec import Run
from hqn.runtime.stepping import Carry, Flat


class StoppedEarly(Exception):
    """Carries what a run has so far out of its loop, with the reason."""

    def __init__(self, trained: Trained, error: HqnRuntimeError) -> None:
        super().__init__(str(error))
        self.trained, self.error = trained, error


@dataclass(slots=True)
class Logbook:
    """Fills while a seed is trained. `rest` are the arrays that no step changes."""

    run: Run
    seed: int
    rest: Flat
    steps: int = 0
    losses: list[tuple[float, ...]] = field(default_factory=list)
    series: dict[str, list[float]] = field(default_factory=dict)
    entries: dict[str, list[int]] = field(default_factory=dict)
    durations: list[float] = field(default_factory=list)
    """Seconds per step of every call."""
    last: Flat = field(default_factory=dict)
    """The newest weights; no loss of theirs is known yet."""
    good: tuple[int, Flat] = (0, {})
    """The newest weights whose loss is known to be finite, and the epoch they are from."""
    kept: tuple[int, Flat] | None = None
    """What `keep` chose."""

    def begins(self, carry: Carry) -> None:
        self.last = self.values(carry)
        self.good = (0, self.last)

    def values(self, carry: Carry) -> Flat:
        """Every array of the run by path."""
        return self.rest | carry.trained | carry.state

    def measures(self, measure: Measure, carry: Carry, count: int, *, ends: bool) -> None:
        """Extend the series that are due after `count` passes (steps without data), then see about `keep`."""
        due = [track for track in self.run.tracks if ends or count % track.every == 0]
        values = self.values(carry)
        leaf = measure.leaf(self.seed, values, self.series)
        for track in due:
            value = float(np.asarray(read(track.value, leaf)))
            self.series.setdefault(track.name, []).append(value)
            self.entries.setdefault(track.name, []).append(count)
        leaf = measure.leaf(self.seed, values, self.series)
        if due and self.run.keep is not None and holds(self.run.keep, leaf):
            self.kept = (len(self.losses), values)

    def stops(self, measure: Measure, carry: Carry) -> bool:
        """Whether the run's `stop` holds now."""
        if self.run.stop is None:
            return False
        return holds(self.run.stop, measure.leaf(self.seed, self.values(carry), self.series))

    def advances(self, before: Carry, after: Carry, losses: np.ndarray, seconds: float) -> None:
        """A call went well: the weights before it have finite losses, those after it are new."""
        self.good = (len(self.losses), self.values(before))
        self.last = self.values(after)
        self.steps += len(losses)
        self.durations.append(seconds / max(len(losses), 1))

    @property
    def step_seconds(self) -> float:
        """The time per step: the median over calls, so that cold ones do not count."""
        return median(self.durations) if self.durations else 0.0

    def calibrates(self, carry: Carry, found: Flat) -> None:
        """Quantized activations have new ranges, those of the weights as they are now."""
        if found:
            self.rest = self.rest | found
            self.last = self.values(carry)

    def passes(self, losses: np.ndarray) -> None:
        """A pass is complete: the mean loss of each `minimize` over its samples."""
        self.losses.append(tuple(float(loss) for loss in losses))

    def progress(self, epoch: int, epochs: int) -> Progress:
        tracks = {name: values[-1] for name, values in self.series.items()}
        return Progress(
            self.run.name,
            self.seed,
            epoch,
            epochs,
            self.steps,
            self.losses[-1],
            tracks,
            self.step_seconds,
            self.run.steps,
        )

    # --- endings ----------------------------------------------------------------------------------

    def finishes(self) -> Trained:
        """The outcome. Raises StoppedEarly where the very last update left weights that are not finite."""
        if not _finite(self.last):
            raise self.not_finite(np.zeros((0, 1)))
        epoch, values = self.kept or (len(self.losses), self.last)
        return self._trained(epoch, values)

    def not_finite(self, losses: np.ndarray) -> StoppedEarly:
        """A loss is not finite: the last of `losses`, those of the call that found it."""
        if len(losses) > 1:  # the call's first loss was finite, so its first weights are good
            self.good = (len(self.losses), self.last)
        value = losses[-1][~np.isfinite(losses[-1])][0] if len(losses) else "not finite after the update"
        error = NotFinite(
            run=self.run.name,
            seed=self.seed,
            value=value,
            step=self.steps + len(losses),
            epoch=len(self.losses) + 1,
            kept=_said(self.good[0]),
        )
        return StoppedEarly(self._trained(*self.good), error)

    def interrupted(self) -> StoppedEarly:
        """The user stopped the run; the newest weights are kept if they are finite."""
        epoch, values = (len(self.losses), self.last) if _finite(self.last) else self.good
        error = Interrupted(run=self.run.name, step=self.steps, epoch=len(self.losses), kept=_said(epoch))
        return StoppedEarly(self._trained(epoch, values), error)

    def _trained(self, epoch: int, values: Flat) -> Trained:
        return Trained(
            self.seed,
            {path: np.asarray(value) for path, value in values.items()},
            tuple(self.losses),
            {name: tuple(found) for name, found in self.series.items()},
            {name: tuple(found) for name, found in self.entries.items()},
            len(self.losses),
            self.steps,
            epoch,
        )


def _finite(values: Flat) -> bool:
    return all(bool(np.isfinite(leaf).all()) for leaf in jax.tree.leaves(values))


def _said(epoch: int) -> str:
    return f"the weights of epoch {epoch} are kept" if epoch else "the weights of the first epoch are kept"
