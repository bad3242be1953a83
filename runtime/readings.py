"""Readings: a run's small expressions over its own numbers, `acc[last] >= 0.96`, `1e-2 * (1 - progress)`.

What came before: prefix-form tuples in the emitted module. What leaves: numbers. Invariant: model arithmetic
never goes through here; a reading sees only what emitted functions computed.

Words: numbers and truth values stand for themselves; `("series", name)`, `("series", name, run)`,
`("on", i)` (an evaluation over a split, one value per sample), `("value", i)` (an evaluation without data),
`("epoch",)`, `("step",)`, `("progress",)`, `("at", e, i)`, `("last", e)`, operators, functions of
`FUNCTIONS`, and the reductions of `OVER_SEEDS`, which take the seeds together.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

from hqn.runtime.spec import Reading

Leaf: TypeAlias = "Callable[[tuple[Any, ...]], Any]"
"""Gives the value of a leaf such as `("series", "acc")`."""

OPERATORS: Mapping[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge, "and": operator.and_, "or": operator.or_,
    "neg": operator.neg,
}  # fmt: skip
FUNCTIONS: Mapping[str, tuple[str, int]] = {
    "abs": ("abs", 1), "sqrt": ("sqrt", 1), "exp": ("exp", 1), "log": ("log", 1), "sin": ("sin", 1),
    "cos": ("cos", 1), "not": ("logical_not", 1), "minimum": ("minimum", 2), "maximum": ("maximum", 2),
}  # fmt: skip
REDUCTIONS = ("mean", "min", "max", "sum", "std", "median")
OVER_SEEDS = {"least": "min", "greatest": "max", "seed_mean": "mean"}
LEAVES = ("series", "on", "value", "epoch", "step", "progress")


def read(reading: Reading, leaf: Leaf, xp: ModuleType = np) -> Any:
    """The value of a reading; `xp` is `numpy` or, for numbers that a step traces, `jax.numpy`."""
    if not isinstance(reading, tuple):
        return reading
    word, *rest = reading
    if word in LEAVES:
        return leaf(reading)
    args = [read(arg, leaf, xp) for arg in rest]
    if word in OPERATORS:
        return OPERATORS[word](*args)
    if word in FUNCTIONS:
        return getattr(xp, FUNCTIONS[word][0])(*args)
    if word in REDUCTIONS:
        return getattr(xp, word)(args[0])
    return OF_SERIES[word](*args)


def read_seeds(reading: Reading, leaves: Sequence[Leaf]) -> list[Any]:
    """The value of a reading for each seed, or one for all where it takes the seeds together."""
    joined = _joined(reading, leaves)
    return [read(joined, leaf) for leaf in leaves] if _depends(joined) else [read(joined, leaves[0])]


def _joined(reading: Reading, leaves: Sequence[Leaf]) -> Reading:
    """The reading with every reduction over seeds replaced by its value."""
    if not isinstance(reading, tuple):
        return reading
    word, *rest = reading
    if word in LEAVES:
        return reading
    if word in OVER_SEEDS:
        values = [np.asarray(read(rest[0], leaf)) for leaf in leaves]
        return float(getattr(np, OVER_SEEDS[word])(np.concatenate([value.reshape(-1) for value in values])))
    return (word, *(_joined(arg, leaves) for arg in rest))


def _depends(reading: Reading) -> bool:
    """Whether any leaf is left that differs between seeds."""
    return isinstance(reading, tuple) and (reading[0] in LEAVES or any(_depends(arg) for arg in reading[1:]))


def _at(series: Any, index: int) -> Any:
    return series[index]


def _last(series: Any) -> Any:
    return series[-1]


def _pearson(a: Any, b: Any) -> float:
    """Pearson's correlation coefficient of two series; 0 where one of them is constant."""
    a, b = np.asarray(a, float) - np.mean(a), np.asarray(b, float) - np.mean(b)
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size > 0 else 0.0


OF_SERIES: Mapping[str, Callable[..., Any]] = {"at": _at, "last": _last, "pearson": _pearson}


def shown(value: Any, digits: int = 4) -> str:
    """A value as reports print it: `0.9694`, `1,690`, `true`."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    array = np.asarray(value)
    return f"{float(array):.{digits}g}" if array.ndim == 0 else f"{array.dtype} array of shape {array.shape}"
