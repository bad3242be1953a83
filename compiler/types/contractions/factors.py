"""The factors of a contraction: tensors with positions and plain numbers, `prod`s unrolled.

What came before: the parts of a product. What leaves: factors in the order of the text, turn by turn, and
which of them repeat. Invariants: a tensor is computed once however often it is a factor; in a definition
every `prod` has one turn.
"""

from __future__ import annotations

from collections.abc import Mapping

from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr, elaborate_size
from hqn.compiler.types.bodies.literals import promote
from hqn.compiler.types.bodies.turns import each_turn, range_of
from hqn.compiler.types.contractions import errors
from hqn.compiler.types.contractions.index_ranges import IndexRanges, ReadFactor
from hqn.compiler.types.contractions.positions import Bad, Index, Position, PositionReader
from hqn.compiler.types.contractions.product import Over, Part, Term
from hqn.compiler.types.limits import MOST_FACTORS
from hqn.compiler.types.model import DType, TensorType, UnknownType
from hqn.compiler.types.scope import AliasBinding, Scope, SlotBinding, StaticBinding, ValueBinding
from hqn.compiler.types.shapes import has_rest, show_type
from hqn.compiler.types.unsupported import refuse

Summed = Mapping[str, Position]
_NUMBER = TensorType(DType.F32)


