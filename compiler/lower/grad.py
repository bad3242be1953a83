"""`grad(e, v)`: a region that computes `e` from `v`.

What came before: a scalar whose computation may have begun in earlier statements. What leaves: `hqn.grad`
with a body in which every value that depends on `v` is computed again from the block argument. Invariant:
nothing in the body that depends on `v` comes from outside; what does not depend on `v` may.
"""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir.hqn import GradOp
from hqn.compiler.ir.loops import YieldOp
from hqn.compiler.lower.expr import lower_expr, lower_one
from hqn.compiler.lower.scope import Scope, Values
from hqn.compiler.types import typed
from hqn.compiler.types.walk import reads, walk


def lower_grad(scope: Scope, expr: typed.Grad) -> Values:
    """The derivative, of the type of `wrt`."""
    (wrt,) = scope.read(expr.wrt, expr.span)
    inner = scope.inner([wrt.type])
    inner.bind(expr.wrt, inner.block.args)
    for assign in _again(scope, expr):
        inner.bind(assign.local, lower_expr(inner, assign.value))
    inner.block.add_op(YieldOp([lower_one(inner, expr.value)]))
    return (scope.add(GradOp(wrt, inner.block), expr.span).result,)


def _again(scope: Scope, expr: typed.Grad) -> Iterator[typed.Assign]:
    """The earlier assignments between `wrt` and the value, in their order."""
    needed = _needed(scope, expr.value)
    depends = {expr.wrt}
    for local, source in scope.sources.items():
        if local is expr.wrt:
            continue
        if depends & set(_reads(source)):
            depends.add(local)
            if local in needed and not isinstance(source, typed.Assign):
                message = f"`{local.name}` depends on `{expr.wrt.name}` through a loop around the derivative"
                raise InternalError("lower", message, expr.span)
            if local in needed and isinstance(source, typed.Assign):
                yield source


def _needed(scope: Scope, value: typed.Expr) -> set[typed.Local]:
    """Every local that the value is computed from."""
    found: set[typed.Local] = set()
    pending = [*_reads(value)]
    while pending:
        local = pending.pop()
        if local not in found:
            found.add(local)
            pending += _reads(scope.sources.get(local, ()))
    return found


def _reads(part: typed.Assign | typed.Expr | tuple[typed.Expr, ...]) -> Iterator[typed.Local]:
    for one in part if isinstance(part, tuple) else (part,):
        for node in walk(one):
            yield from reads(node)
