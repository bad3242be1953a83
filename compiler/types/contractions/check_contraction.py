"""`contract` statements: Einstein sums over written indices.

What came before: `contract y[o] = prod(s in 0..n) A[s, l[s], l[s + 1]] * B[l[0], o]`. What leaves: one
`typed.Contraction` whose factors are unrolled and whose indices are plain names, or diagnostics. Invariant:
in a definition every `prod` is read once, with a symbol for its variable, by the same code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr, elaborate_size
from hqn.compiler.types.bodies.literals import promote
from hqn.compiler.types.circuits.check_observable import elaborate_observable, is_observable
from hqn.compiler.types.contractions import errors
from hqn.compiler.types.contractions.factors import FactorReader
from hqn.compiler.types.contractions.index_ranges import IndexRanges, ReadFactor
from hqn.compiler.types.contractions.names import index_names, named_positions
from hqn.compiler.types.contractions.positions import Index
from hqn.compiler.types.contractions.product import read_product
from hqn.compiler.types.limits import show_bytes
from hqn.compiler.types.model import UNKNOWN, Dim, DType, TensorType
from hqn.compiler.types.scope import Scope


@dataclass(slots=True)
class _Output:
    """The left side: its indices in order, with the place of each."""

    indices: list[Index] = field(default_factory=list)
    items: list[ast.Expr] = field(default_factory=list)


def elaborate_contract(scope: Scope, stmt: ast.Contract) -> None:
    """One `contract` statement; its name is bound even after a mistake."""
    frame = scope.frame
    failed, frame.failed = frame.failed, False
    value = _Statement(scope, stmt).elaborate()
    frame.failed |= failed
    local = scope.bind_value(stmt.name, value.type if value else UNKNOWN)
    if value is not None:
        scope.emit(typed.Assign(local=local, value=value, span=stmt.span))


class _Statement:
    """One statement; nothing is concluded from a right side with mistakes in it."""

    def __init__(self, scope: Scope, stmt: ast.Contract) -> None:
        self._scope = scope
        self._stmt = stmt
        self._ranges = IndexRanges(scope.report)
        self._reader = FactorReader(scope, self._ranges)

    def elaborate(self) -> typed.Contraction | None:
        output = self._left()
        product = read_product(self._stmt.value)
        for misplaced in product.misplaced:
            self._scope.report(errors.NotAProduct(span=misplaced.expr.span, why=misplaced.why))
        self._reader.read(product.parts)
        factors = self._reader.factors
        if output is None or self._scope.frame.failed or self._is_wrong(output, factors):
            return None
        for factor in factors:
            self._ranges.check(factor)
        return None if self._scope.frame.failed else self._result(output, product.sign)

    # --- the left side ---

    def _left(self) -> _Output | None:
        output = _Output()
        good = True
        for item in self._stmt.indices:
            index = self._output_index(item)
            if index is None:
                good = False
            elif index in output.indices:
                first = output.items[output.indices.index(index)].span
                self._scope.report(errors.OutputIndexRepeated(span=item.span, index=str(index), first=first))
                good = False
            else:
                output.indices.append(index)
                output.items.append(item)
        return output if good else None

    def _output_index(self, item: ast.Expr) -> Index | None:
        """`o`, `l[0]`, or `i < n`, which also gives the range."""
        if not isinstance(item, ast.Binary) or item.op != "<":
            return self._reader.index(item)
        index = self._reader.index(item.left)
        if index is not None:
            self._ranges.give(index, elaborate_size(self._scope, item.right), item.right.span)
        return index

    # --- both sides together ---

    def _is_wrong(self, output: _Output, factors: list[ReadFactor]) -> bool:
        """Reports indices of the result that occur nowhere, and indices without a range."""
        occurring: dict[Index, ReadFactor] = {}
        for factor in factors:
            for position in factor.positions:
                for index in position.terms:
                    occurring.setdefault(index, factor)
        families = {index.name for index in occurring} if not self._scope.concrete else set()
        wrong = False
        for index, item in zip(output.indices, output.items, strict=True):
            if index not in occurring and not (index.members and index.name in families):
                self._scope.report(errors.OutputIndexMissing(span=item.span, index=str(index)))
                wrong = True
        for index, factor in occurring.items():
            if self._range_of(index) is None:
                self._report_no_range(index, factor, output, factors)
                wrong = True
        return wrong

    def _range_of(self, index: Index) -> Dim | None:
        known = self._ranges.of(index)
        if known is None and index.members and not self._scope.concrete:
            known = self._ranges.of_family(index.name)
        return known.size if known else None

    def _report_no_range(
        self, index: Index, factor: ReadFactor, output: _Output, factors: list[ReadFactor]
    ) -> None:
        span = next(position.span for position in factor.positions if index in position.terms)
        self._scope.report(
            errors.IndexWithoutRange(
                span=span,
                index=str(index),
                fitting=self._ranges.fitting(index, factors),
                is_output=index in output.indices,
            )
        )

    # --- the result ---

    def _result(self, output: _Output, sign: int) -> typed.Contraction:
        dtype = self._reader.dtype or DType.F32
        shape = tuple(self._range_of(index) or sizes.unknown() for index in output.indices)
        result = TensorType(dtype, shape)
        if not self._scope.concrete:
            return typed.Contraction(output=(), ranges=(), factors=(), type=result, span=self._stmt.span)
        names = index_names(index for index, _ in self._ranges.every())
        factors = [
            typed.Factor(promote(factor.value, result), named_positions(factor, names))
            for factor in self._reader.factors
        ]
        if sign < 0:
            minus = typed.Literal(value=-1.0, type=TensorType(dtype), span=self._stmt.value.span)
            factors.append(typed.Factor(minus, ()))
        ranges = [(names[index], known.size) for index, known in self._ranges.every()]
        return typed.Contraction(
            output=tuple(names[index] for index in output.indices),
            ranges=tuple((name, size) for name, size in ranges if isinstance(size, int)),
            factors=tuple(factors),
            rescale=self._stmt.rescale,
            memory=self._memory(result),
            families=tuple(self._reader.loops),
            type=result,
            span=self._stmt.span,
        )

    def _memory(self, result: TensorType) -> int | None:
        """The bytes that an intermediate of one sample may take."""
        written = self._stmt.memory
        limit = None if written is None else elaborate_size(self._scope, written)
        if written is None or not isinstance(limit, int):
            return None
        needed = result.dtype.bytes * prod(dim for dim in result.shape if isinstance(dim, int))
        if needed > limit:
            self._scope.report(
                errors.ResultExceedsMemory(
                    span=written.span, needed=show_bytes(needed), limit=show_bytes(limit)
                )
            )
        return limit


# --- sums and products that are values ------------------------------------------------------------


def elaborate_reduction(scope: Scope, expr: ast.Reduction) -> typed.Expr:
    """`sum(i in 0..n) e` outside of a contraction: the sum or product of `map i in 0..n { yield e }`."""
    if is_observable(scope, expr):
        return elaborate_observable(scope, expr)
    body: ast.Expr = expr.body
    for binder in reversed(expr.binders):
        block = ast.Block((ast.Yield(body, span=expr.body.span),), span=expr.body.span)
        body = ast.Loop("map", binder, None, None, (), block, span=expr.span)
    stacked = elaborate_expr(scope, body)
    if not isinstance(stacked.type, TensorType):
        return stacked
    result = TensorType(stacked.type.dtype, stacked.type.shape[len(expr.binders) :])
    axes = (("axes", tuple(range(len(expr.binders)))),)
    return typed.Prim(fn=expr.op, args=(stacked,), options=axes, type=result, span=expr.span)
