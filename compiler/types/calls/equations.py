"""Equations of sizes: what one call says about the sizes of its callee, and their solution.

What came before: arguments beside parameters (`match.py`), as pairs of sizes. What leaves: a `Match` with the
sizes that follow. Invariant: an equation is solved only where one unknown x occurs as a * x + k.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hqn.compiler.diagnostics import Note
from hqn.compiler.source import Span
from hqn.compiler.types import sizes
from hqn.compiler.types.calls.signature import Signature
from hqn.compiler.types.model import Dim, QubitType, Rest, TensorType, Type
from hqn.compiler.types.shapes import has_rest, same_dim
from hqn.compiler.types.sizes import Size, SizeError, Symbol


@dataclass(frozen=True, slots=True)
class Given:
    """An argument: its type, and the literal it is, if it is one."""

    type: Type
    span: Span
    literal: bool = False


@dataclass(slots=True)
class Equation:
    """A size of a parameter, and what stands in its place in the argument of this position."""

    pattern: Dim
    value: Dim
    position: int
    is_bound: bool = False


@dataclass(slots=True)
class Match:
    """How a call fits: what sizes are, and the batch that stands in front of the result's shape."""

    callee: str = ""
    values: dict[Symbol, sizes.Dim] = field(default_factory=dict)
    rests: dict[str, tuple[Dim, ...]] = field(default_factory=dict)
    rests_from: dict[str, Span] = field(default_factory=dict)
    fixed: dict[Symbol, tuple[sizes.Dim, Span | None]] = field(default_factory=dict)
    """What was inferred and from which argument; of statics, what was given."""
    batch: tuple[Dim, ...] = ()
    batch_from: Span | None = None
    lifted: list[bool] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)
    unknown: bool = False
    """An argument is unknown: what it would have determined stays silent."""

    def apply(self, type_: Type) -> Type:
        """A type of the signature with everything known put in; raises SizeError."""
        match type_:
            case TensorType():
                shape: list[Dim] = []
                for dim in type_.shape:
                    shape += self.rests.get(dim.name, (dim,)) if isinstance(dim, Rest) else (self.dim(dim),)
                bound = None if type_.bound is None else self.dim(type_.bound)
                return TensorType(type_.dtype, tuple(shape), bound, type_.role)
            case QubitType(size=size):
                return type_ if size is None else QubitType(self.dim(size))
            case _:
                return type_

    def dim(self, dim: Dim) -> Dim:
        """A size with everything known put in; raises SizeError."""
        return dim if isinstance(dim, Rest) else sizes.substitute(dim, self.values)

    def why(self, symbol: Symbol) -> Note:
        """Where a size was first fixed."""
        value, span = self.fixed[symbol]
        because = " because of this" if span else ""
        return Note(f"`{symbol}` of `{self.callee}` is {sizes.show(value)}{because}", span)

    def lift(self, type_: Type) -> Type:
        """A result inside the callee as the caller sees it."""
        if not self.batch or not isinstance(type_, TensorType):
            return type_
        return TensorType(type_.dtype, (*self.batch, *type_.shape), type_.bound, type_.role)


def solve(match: Match, signature: Signature, given: list[Given]) -> None:
    """Solve equations for one unknown each until nothing changes; bounds come last."""
    unknowns = open_symbols(match, signature)
    for with_bounds in (False, True):
        progress = bool(unknowns)
        while progress and unknowns:
            progress = False
            for equation in match.equations:
                if equation.is_bound <= with_bounds and _solve_one(match, unknowns, equation, given):
                    progress = True


def _solve_one(match: Match, unknowns: set[Symbol], equation: Equation, given: list[Given]) -> bool:
    """Solve one equation for the one unknown it has; that is then no unknown any more."""
    pattern, value = equation.pattern, equation.value
    if not isinstance(pattern, Size) or isinstance(value, Rest) or pattern.symbols.isdisjoint(unknowns):
        return False
    try:
        solved = sizes.solve(sizes.substitute(pattern, match.values), value, unknowns)
    except SizeError:
        return False  # `check_equations` shows both sides
    if solved is None:
        return False
    symbol, found = solved
    match.values[symbol] = found
    unknowns.discard(symbol)
    match.fixed[symbol] = (found, given[equation.position].span)
    return True


def open_symbols(match: Match, signature: Signature) -> set[Symbol]:
    """Symbols of the signature without a value yet."""
    every = {*signature.sizes.values(), *signature.statics.values()}
    return every - match.values.keys()


def solve_result(
    match: Match, signature: Signature, expected: Type, span: Span, may_give_statics: bool = True
) -> None:
    """Use what the caller needs to find what no argument determines.

    A static that is missing from the brackets is found so only where a slot says what its layer gives.
    """
    if not isinstance(expected, TensorType) or not isinstance(signature.result, TensorType):
        return
    pattern, value = signature.result.shape, expected.shape
    if has_rest(pattern) or has_rest(value) or len(value) < len(pattern):
        return
    given = [Given(expected, span)]
    tail = value[len(value) - len(pattern) :]
    unknowns = open_symbols(match, signature)
    for one, other in zip(pattern, tail):
        if may_give_statics or isinstance(one, Rest) or not _open_statics(match, one):
            _solve_one(match, unknowns, Equation(one, other, 0), given)


def _open_statics(match: Match, dim: sizes.Dim) -> bool:
    return any(symbol.static and symbol not in match.values for symbol in sizes.symbols(dim))


def holds(match: Match, equation: Equation, strict: bool) -> bool:
    """Whether both sides are equal; unless `strict`, two that no number tells apart may yet be."""
    try:
        pattern = match.dim(equation.pattern)
    except SizeError:
        return False
    value = equation.value
    if equation.is_bound and isinstance(pattern, int) and isinstance(value, int):
        return value <= pattern
    answer = same_dim(pattern, value)
    if answer is False and not strict and not _differ_by_number(pattern, value):
        return True
    return answer is not False


def _differ_by_number(a: Dim, b: Dim) -> bool:
    if isinstance(a, Rest) or isinstance(b, Rest):
        return False
    return isinstance(sizes.sub(a, b), int)
