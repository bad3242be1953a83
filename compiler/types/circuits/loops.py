"""Loops in circuits: `repeat` with the registers as its carry.

What came before: a `repeat` statement of a circuit. What leaves: `typed.RepeatGates` where the turns differ
in angles and weights only; groups of p turns where the variable selects qubits through `% p`; otherwise the
turns one after the other, gates of neighbouring turns joined. Invariant: all three apply the same gates.
"""

from __future__ import annotations

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies.elaborate import elaborate_block, elaborate_expr
from hqn.compiler.types.bodies.turns import (
    Turns,
    bind_number,
    bind_symbol,
    count_turns,
    forget_symbol,
    range_turns,
)
from hqn.compiler.types.circuits.join_gates import join_gates
from hqn.compiler.types.circuits.least_gates import least_gates, must_be_known, period_of, variable_uses
from hqn.compiler.types.circuits.loop_variables import Uses
from hqn.compiler.types.circuits.qubits import circuit_state
from hqn.compiler.types.limits import allow_gates, allow_turns
from hqn.compiler.types.model import DType, TensorType, UnknownType
from hqn.compiler.types.scope import CreatingLoop, Scope, ValueBinding
from hqn.compiler.types.unsupported import refuse

_INDEX = TensorType(DType.I32)


def repeat_gates(scope: Scope, loop: ast.Loop) -> None:
    """One `repeat` statement of a circuit."""
    if loop.carry:
        return refuse(scope, loop.carry[0].span, "qubit carry")
    if loop.take is not None:
        return refuse(scope, loop.take.span, "take")
    assert loop.binder is not None
    turns = _turns(scope, loop.binder)
    if turns is None:
        return None
    circuit_state(scope.frame).depth += 1
    _elaborate(scope, loop, turns)
    circuit_state(scope.frame).depth -= 1
    return None


def _elaborate(scope: Scope, loop: ast.Loop, turns: Turns) -> None:
    uses = variable_uses(scope, loop)
    if not scope.concrete:
        _once(scope, loop, turns, uses)
    elif isinstance(turns.trips, int) and allow_turns(scope, _domain(loop).span, turns.trips):
        _in_turns(scope, loop, turns, uses, turns.trips)


def _in_turns(scope: Scope, loop: ast.Loop, turns: Turns, uses: Uses, trips: int) -> None:
    if not must_be_known(turns, uses):
        _stay_loop(scope, loop, turns, trips)
        return
    period = period_of(scope, uses)
    if period is None or trips < 2 * period:
        _expand(scope, loop, turns, range(trips), trips)
        return
    _groups(scope, loop, turns, trips, period)


# --- what a loop runs over ------------------------------------------------------------------------


def _domain(loop: ast.Loop) -> ast.Expr:
    assert loop.binder is not None
    return loop.binder.domain


def _turns(scope: Scope, binder: ast.Binder) -> Turns | None:
    domain = binder.domain
    if isinstance(domain, ast.Range):
        return range_turns(scope, domain)
    if binder.variable is None:
        return count_turns(scope, domain)
    value = elaborate_expr(scope, domain)
    if isinstance(value.type, UnknownType):
        return None
    trips = value.type.shape[0] if isinstance(value.type, TensorType) and value.type.shape else None
    if not isinstance(trips, int | sizes.Size):
        refuse(scope, domain.span, "loop over this")
        return None
    return Turns(trips, value=_bound(scope, value))


def _bound(scope: Scope, value: typed.Expr) -> typed.Expr:
    """The value under a name, so that no turn computes it again."""
    if isinstance(value, typed.Read | typed.SlotRead):
        return value
    local = scope.frame.fresh_local("turns", value.type, value.span)
    scope.emit(typed.Assign(local=local, value=value, span=value.span))
    return typed.Read(local=local, type=value.type, span=value.span)


# --- the three forms ------------------------------------------------------------------------------


def _once(scope: Scope, loop: ast.Loop, turns: Turns, uses: Uses) -> None:
    """In a definition: one turn, whose variable stands for all of them."""
    inner = scope.inner(CreatingLoop(turns.trips, typed.Turn(None, 0, 0)))
    variable = loop.binder.variable if loop.binder else None
    if variable is None or not must_be_known(turns, uses):
        local = scope.frame.fresh_local("turn", _INDEX, loop.span)
        _bind_at_run_time(inner, variable, turns, local)
        elaborate_block(inner, loop.body)
        return
    symbol = bind_symbol(scope, inner, variable, turns)
    elaborate_block(inner, loop.body)
    forget_symbol(scope, symbol)


