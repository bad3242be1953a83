"""Positions of a contraction's factors: affine forms over index names.

What came before: an index item such as `2*i + a` or `l[s + 1]`, and a way to tell sizes from indices. What
leaves: a `Position`, or a reason why there is none. Invariant: an index of a family is told apart by its
subscripts in normal form, so `l[s + 1]` and `l[1 + s]` are one index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes
from hqn.compiler.types.sizes import Dim


@dataclass(frozen=True, slots=True)
class Index:
    """A plain index `i`, or the member `l[3]` of a family.

    `owner` is the number of the `sum` whose variable it is, 0 for an index of the whole statement.
    """

    name: str
    members: tuple[Dim, ...] = ()
    owner: int = 0

    def __str__(self) -> str:
        return f"{self.name}[{', '.join(map(str, self.members))}]" if self.members else self.name


@dataclass(frozen=True, slots=True)
class Position:
    """`sum(coefficient * index) + offset`; no coefficient is 0."""

    terms: Mapping[Index, Dim]
    offset: Dim
    span: Span = field(compare=False)

    @property
    def plain(self) -> Index | None:
        """The index, where it stands alone."""
        if len(self.terms) != 1 or self.offset != 0:
            return None
        ((index, coefficient),) = self.terms.items()
        return index if coefficient == 1 else None


@dataclass(frozen=True, slots=True)
class Bad(Exception):
    """Raised inside `PositionReader` only: what is wrong, and where."""

    why: str
    span: Span


class PositionReader:
    """Reads positions. `size` gives the number that an expression of names of sizes denotes.

    `constant` says whether a name is a size, a static or a `prod` variable; `summed` maps the variables of
    `sum(i in a..b)` to the positions they stand for.
    """

    def __init__(
        self,
        size: Callable[[ast.Expr], Dim],
        constant: Callable[[str], bool],
        summed: Mapping[str, Position],
    ) -> None:
        self._size = size
        self._constant = constant
        self._summed = summed

    def read(self, expr: ast.Expr) -> Position:
        """The position; raises `Bad` or `SizeError`."""
        if not self._has_index(expr):
            return Position({}, self._size(expr), expr.span)
        match expr:
            case ast.Name(name=name):
                return self._summed.get(name) or Position({Index(name): 1}, 0, expr.span)
            case ast.Subscript():
                return Position({self.member(expr): 1}, 0, expr.span)
            case ast.Unary(op="-"):
                return _scaled(self.read(expr.operand), -1, expr.span)
            case ast.Binary(op="+"):
                return _added(self.read(expr.left), self.read(expr.right), 1, expr.span)
            case ast.Binary(op="-"):
                return _added(self.read(expr.left), self.read(expr.right), -1, expr.span)
            case ast.Binary(op="*"):
                return self._multiple(expr)
            case ast.Binary():
                raise Bad(f"`{expr.op}` does not apply to an index", expr.span)
            case ast.Range() | ast.Whole() | ast.NewAxis():
                raise Bad("ranges and whole axes have no place in a `contract`", expr.span)
            case _:
                raise Bad("this is not a position", expr.span)

    def member(self, expr: ast.Subscript) -> Index:
        """`l[s + 1]` or `p[i, j]` as an index of its family."""
        if not isinstance(expr.value, ast.Name):
            raise Bad("a family of indices is a name: `l[s]`", expr.span)
        if self._constant(expr.value.name):
            raise Bad(f"`{expr.value.name}` is a size, not a family of indices", expr.value.span)
        for item in expr.items:
            if item.name or self._has_index(item.value):
                raise Bad("the subscripts of an index are numbers and `prod` variables", item.span)
        return Index(expr.value.name, tuple(self._size(item.value) for item in expr.items))

    def _multiple(self, expr: ast.Binary) -> Position:
        if self._has_index(expr.left) and self._has_index(expr.right):
            raise Bad("this multiplies two indices", expr.span)
        if self._has_index(expr.left):
            return _scaled(self.read(expr.left), self._size(expr.right), expr.span)
        return _scaled(self.read(expr.right), self._size(expr.left), expr.span)

    def _has_index(self, expr: ast.Expr) -> bool:
        match expr:
            case ast.Name(name=name):
                return not self._constant(name)
            case ast.Subscript() | ast.Range() | ast.Whole() | ast.NewAxis():
                return True
            case ast.Call(arguments=arguments):
                return any(self._has_index(argument.value) for argument in arguments)
            case _:
                return any(self._has_index(child) for child in expr.children() if isinstance(child, ast.Expr))


def _scaled(position: Position, factor: Dim, span: Span) -> Position:
    terms = {index: sizes.mul(coefficient, factor) for index, coefficient in position.terms.items()}
    return Position(_nonzero(terms), sizes.mul(position.offset, factor), span)


def _added(left: Position, right: Position, sign: int, span: Span) -> Position:
    terms = dict(left.terms)
    for index, coefficient in right.terms.items():
        terms[index] = sizes.add(terms.get(index, 0), sizes.mul(coefficient, sign))
    return Position(_nonzero(terms), sizes.add(left.offset, sizes.mul(right.offset, sign)), span)


def _nonzero(terms: Mapping[Index, Dim]) -> dict[Index, Dim]:
    return {index: coefficient for index, coefficient in terms.items() if coefficient != 0}
