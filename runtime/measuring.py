"""Evaluations and readings: what a run tracks, stops at, keeps and asserts.

What came before: the current arrays of a run. What leaves: numbers. Invariants: everything here is in
evaluation mode; a value over a split has one entry per sample, whatever the chunk that computed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.keys import keys_of
from hqn.runtime.readings import Leaf, read, read_seeds, shown
from hqn.runtime.results import Checked, Result
from hqn.runtime.sharing import shared
from hqn.runtime.spec import Assertion, Evaluation, Reading, Run
from hqn.runtime.variables import nested

SMALLEST_CHUNK = 256
"""Splits are evaluated in chunks of at least this many samples, or of the run's batch."""


@dataclass(slots=True)
class Measure:
    """Performs the evaluations of a run. `splits` are tuples of the bound fields by split."""

    run: Run
    splits: Mapping[str, tuple[jax.Array, ...]]
    others: Mapping[str, Result] = field(default_factory=dict)
    """The runs whose series this one reads: those of the same seed, or of the best one."""
    _compiled: dict[int, Any] = field(default_factory=dict)

    def leaf(self, seed: int, values: Mapping[str, jax.Array], series: Mapping[str, Sequence[float]]) -> Leaf:
        """Leaves of readings at the present arrays and series; an evaluation is performed once."""
        found: dict[Any, Any] = {}

        def at(leaf: tuple[Any, ...]) -> Any:
            if leaf not in found:
                found[leaf] = self._leaf(leaf, seed, values, series)
            return found[leaf]

        return at

    def _leaf(
        self, leaf: tuple[Any, ...], seed: int, values: Mapping[str, Any], series: Mapping[str, Any]
    ) -> Any:
        match leaf:
            case ("series", name):
                return np.asarray(series[name])
            case ("series", name, run):
                return np.asarray(self.others[run].of_seed(seed).series[name])
            case (_, int(number)):
                return self.evaluate(number, values)
        raise KeyError(leaf)

    def evaluate(self, number: int, values: Mapping[str, jax.Array]) -> np.ndarray:
        """An evaluation's value: one entry per sample of its split first, or none without a split."""
        evaluation = self.run.evaluations[number]
        function = self._compiled.setdefault(number, jax.jit(partial(_evaluate, self.run, evaluation)))
        if evaluation.split is None:
            return _wide(np.asarray(function(dict(values), (), jnp.zeros((), jnp.int32))))
        fields = self.splits[evaluation.split]
        return _wide(_in_chunks(function, dict(values), fields, self._chunk(len(fields[0]))))

    def _chunk(self, count: int) -> int:
        batch = self.run.source.batch if self.run.source else None
        return max(1, min(count, max(batch or count, SMALLEST_CHUNK)))


def _evaluate(
    run: Run, evaluation: Evaluation, values: Mapping[str, Any], fields: Any, numbers: jax.Array
) -> jax.Array:
    keys = (keys_of(jax.random.key(0), numbers.shape),) if evaluation.draws else ()
    value: jax.Array = evaluation.function(nested(shared(run, values).items()), *keys, *fields)
    if evaluation.split is None or value.ndim:
        return value
    return jnp.broadcast_to(value, numbers.shape)


def _wide(value: np.ndarray) -> np.ndarray:
    """Floats as f64, in which readings are computed: 18 right of 20 are 0.9, in f32 they would be less."""
    return value.astype(np.float64) if value.dtype.kind in "fV" else value


def _in_chunks(function: Any, values: Any, fields: tuple[jax.Array, ...], chunk: int) -> np.ndarray:
    """All samples, `chunk` at a time; the last chunk is filled up with its first sample, and cut."""
    count, found = len(fields[0]), []
    for start in range(0, count, chunk):
        numbers = np.arange(start, start + chunk)
        numbers = np.where(numbers < count, numbers, start)
        part = np.asarray(function(values, tuple(value[numbers] for value in fields), numbers))
        found.append(part[: count - start])
    return np.concatenate(found)


def holds(reading: Reading, leaf: Leaf) -> bool:
    """Whether a condition of `stop` or `keep` is true now."""
    return bool(np.all(read(reading, leaf)))


def check(assertion: Assertion, leaves: Sequence[Leaf]) -> Checked:
    """An assertion over all seeds: it holds where it holds for every one of them."""
    found = [bool(np.all(value)) for value in read_seeds(assertion.value, leaves)]
    return Checked(assertion, all(found), _sides(assertion.value, leaves))


def _sides(reading: Reading, leaves: Sequence[Leaf]) -> str:
    """Both sides of a comparison as numbers, a seed after the other: `0.9528 >= 0.96`."""
    if not isinstance(reading, tuple) or reading[0] not in ("==", "!=", "<", "<=", ">", ">="):
        return ", ".join(shown(value) for value in read_seeds(reading, leaves))
    operator, left, right = reading
    sides = [read_seeds(side, leaves) for side in (left, right)]
    count = max(map(len, sides))
    pairs = zip(*(side * (count // len(side)) for side in sides))
    return ", ".join(_compared(a, operator, b) for a, b in pairs)


def _compared(left: Any, operator: str, right: Any) -> str:
    """Two numbers with as many digits as it takes to tell them apart."""
    for digits in (4, 8, 17):
        a, b = shown(left, digits), shown(right, digits)
        if a != b or np.all(left == right):
            break
    return f"{a} {operator} {b}"
