"""`grad(e, v)`: the derivative of a number with respect to a value of this body.

What came before: two expressions. What leaves: `typed.Grad`, whose value contains every step that leads
from v to e, so that nothing outside of it depends on v. Invariant: the steps are pure, so writing one out
twice changes no result.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.calls.expose import further
from hqn.compiler.types.errors import BadArgument, TypesDiffer, WrongArgumentCount
from hqn.compiler.types.model import UNKNOWN, TensorType, UnknownType
from hqn.compiler.types.scope import FLOATS, Scope, ValueBinding
from hqn.compiler.types.shapes import show_type
from hqn.compiler.types.unsupported import refuse
from hqn.compiler.types.walk import reads, walk


def check_grad(scope: Scope, arguments: tuple[ast.Argument, ...], span: Span) -> typed.Expr:
    """`grad(e, v)` has the shape of v."""
    unknown = typed.Expr(type=UNKNOWN, span=span)
    if len(arguments) != 2 or any(argument.name for argument in arguments):
        given = f"{len(arguments)} {'is' if len(arguments) == 1 else 'are'}"
        scope.report(WrongArgumentCount(span=span, callee="grad", takes="a value and a name", given=given))
        return unknown
    value = elaborate_expr(scope, arguments[0].value)
    name = arguments[1].value
    binding = scope.lookup(name.name) if isinstance(name, ast.Name) else None
    if not isinstance(binding, ValueBinding):
        if binding is None and isinstance(name, ast.Name):
            elaborate_expr(scope, name)
        else:
            refuse(scope, name.span, "grad of call")
        return unknown
    wrt = binding.local
    if isinstance(value.type, UnknownType) or isinstance(wrt.type, UnknownType):
        return unknown
    if not isinstance(value.type, TensorType) or value.type.shape or value.type.dtype not in FLOATS:
        wanted = "one float, for a derivative"
        scope.report(TypesDiffer(span=value.span, found=show_type(value.type), wanted=wanted))
        return unknown
    whole = _written_out(value, _steps(scope, wrt))
    if not _may_depend(whole, wrt):
        why = f"this does not depend on `{wrt.name}`"
        scope.report(BadArgument(span=arguments[0].span, why=why, declared=binding.span))
        return unknown
    return typed.Grad(whole, wrt, type=wrt.type, span=span)


def _may_depend(value: typed.Expr, wrt: typed.Local) -> bool:
    """Whether a value is computed from `wrt`; in a definition nobody knows what a call is computed from."""
    parts = list(walk(value))
    return any(type(part) is typed.Expr for part in parts) or any(wrt in reads(part) for part in parts)


def _steps(scope: Scope, wrt: typed.Local) -> dict[typed.Local, typed.Expr]:
    """The values of this block and those around it that depend on `wrt`, themselves written out."""
    blocks: list[Scope] = []
    block: Scope | None = scope
    while block is not None:
        blocks.append(block)
        block = block.parent
    steps: dict[typed.Local, typed.Expr] = {}
    for one in reversed(blocks):
        for statement in one.statements:
            if not isinstance(statement, typed.Assign):
                continue
            value = _written_out(statement.value, steps)
            if _may_depend(value, wrt):
                steps[statement.local] = value
            _add_taps(scope, steps, wrt, {id(part) for part in walk(statement.value)})
    _add_taps(scope, steps, wrt, {id(tap.call) for tap in scope.frame.taps})
    return steps


def _add_taps(scope: Scope, steps: dict[typed.Local, typed.Expr], wrt: typed.Local, calls: set[int]) -> None:
    """Values that are read inside of these calls: further results of the calls, written out."""
    for tap in scope.frame.taps:
        if id(tap.call) in calls and tap.local not in steps:
            call = _written_out(tap.call, steps)
            if _may_depend(call, wrt):
                steps[tap.local] = further(scope.session, call, tap.path)


def _written_out(expr: Any, steps: dict[typed.Local, typed.Expr]) -> Any:
    """The expression with reads of `steps` replaced by what they stand for."""
    if isinstance(expr, typed.Read):
        return steps.get(expr.local, expr)
    if isinstance(expr, tuple):
        changed = tuple(_written_out(item, steps) for item in expr)
        return expr if all(a is b for a, b in zip(expr, changed)) else changed
    if not isinstance(expr, typed.Expr | typed.Statement | typed.Body | typed.Factor) or not steps:
        return expr
    changes = {}
    for f in fields(expr):
        if f.name in ("type", "span", "function"):
            continue
        before = getattr(expr, f.name)
        after = _written_out(before, steps)
        if after is not before:
            changes[f.name] = after
    return replace(expr, **changes) if changes else expr
