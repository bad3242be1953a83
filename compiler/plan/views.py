"""How a contraction reads each of its factors: affine positions become views with one index per axis.

What came before: `tn.contract`, whose factors have affine positions (`phi[2*i + a, 0]`). What leaves: per
factor a `View`, the few array operations after which every axis is one plain index, or nothing to do.
Invariant: evaluating the views and then a plain Einstein sum gives the contraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hqn.compiler.ir.tensors import shape
from hqn.compiler.ir.tn import Position, Term


@dataclass(frozen=True, slots=True)
class Pick:
    """A constant position: the axis disappears."""

    position: int


@dataclass(frozen=True, slots=True)
class Whole:
    """The axis is read as it stands, by one index."""

    index: int


@dataclass(frozen=True, slots=True)
class Strided:
    """`step * index + start` over `count` elements; `step` may be negative."""

    index: int
    start: int
    step: int
    count: int


@dataclass(frozen=True, slots=True)
class Split:
    """The axis is cut into equal runs without overlap: `c*i + a` with a < c. Indices from slow to fast."""

    indices: tuple[int, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """Any other affine position: `sum(factor * index) + start`, read through a table of positions."""

    indices: tuple[int, ...]
    sizes: tuple[int, ...]
    factors: tuple[int, ...]
    start: int


Axis = Pick | Whole | Strided | Split | Window


@dataclass(frozen=True, slots=True)
class View:
    """One factor: how each of its axes is read."""

    axes: tuple[Axis, ...]

    @property
    def indices(self) -> tuple[int, ...]:
        """The index of each axis of the view, in order; an index may occur more than once."""
        return tuple(index for axis in self.axes for index in indices_of(axis))

    @property
    def is_plain(self) -> bool:
        """Whether the factor is read as it stands."""
        return all(isinstance(axis, Whole) for axis in self.axes)


def indices_of(axis: Axis) -> tuple[int, ...]:
    match axis:
        case Pick():
            return ()
        case Whole() | Strided():
            return (axis.index,)
        case Split() | Window():
            return axis.indices


def view(term: Term, sizes: Sequence[int]) -> View:
    """The view of one factor; `sizes` are those of the contraction's indices."""
    return View(tuple(_axis(*item, sizes) for item in zip(term.positions, shape(term.value))))


def _axis(position: Position, dim: int, sizes: Sequence[int]) -> Axis:
    if not position.terms:
        return Pick(position.offset)
    if len(position.terms) == 1:
        return _one_index(position, dim, sizes)
    terms = sorted(position.terms, key=lambda term: -abs(term[1]))
    indices = tuple(index for index, _ in terms)
    counts = tuple(sizes[index] for index in indices)
    factors = tuple(factor for _, factor in terms)
    if position.offset == 0 and factors == _strides(counts) and _product(counts) == dim:
        return Split(indices, counts)
    return Window(indices, counts, factors, position.offset)


def _one_index(position: Position, dim: int, sizes: Sequence[int]) -> Axis:
    ((index, step),) = position.terms
    if position.plain is not None and sizes[index] == dim:
        return Whole(index)
    return Strided(index, position.offset, step, sizes[index])


def _strides(counts: tuple[int, ...]) -> tuple[int, ...]:
    """The row-major strides of an array of this shape."""
    return tuple(_product(counts[place + 1 :]) for place in range(len(counts)))


def _product(numbers: Sequence[int]) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result