def _stay_loop(scope: Scope, loop: ast.Loop, turns: Turns, trips: int) -> None:
    if trips == 0:
        return
    variable = loop.binder.variable if loop.binder else None
    index = scope.frame.fresh_local(variable.name if variable else "turn", _INDEX, loop.span)
    inner = scope.inner(CreatingLoop(trips, typed.Turn(index, 1, 0)))
    _bind_at_run_time(inner, variable, turns, index)
    elaborate_block(inner, loop.body)
    _emit_loop(scope, trips, index, inner.statements, loop.span)


def _groups(scope: Scope, loop: ast.Loop, turns: Turns, trips: int, period: int) -> None:
    """`period` written turns as the body of a loop, and the turns that are left over behind it."""
    variable = loop.binder.variable if loop.binder else None
    groups = trips // period
    index = scope.frame.fresh_local(variable.name if variable else "turn", _INDEX, loop.span)
    written: list[typed.Statement] = []
    for offset in range(period):
        inner = _turn_scope(scope, loop, turns, trips, typed.Turn(index, period, offset), offset)
        inner.statements = written
        elaborate_block(inner, loop.body)
    _emit_loop(scope, groups, index, join_gates(written), loop.span)
    _expand(scope, loop, turns, range(groups * period, trips), trips)


def _expand(scope: Scope, loop: ast.Loop, turns: Turns, which: range, trips: int) -> None:
    """Some turns one after the other."""
    state = circuit_state(scope.frame)
    variable = loop.binder.variable if loop.binder else None
    least = least_gates(scope, loop.body, frozenset([variable.name] if variable else []))
    if not allow_gates(scope, loop.span, state.gates + least * len(which)):
        state.full = True
    if state.full:
        return
    written: list[typed.Statement] = []
    for turn in which:
        inner = _turn_scope(scope, loop, turns, trips, typed.Turn(None, 0, turn), turn)
        inner.statements = written
        elaborate_block(inner, loop.body)
        if state.full:
            return
    scope.statements.extend(join_gates(written))


def _turn_scope(
    scope: Scope, loop: ast.Loop, turns: Turns, trips: int, slot_turn: typed.Turn, turn: int
) -> Scope:
    """The block of a written turn: its variable is the number that turn `turn` has."""
    inner = scope.inner(CreatingLoop(trips, slot_turn))
    variable = loop.binder.variable if loop.binder else None
    if variable is not None:
        bind_number(inner, variable, turns.at(turn))
    return inner


def _emit_loop(
    scope: Scope, trips: int, index: typed.Local, statements: list[typed.Statement], span: Span
) -> None:
    if statements:
        loop = typed.RepeatGates(trips=trips, index=index, statements=tuple(statements), span=span)
        scope.emit(loop)


# --- variables at run time ------------------------------------------------------------------------


def _bind_at_run_time(
    inner: Scope, variable: ast.Ident | None, turns: Turns, index: typed.Local
) -> None:
    """Binds the variable to its number, or to its slice of the loop's value, in turn `index`."""
    if variable is None:
        return
    if turns.value is not None:
        local = _slice_of(inner, variable, turns.value, index)
        inner.bind(variable, ValueBinding(span=variable.span, local=local))
        return
    local = index
    if (turns.first, turns.step) != (0, 1) and isinstance(turns.first, int) and isinstance(turns.step, int):
        local = _scaled(inner, variable, index, turns.first, turns.step)
    inner.bind(variable, ValueBinding(span=variable.span, local=local, interval=(turns.first, turns.last)))


def _slice_of(inner: Scope, variable: ast.Ident, value: typed.Expr, index: typed.Local) -> typed.Local:
    assert isinstance(value.type, TensorType)
    kind = TensorType(value.type.dtype, value.type.shape[1:], value.type.bound, value.type.role)
    turn = typed.Read(local=index, type=_INDEX, span=variable.span)
    element = typed.Prim(
        fn="gather", args=(value, turn), options=(("axis", 0),), type=kind, span=variable.span
    )
    return _assign(inner, variable, element)


def _scaled(inner: Scope, variable: ast.Ident, index: typed.Local, first: int, step: int) -> typed.Local:
    """first + step * index."""
    number: typed.Expr = typed.Read(local=index, type=_INDEX, span=variable.span)
    for fn, by, neutral in (("mul", step, 1), ("add", first, 0)):
        if by != neutral:
            literal = typed.Literal(value=by, type=_INDEX, span=variable.span)
            number = typed.Elementwise(fn=fn, args=(number, literal), type=_INDEX, span=variable.span)
    return _assign(inner, variable, number)


def _assign(inner: Scope, variable: ast.Ident, value: typed.Expr) -> typed.Local:
    local = inner.frame.fresh_local(variable.name, value.type, variable.span)
    inner.emit(typed.Assign(local=local, value=value, span=variable.span))
    return local
