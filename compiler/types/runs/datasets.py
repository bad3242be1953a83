"""Data sets that a file may name: what the checker knows of them without loading anything.

What came before: nothing. What leaves: sizes and types of one sample. Invariant: the run time's loaders give
exactly this; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.types.runs.specs import Array


@dataclass(frozen=True, slots=True)
class Dataset:
    """`count` samples of these fields; of labelled ones, how many have each label."""

    count: int
    fields: tuple[Array, ...]
    per_class: tuple[int, ...] = ()


def _labelled(shape: tuple[int, ...], *per_class: int) -> Dataset:
    fields = (Array("x", shape), Array("y", (), "i32", len(per_class)))
    return Dataset(sum(per_class), fields, per_class)


_IMAGE = (28, 28)
DATASETS: dict[str, Dataset] = {
    "digits_8x8": _labelled((8, 8), 178, 182, 177, 183, 181, 182, 181, 179, 174, 180),
    "iris": _labelled((4,), 50, 50, 50),
    "wine": _labelled((13,), 59, 71, 48),
    "breast_cancer": _labelled((30,), 212, 357),
    "mnist": _labelled(_IMAGE, 6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958),
    "fashion_mnist": _labelled(_IMAGE, *[7000] * 10),
    "breast_mnist": _labelled(_IMAGE, 210, 570),
    "pneumonia_mnist": _labelled(_IMAGE, 1583, 4273),
}
"""Sets that come with scikit-learn, and from `mnist` on those that the run time looks for in `HQN_DATA`: the
official train samples, then the official test samples."""

GRID = "linspace"
"""`linspace(n, a, b)` is no set, but n evenly spaced numbers from a to b, as the field x."""


def grid(count: int) -> Dataset:
    return Dataset(count, (Array("x", ()),))
