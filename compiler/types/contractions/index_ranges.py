"""Over which numbers the indices of a contraction run, and whether every position stays inside its axis.

What came before: factors with positions. What leaves: a range for every index, or both ends of a conflict.
Invariant: a range comes from a place where the index stands alone or from where it is said; nothing is
guessed from `x[i + j]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.source import Span
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.contractions import errors
from hqn.compiler.types.contractions.positions import Index, Position
from hqn.compiler.types.model import Rest, TensorType
from hqn.compiler.types.sizes import Dim

Report = Callable[[Diagnostic], None]


@dataclass(frozen=True, slots=True)
class ReadFactor:
    """A factor as read: a tensor with one position per axis; a number has none."""

    value: typed.Expr
    positions: tuple[Position, ...]
    text: str

    @property
    def shape(self) -> tuple[Dim, ...]:
        assert isinstance(self.value.type, TensorType)
        return tuple(size for size in self.value.type.shape if not isinstance(size, Rest))


@dataclass(frozen=True, slots=True)
class Range:
    size: Dim
    span: Span


class IndexRanges:
    """The ranges known so far; the first place that gives one counts, later ones must agree."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._ranges: dict[Index, Range] = {}

    def give(self, index: Index, size: Dim, span: Span) -> None:
        """One place that says how far an index runs."""
        known = self._ranges.setdefault(index, Range(size, span))
        if sizes.equal(known.size, size) is not False:
            return
        self._report(
            errors.IndexRangeConflict(
                span=span,
                index=str(index),
                here=sizes.show(size),
                there=sizes.show(known.size),
                other=known.span,
            )
        )

    def learn(self, factor: ReadFactor) -> None:
        """The ranges that plain positions give."""
        for position, size in zip(factor.positions, factor.shape, strict=True):
            if position.plain is not None:
                self.give(position.plain, size, position.span)

    def of(self, index: Index) -> Range | None:
        return self._ranges.get(index)

    def of_family(self, name: str) -> Range | None:
        """Of any member: in a definition one turn of a `prod` stands for all of them."""
        return next((known for index, known in self._ranges.items() if index.name == name), None)

    def every(self) -> Iterator[tuple[Index, Range]]:
        return iter(self._ranges.items())

    # --- positions inside their axes ---

    def check(self, factor: ReadFactor) -> None:
        """Every position of a factor against the size of its axis, where both are known."""
        for axis, (position, size) in enumerate(zip(factor.positions, factor.shape, strict=True)):
            if position.plain is None:
                self._check_position(factor, axis, position, size)

    def _check_position(self, factor: ReadFactor, axis: int, position: Position, size: Dim) -> None:
        low, high = self._reach(position, largest=False), self._reach(position, largest=True)
        if low is None or high is None:
            return
        reached = low if _is_negative(low) else high
        if not _is_negative(low) and not _is_negative(sizes.sub(sizes.sub(size, 1), high)):
            return
        self._report(
            errors.PositionOutOfRange(
                span=position.span,
                reached=sizes.show(reached),
                axis=axis,
                tensor=f"`{factor.text}`",
                size=sizes.show(size),
                ranges=tuple(self._shown(position)),
            )
        )

    def _shown(self, position: Position) -> Iterator[tuple[str, str, Span]]:
        for index in position.terms:
            known = self.of(index)
            if known is not None:
                yield str(index), sizes.show(known.size), known.span

    def _reach(self, position: Position, largest: bool) -> Dim | None:
        """The largest or smallest value of a position; None where an index has no range."""
        total = position.offset
        for index, coefficient in position.terms.items():
            known = self.of(index)
            if known is None or not isinstance(coefficient, int):
                return None
            if (coefficient > 0) == largest:
                total = sizes.add(total, sizes.mul(coefficient, sizes.sub(known.size, 1)))
        return total

    def fitting(self, index: Index, factors: list[ReadFactor]) -> str | None:
        """The largest range with which an index stays inside one of its axes: for a suggestion."""
        for factor in factors:
            for position, size in zip(factor.positions, factor.shape, strict=True):
                if position.terms.get(index) == 1:
                    others = {one: number for one, number in position.terms.items() if one != index}
                    high = self._reach(Position(others, position.offset, position.span), largest=True)
                    if high is not None:
                        return sizes.show(sizes.sub(size, high))
        return None


def _is_negative(dim: Dim) -> bool:
    return isinstance(dim, int) and dim < 0
