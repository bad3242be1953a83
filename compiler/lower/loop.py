"""Classical loops: one region per loop, its block arguments bound to the loop's locals.

What came before: `typed.Loop`, with trips, domains and carries settled. What leaves: one operation with one
region. Invariant: a loop is never written out here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hqn.compiler.ir.loops import LOOPS, YieldOp
from hqn.compiler.ir.tensors import INDEX, lower_type
from hqn.compiler.ir.xdsl_api import BlockArgument
from hqn.compiler.lower.expr import lower_all, lower_one
from hqn.compiler.lower.scope import Scope, Values
from hqn.compiler.types import typed


def lower_loop(scope: Scope, expr: typed.Loop) -> Values:
    """The stacked yields, or the final first carry where nothing is yielded."""
    domains, initial = lower_all(scope, expr.domains), lower_all(scope, expr.initial)
    take = None if expr.take is None else lower_one(scope, expr.take)
    inner = _enter(scope, expr)
    _fill(inner, expr.body)
    op = scope.add(LOOPS[expr.kind](expr.trips, domains, initial, inner.block, take), expr.span)
    if expr.body.yielded is not None:
        return op.stacked
    return (*op.final[: len(lower_type(expr.carries[0].type))], *op.stacked)


def _enter(scope: Scope, expr: typed.Loop) -> Scope:
    locals_ = [expr.index, *expr.elements, *expr.carries]
    types = [(INDEX,), *(lower_type(local.type) for local in locals_[1:])]
    inner = scope.inner([leaf for group in types for leaf in group])
    for local, args in zip(locals_, _grouped(inner.block.args, [len(group) for group in types])):
        inner.bind(local, args)
    for local, domain in zip(expr.elements, expr.domains):
        inner.sources[local] = (domain,)
    for local, first, following in zip(expr.carries, expr.initial, expr.body.following):
        inner.sources[local] = (first, following)
    return inner


def _grouped(args: Sequence[BlockArgument], sizes: list[int]) -> Iterator[Sequence[BlockArgument]]:
    first = 0
    for size in sizes:
        yield args[first : first + size]
        first += size


def _fill(inner: Scope, body: typed.Body) -> None:
    from hqn.compiler.lower.statement import lower_statements

    lower_statements(inner, body.statements)
    given = [*body.following, *([body.yielded] if body.yielded is not None else []), *body.extras]
    inner.block.add_op(YieldOp(lower_all(inner, given)))
