"""Loops whose variable must be known in each turn, since a shape or a choice depends on it.

What came before: a loop over a range, in whose body the variable stands where only a known number will do.
What leaves: its turns, written one after the other. Invariants: the value is that of the same loop as a scan
or map; slots that are the same in all turns keep the axis of the loop, so that their paths are the same.
"""

from __future__ import annotations

from dataclasses import replace

from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies.check_loop import (
    Carried,
    Run,
    carries_of,
    elaborate_turn,
    following_of,
    stacked,
)
from hqn.compiler.types.bodies.turns import Turns, bind_number, bind_symbol, forget_symbol
from hqn.compiler.types.body_errors import BadLoop, YieldChanges
from hqn.compiler.types.circuits.least_gates import must_be_known, variable_uses
from hqn.compiler.types.limits import allow_written_turns
from hqn.compiler.types.model import UNKNOWN, DType, TensorType, Type, UnknownType
from hqn.compiler.types.scope import CreatingLoop, Scope, TurnResult, ValueBinding
from hqn.compiler.types.shapes import same_shape, show_type


def is_expanded(scope: Scope, expr: ast.Loop, run: Run) -> bool:
    """Whether the body needs the variable as a number."""
    if run.value is not None or expr.binder is None or expr.binder.variable is None:
        return False
    return must_be_known(Turns(run.trips, run.first, run.step), variable_uses(scope, expr))


def expand_loop(scope: Scope, expr: ast.Loop, run: Run, take: typed.Expr | None) -> typed.Expr:
    """The value of the loop; in a definition, or after a mistake about its size, from one turn."""
    if not scope.concrete or not isinstance(run.trips, int):
        return _any_turn(scope, expr, run)
    if not allow_written_turns(scope, expr.span, run.trips):
        return typed.Expr(type=UNKNOWN, span=expr.span)
    carried, yielded = carries_of(scope, expr, None), list[typed.Expr]()
    values = [one.initial for one in carried]
    for turn in range(run.trips):
        given, following = _turn(scope, expr, run, turn, carried, values)
        if take is not None:
            following = [while_taken(turn, take, *pair) for pair in zip(following, values)]
        values = following
        yielded += [given] if given is not None else []
    return _value(scope, expr, yielded, values)


def _any_turn(scope: Scope, expr: ast.Loop, run: Run) -> typed.Expr:
    variable = expr.binder.variable if expr.binder else None
    assert variable is not None
    carried = carries_of(scope, expr, None)
    result, inner = _block(scope, expr, run, typed.Turn(None, 0, 0), carried)
    symbol = bind_symbol(scope, inner, variable, Turns(run.trips, run.first, run.step))
    elaborate_turn(inner, expr, result, False)
    forget_symbol(scope, symbol)
    for one in carried:
        following_of(scope, one, result)
    type_ = carried[0].local.type if carried else UNKNOWN
    if result.yielded is not None:
        type_ = _without(stacked(result.yielded, run.trips), symbol)
    return typed.Expr(type=type_, span=expr.span)


def _without(type_: Type, symbol: sizes.Symbol) -> Type:
    """The type, unless it depends on the turn: then only an instance can tell."""
    dims = type_.shape if isinstance(type_, TensorType) else ()
    return UNKNOWN if any(isinstance(d, sizes.Size) and symbol in sizes.symbols(d) for d in dims) else type_


def _block(
    scope: Scope, expr: ast.Loop, run: Run, turn: typed.Turn, carried: list[Carried]
) -> tuple[TurnResult, Scope]:
    creates = expr.kind in ("parallel", "repeat")
    result = TurnResult({one.ident.name: one.local for one in carried})
    inner = scope.inner(CreatingLoop(run.trips, turn) if creates else None, result)
    for one in carried:
        inner.bind(one.ident, ValueBinding(span=one.ident.span, local=one.local))
    return result, inner


def _turn(
    scope: Scope, expr: ast.Loop, run: Run, turn: int, carried: list[Carried], values: list[typed.Expr]
) -> tuple[typed.Expr | None, list[typed.Expr]]:
    """What a turn gives, and its carries: the statements go to the block around the loop."""
    here = [_named(scope, one, value) for one, value in zip(carried, values)]
    result, inner = _block(scope, expr, run, typed.Turn(None, 0, turn), here)
    inner.statements = scope.statements
    variable = expr.binder.variable if expr.binder else None
    assert variable is not None
    bind_number(inner, variable, sizes.add(run.first, sizes.mul(run.step, turn)))
    elaborate_turn(inner, expr, result, False)
    return result.yielded, [following_of(scope, one, result) for one in here]


def _named(scope: Scope, one: Carried, value: typed.Expr) -> Carried:
    """The carry of this turn under a name of its own."""
    local = scope.frame.fresh_local(one.ident.name, one.local.type, one.ident.span)
    scope.emit(typed.Assign(local, value, span=value.span))
    return replace(one, local=local)


def while_taken(turn: int, take: typed.Expr, after: typed.Expr, before: typed.Expr) -> typed.Expr:
    """The carry behind a turn, which stays as it is from turn `take` on."""
    number = typed.Literal(turn, type=TensorType(DType.I32), span=take.span)
    running = typed.Elementwise("lt", (number, take), type=TensorType(DType.BOOL), span=take.span)
    return typed.Elementwise("select", (running, after, before), type=after.type, span=after.span)


def _value(scope: Scope, expr: ast.Loop, yielded: list[typed.Expr], carries: list[typed.Expr]) -> typed.Expr:
    """What the turns gave, stacked, or the last first carry."""
    if not yielded and not carries:
        why = f"this `{expr.kind}` gives nothing"
        scope.report(BadLoop(span=expr.span, why=why, hint="end its body with `yield e`"))
        return typed.Expr(type=UNKNOWN, span=expr.span)
    if not yielded:
        return carries[0]
    if any(isinstance(one.type, UnknownType) for one in yielded) or not _agree(scope, yielded):
        return typed.Expr(type=UNKNOWN, span=expr.span)
    type_ = stacked(yielded[0], len(yielded))
    return typed.Prim("stack", tuple(yielded), (("axis", 0),), type=type_, span=expr.span)


def _agree(scope: Scope, yielded: list[typed.Expr]) -> bool:
    first = yielded[0]
    for turn, one in enumerate(yielded):
        if not _same(first.type, one.type):
            shown = show_type(first.type), show_type(one.type)
            scope.report(YieldChanges(span=one.span, turn=turn, found=shown[1], first=shown[0]))
            return False
    return True


def _same(a: Type, b: Type) -> bool:
    if not isinstance(a, TensorType) or not isinstance(b, TensorType):
        return False
    return a.dtype == b.dtype and same_shape(a.shape, b.shape) is True
