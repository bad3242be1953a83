"""Training of runs: seeds, passes over the data, what is tracked, and when to stop.

What came before: a run of a program and, where it starts from others, their results. What leaves: `Result`.
Invariants: the order of samples and every draw follow from the seed; weights that led to a loss that is not
finite are never kept; no process-wide flag is set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from math import gcd
from time import perf_counter
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.batches import Table, stretches
from hqn.runtime.calibration import CALIBRATED, Calibrator
from hqn.runtime.data import Prepared, prepare
from hqn.runtime.errors import AssertFailed, NoGradient, NoSuchResult
from hqn.runtime.gradient_check import GradientCheck, compare
from hqn.runtime.logbook import Logbook, StoppedEarly
from hqn.runtime.measuring import Measure, check
from hqn.runtime.results import Progress, Result, Trained
from hqn.runtime.spec import Precision, Run
from hqn.runtime.stepping import Carry, Flat, Position, Stepper
from hqn.runtime.variables import initial, is_at, stored_dtype

if TYPE_CHECKING:
    from hqn.runtime.program import Program

LONGEST_CALL = 100
"""Steps in one compiled call at most, so that an interruption is noticed soon."""

Show = Callable[[Progress], None]


def train(
    program: Program,
    run: Run,
    *,
    seeds: tuple[int, ...] | None = None,
    precision: Precision | None = None,
    data: Prepared | None = None,
    results: Mapping[str, Result] | None = None,
    show: Show | None = None,
) -> Result:
    """Perform a run whose predecessors' `results` are given.

    `data` stands for the run's own data block. Raises NoSuchResult; NotFinite and Interrupted, whose
    `result` holds what was reached. Assertions that fail are in `Result.checks`; see `enforce`.
    """
    known = _needed(run, results)
    if run.top and seeds is None:
        seeds = tuple(sorted({one.seed for needed in run.after for one in known[needed].seeds}))
    run = replace(run, seeds=seeds or run.seeds, precision=precision or run.precision)
    with jax.enable_x64(run.precision == "f64"):
        return _Training(program, run, _data(program, run, data), known, show).perform()


def check_gradient(
    program: Program,
    run: Run,
    methods: tuple[str, str],
    *,
    seed: int | None = None,
    data: Prepared | None = None,
    results: Mapping[str, Result] | None = None,
) -> GradientCheck:
    """Compare the gradient of the run's first `minimize`, before its first step, by two methods.

    Raises NoSuchResult, NoGradient.
    """
    known = _needed(run, results)
    if not run.minimize:
        raise NoGradient(run=run.name)
    run = replace(run, seeds=run.seeds if seed is None else (seed,), precision="f64")
    with jax.enable_x64(True):
        return _Training(program, run, _data(program, run, data), known, None).check_gradient(methods)


def _needed(run: Run, results: Mapping[str, Result] | None) -> Mapping[str, Result]:
    """The results of the runs that a run starts from."""
    known = results or {}
    for needed in run.after:
        if needed not in known:
            raise NoSuchResult(run=run.name, needed=needed)
    return known


def _data(program: Program, run: Run, given: Prepared | None) -> Prepared | None:
    return prepare(program.data[run.source.data]) if given is None and run.source is not None else given


def enforce(result: Result) -> Result:
    """The result, if everything asserted holds. Raises AssertFailed for the first that does not."""
    for found in result.checks:
        if not found.holds:
            place, text = found.assertion.place, found.assertion.text
            error = AssertFailed(place=place, text=text, values=found.values)
            error.result = result
            raise error
    return result


@dataclass(slots=True)
class _Training:
    """One performance of a run; `perform` is the only entry."""

    program: Program
    run: Run
    data: Prepared | None
    results: Mapping[str, Result]
    show: Show | None
    stepper: Stepper = None  # type: ignore[assignment]
    measure: Measure = None  # type: ignore[assignment]
    calibrate: Calibrator = None  # type: ignore[assignment]
    log: Logbook = None  # type: ignore[assignment]
    fields: tuple[jax.Array, ...] = ()

    def perform(self) -> Result:
        self._prepare()
        done: list[Trained] = []
        for seed in self.run.seeds:
            try:
                done.append(self._seed(seed))
            except (StoppedEarly, KeyboardInterrupt) as reason:
                stopped = reason if isinstance(reason, StoppedEarly) else self.log.interrupted()
                stopped.error.result = self._result((*done, stopped.trained), finished=False)
                raise stopped.error from None
        return self._result(tuple(done), finished=True)

    def check_gradient(self, methods: tuple[str, str]) -> GradientCheck:
        self._prepare()
        seed = self.run.seeds[0]
        carry, rest = self.stepper.begin(self._initial(seed), seed)
        count = len(self.fields[0]) if self.fields else 0
        first = stretches(seed, 0, count, self._batch(), padded=self._pads())[0]
        key = jax.random.key(seed)
        return compare(
            self.run.name, methods, *self.stepper.first_loss(carry, rest, self.fields, first.table, key)
        )

    def _prepare(self) -> None:
        splits = self._splits()
        source = self.run.source
        self.fields = splits[source.split] if source else ()
        self.stepper = Stepper(self.run, self._total(), self._per_epoch(), self.program.memory)
        self.measure = Measure(self.run, splits, self.results)
        self.calibrate = Calibrator(self.program, self.run)

    def _result(self, done: tuple[Trained, ...], *, finished: bool) -> Result:
        leaves = [self.measure.leaf(trained.seed, trained.values, trained.series) for trained in done]
        checks = tuple(check(assertion, leaves) for assertion in self.run.asserts) if finished else ()
        return Result(
            self.run, self.program, done, self.data, checks, self.run.precision,
            self.log.step_seconds, self.stepper.compile_seconds, finished,
        )  # fmt: skip

    # --- what a run is made of --------------------------------------------------------------------

    def _splits(self) -> dict[str, tuple[jax.Array, ...]]:
        """The bound fields of every split, in the functions' order."""
        if self.run.source is None or self.data is None:
            return {}
        return {
            split: tuple(self._array(fields[name]) for name in self.run.source.fields)
            for split, fields in self.data.splits.items()
        }

    def _array(self, values: np.ndarray) -> jax.Array:
        wide = stored_dtype("f32", self.run.precision)
        return jnp.asarray(values, wide if values.dtype.kind == "f" else None)

    def _batch(self) -> int:
        count = len(self.fields[0]) if self.fields else 1
        batch = self.run.source.batch if self.run.source else None
        return min(batch or count, count)

    def _per_epoch(self) -> int:
        """Steps of a pass; without data, the stretch between two entries of the tracked series."""
        if self.fields:
            return -(-len(self.fields[0]) // self._batch())
        every = reduce(gcd, (track.every for track in self.run.tracks), 0)
        return max(1, min(every or LONGEST_CALL, self.run.steps or 1))

    def _total(self) -> int:
        if not self.run.minimize:
            return 0
        return self.run.steps if self.run.steps is not None else (self.run.epochs or 0) * self._per_epoch()

    def _initial(self, seed: int) -> Flat:
        """Initial values of all slots, those of `from` taken from the results they come from."""
        drawn = initial(self.run.slots, jax.random.key(seed), self.run.precision).flat()
        for let in self.run.lets:
            if let.origin is None:
                continue
            run, path = let.origin
            taken = self.results[run].of_seed(seed).values
            for slot in self.run.slots:
                source = path + slot.path[len(let.name) :]
                if is_at(slot.path, let.name) and (slot.role != CALIBRATED or source in taken):
                    drawn[slot.path] = jnp.asarray(taken[source], drawn[slot.path].dtype)
        return drawn | self.calibrate(drawn)

    # --- one seed ---------------------------------------------------------------------------------

    def _seed(self, seed: int) -> Trained:
        carry, rest = self.stepper.begin(self._initial(seed), seed)
        log = self.log = Logbook(self.run, seed, rest)
        log.begins(carry)
        per_epoch, total = self.stepper.per_epoch, self.stepper.total
        turns = -(-total // per_epoch)
        log.measures(self.measure, carry, 0, ends=not turns)
        for turn in range(turns):
            carry = self._pass(carry, turn, min(per_epoch, total - turn * per_epoch))
            log.calibrates(carry, self.calibrate(log.values(carry)))
            log.measures(self.measure, carry, self._count(turn + 1), ends=turn + 1 == turns)
            if self.show:
                self.show(log.progress(turn + 1, turns))
            if log.stops(self.measure, carry):
                break
        return log.finishes()

    def _count(self, turn: int) -> int:
        """Passes or, without data, steps made after `turn` turns: what `every` counts."""
        return turn if self.fields else min(turn * self.stepper.per_epoch, self.stepper.total)

    def _pass(self, carry: Carry, turn: int, steps: int) -> Carry:
        """One pass over the data, in calls of at most `LONGEST_CALL` steps."""
        losses, counts = [], []
        count = len(self.fields[0]) if self.fields else 0
        batch, per_epoch = self._batch(), self.stepper.per_epoch
        for stretch in stretches(self.log.seed, turn, count, batch, padded=self._pads(), steps=per_epoch):
            stop = min(len(stretch.counts), steps)
            steps -= stop
            for start in range(0, stop, LONGEST_CALL):
                end = min(start + LONGEST_CALL, stop)
                carry, found = self._call(carry, stretch.table, turn, start, end)
                losses.append(found)
                counts.append(stretch.counts[start:end])
        self.log.passes(np.average(np.concatenate(losses), axis=0, weights=np.concatenate(counts)))
        return carry

    def _pads(self) -> bool:
        """Whether a short last batch is padded; a batch mean inside the model would see the padding."""
        return not any(statement.traits.batch_mean for statement in self.run.minimize)

    def _call(self, carry: Carry, table: Table, turn: int, start: int, end: int) -> tuple[Carry, np.ndarray]:
        log = self.log
        position = Position(*(np.int32(n) for n in (turn, log.steps - start, start, end)))
        started, compiled = perf_counter(), self.stepper.compile_seconds
        key = jax.random.key(log.seed)
        after, losses = self.stepper.advance(carry, log.rest, self.fields, table, key, position)
        spent = perf_counter() - started - (self.stepper.compile_seconds - compiled)
        if not np.isfinite(losses).all():
            raise log.not_finite(losses)
        log.advances(carry, after, losses, spent)
        return after, losses
