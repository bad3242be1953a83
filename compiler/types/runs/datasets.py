"""Data sets that a file may name: what the checker knows of them without loading anything.

What came before: nothing. What leaves: sizes and types of one sample. Invariant: the run time's loaders give
exactly this; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.types.runs.specs import Array


@dataclass(frozen=True, slots=True)
class Dataset:
    """`count` samples of these fields."""

    count: int
    fields: tuple[Array, ...]


def _labelled(count: int, shape: tuple[int, ...], classes: int) -> Dataset:
    return Dataset(count, (Array("x", shape), Array("y", (), "i32", classes)))


DATASETS: dict[str, Dataset] = {
    "digits_8x8": _labelled(1797, (8, 8), 10),
    "iris": _labelled(150, (4,), 3),
    "wine": _labelled(178, (13,), 3),
    "breast_cancer": _labelled(569, (30,), 2),
}
"""Sets that come with scikit-learn."""