class FactorReader:
    """Reads parts into `factors`; what is wrong with one is reported and it is left out."""

    def __init__(self, scope: Scope, ranges: IndexRanges) -> None:
        self._scope = scope
        self._ranges = ranges
        self._values: dict[int, typed.Expr] = {}
        self._sums: dict[str, Span] = {}
        self._owner = 0
        self._first_tensor: typed.Expr | None = None
        self.factors: list[ReadFactor] = []
        self.loops: list[typed.ProductLoop] = []
        self._is_full = False

    @property
    def dtype(self) -> DType | None:
        """Of the tensors; None where all factors are literals."""
        found = self._first_tensor.type if self._first_tensor else None
        return found.dtype if isinstance(found, TensorType) else None

    def read(self, parts: tuple[Part, ...]) -> None:
        """All factors of a right side."""
        self._parts(self._scope, parts, {})
        self._check_escapes()

    def index(self, item: ast.Expr) -> Index | None:
        """An index of the left side: a new name, or a member of a family."""
        if not isinstance(item, ast.Name | ast.Subscript):
            self._report(errors.NotAffine(span=item.span, why="an index of the result is a name"))
            return None
        head = item.value if isinstance(item, ast.Subscript) else item
        if isinstance(head, ast.Name) and self._is_taken(self._scope, head, also_sizes=True):
            return None
        position = self._position(self._scope, item, {})
        return position.plain if position else None

    def _report(self, diagnostic: Diagnostic) -> None:
        self._scope.report(diagnostic)

    # --- parts ---

    def _parts(self, scope: Scope, parts: tuple[Part, ...], summed: Summed) -> None:
        for part in parts:
            if isinstance(part, Term):
                self._term(scope, part, summed)
            elif part.node.op == "prod":
                self._product(scope, part, summed)
            else:
                self._sum(scope, part, summed)

    def _product(self, scope: Scope, over: Over, summed: Summed) -> None:
        first, lengths = len(self.factors), []
        for inner in each_turn(scope, over.node.binders, over.node.span, self._allow):
            before = len(self.factors)
            self._parts(inner, over.parts, summed)
            lengths.append(len(self.factors) - before)
            if not self._allow(scope, over.node.span, 0):
                return
        if lengths and len(set(lengths)) == 1:
            self.loops.append(typed.ProductLoop(first, lengths[0], len(lengths)))

    def _allow(self, scope: Scope, span: Span, turns: int) -> bool:
        """Whether so many turns more, of one factor at least, stay below the limit."""
        number = len(self.factors) + turns
        if number <= MOST_FACTORS:
            return True
        if not self._is_full:
            self._is_full = True
            scope.report(errors.ContractionTooLarge(span=span, factors=number, limit=MOST_FACTORS))
        return False

    def _sum(self, scope: Scope, over: Over, summed: Summed) -> None:
        """Each variable is an index of its own, shifted to begin at 0."""
        inside = dict(summed)
        for binder in over.node.binders:
            turns = range_of(scope, binder)
            if turns is None or binder.variable is None:
                continue
            self._owner += 1
            name = binder.variable.name
            index = Index(name, owner=self._owner)
            self._sums.setdefault(name, over.node.span)
            self._ranges.give(index, turns.trips, binder.domain.span)
            inside[name] = Position({index: turns.step}, turns.first, binder.variable.span)
        self._parts(scope, over.parts, inside)

    def _check_escapes(self) -> None:
        for factor in self.factors:
            for position in factor.positions:
                for index in position.terms:
                    if not index.owner and index.name in self._sums:
                        place = self._sums[index.name]
                        self._report(
                            errors.IndexEscapes(span=position.span, index=index.name, sum_span=place)
                        )

    # --- factors ---

    def _term(self, scope: Scope, term: Term, summed: Summed) -> None:
        expr = term.expr
        if isinstance(expr, ast.Subscript):
            value = self._tensor(expr.value)
            positions = [self._position(scope, item.value, summed) for item in expr.items]
            read = [position for position in positions if position is not None]
            if len(read) == len(positions):
                self._add(value, tuple(read), expr.value.span.text, expr.span)
            return
        value = promote(elaborate_expr(scope, expr, _NUMBER), _NUMBER)
        if term.inverse:
            value = _inverse(value)
        self._add(value, (), expr.span.text, expr.span)

    def _tensor(self, expr: ast.Expr) -> typed.Expr:
        """The value of a tensor, computed once in front of the statement."""
        known = self._values.get(id(expr))
        if known is None:
            known = elaborate_expr(self._scope, expr)
            if self._scope.concrete and not isinstance(known, typed.Read | typed.SlotRead | typed.Literal):
                known = self._named(known)
            self._values[id(expr)] = known
        return known

    def _named(self, value: typed.Expr) -> typed.Expr:
        if isinstance(value.type, UnknownType):
            return value
        local = self._scope.frame.fresh_local("factor", value.type, value.span)
        self._scope.emit(typed.Assign(local=local, value=value, span=value.span))
        return typed.Read(local=local, type=value.type, span=value.span)

    def _add(self, value: typed.Expr, positions: tuple[Position, ...], text: str, span: Span) -> None:
        if isinstance(value.type, UnknownType):
            self._scope.frame.failed = True
            return
        if not isinstance(value.type, TensorType) or value.type.dtype == DType.BOOL:
            self._report(errors.FactorNotNumeric(span=span, found=show_type(value.type)))
            return
        if has_rest(value.type.shape):
            refuse(self._scope, span, "rest axis")
            return
        if not self._fits(value, value.type, span):
            return
        if len(value.type.shape) != len(positions):
            number = len(value.type.shape)
            axes, written = f"{number} ax{'is' if number == 1 else 'es'}", str(len(positions))
            self._report(
                errors.WrongNumberOfPositions(span=span, tensor=f"`{text}`", axes=axes, positions=written)
            )
            return
        factor = ReadFactor(value, positions, text)
        if not self._names_a_size(factor):
            self._ranges.learn(factor)
            self.factors.append(factor)

    def _fits(self, value: typed.Expr, found: TensorType, span: Span) -> bool:
        """Whether the element type is that of the first tensor; literals fit any."""
        if isinstance(value, typed.Literal):
            return True
        first = self._first_tensor
        if first is None or not isinstance(first.type, TensorType):
            self._first_tensor = value
            return True
        if first.type.dtype == found.dtype:
            return True
        here, there = str(found.dtype), str(first.type.dtype)
        self._report(errors.FactorTypesDiffer(span=span, here=here, there=there, other=first.span))
        return False

    def _names_a_size(self, factor: ReadFactor) -> bool:
        """`x[h]` of x: f32[h] is meant as an index, but the name is the size's."""
        for position, size in zip(factor.positions, factor.shape, strict=True):
            text = position.span.text
            if not position.terms and text.isidentifier() and sizes.equal(position.offset, size) is True:
                self._report(errors.IndexNameTaken(span=position.span, name=text, what="a size"))
                return True
        return False

    # --- positions ---

    def _position(self, scope: Scope, item: ast.Expr, summed: Summed) -> Position | None:
        for node in ast.walk(item):
            if isinstance(node, ast.Name) and self._is_taken(scope, node):
                return None
        reader = PositionReader(
            lambda expr: elaborate_size(scope, expr), lambda name: _is_constant(scope, name), summed
        )
        try:
            return reader.read(item)
        except Bad as bad:
            self._report(errors.NotAffine(span=bad.span, why=bad.why))
        except sizes.SizeError as error:
            self._report(errors.NotAffine(span=item.span, why=str(error)))
        return None

    def _is_taken(self, scope: Scope, name: ast.Name, also_sizes: bool = False) -> bool:
        """A name that means something else here and cannot be an index; reported."""
        binding = scope.lookup(name.name)
        if binding is None or (_is_constant(scope, name.name) and not also_sizes):
            return False
        what = "a size" if isinstance(binding, StaticBinding) else "a value"
        if not isinstance(binding, StaticBinding | ValueBinding | SlotBinding | AliasBinding):
            what = "something else"
        self._report(errors.IndexNameTaken(span=name.span, name=name.name, what=what, defined=binding.span))
        return True


def _is_constant(scope: Scope, name: str) -> bool:
    """Whether a name is a number while checking: a size, a static, the variable of a `prod`."""
    binding = scope.lookup(name)
    if isinstance(binding, AliasBinding):
        return isinstance(binding.value, typed.Literal) and type(binding.value.value) is int
    return isinstance(binding, StaticBinding)


def _inverse(value: typed.Expr) -> typed.Expr:
    if isinstance(value, typed.Literal) and isinstance(value.value, float) and value.value:
        return typed.Literal(value=1.0 / value.value, type=value.type, span=value.span)
    if isinstance(value.type, UnknownType):
        return value
    return typed.Elementwise(fn="reciprocal", args=(value,), type=value.type, span=value.span)
