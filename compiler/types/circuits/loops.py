"""Loops in circuits: `repeat` and `scan` with the registers as their carry.

What came before: a loop statement of a circuit. What leaves: `typed.RepeatGates` where the turns differ
in angles and weights only; groups of p turns where the variable selects qubits through `% p`; otherwise the
turns one after the other, gates of neighbouring turns joined. Invariant: all three apply the same gates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies.check_loop import take_of
from hqn.compiler.types.bodies.elaborate import elaborate_block, elaborate_expr
from hqn.compiler.types.bodies.turns import (
    Turns,
    bind_number,
    bind_symbol,
    count_turns,
    forget_symbol,
    range_turns,
)
from hqn.compiler.types.body_errors import BadLoop
from hqn.compiler.types.circuits.join_gates import join_gates
from hqn.compiler.types.circuits.least_gates import least_gates, must_be_known, period_of, variable_uses
from hqn.compiler.types.circuits.loop_variables import Uses
from hqn.compiler.types.circuits.qubit_carry import QubitCarries, enter, finish, leave, start
from hqn.compiler.types.circuits.qubits import circuit_state
from hqn.compiler.types.circuits.usage import block
from hqn.compiler.types.circuits.usage import turns as looping
from hqn.compiler.types.limits import allow_gates, allow_turns
from hqn.compiler.types.model import UNKNOWN, DType, TensorType, UnknownType
from hqn.compiler.types.scope import CreatingLoop, Scope, ValueBinding
from hqn.compiler.types.unsupported import refuse

_INDEX = TensorType(DType.I32)


def repeat_gates(scope: Scope, loop: ast.Loop, targets: tuple[ast.Ident, ...] = ()) -> None:
    """One loop statement of a circuit; `targets` are names of the qubits that it carries."""
    if loop.kind not in ("repeat", "scan"):
        why = f"the turns of `{loop.kind}` know nothing of each other"
        hint = "`scan` and `repeat` carry qubits"
        return scope.report(BadLoop(span=loop.carry[0].span, why=why, hint=hint))
    assert loop.binder is not None
    carries = start(scope, loop) if loop.carry else None
    turns = _turns(scope, loop.binder)
    take = None if loop.take is None else take_of(scope, loop, loop.take)
    if turns is None or (loop.carry and carries is None):
        scope.frame.failed = True
        for target in targets:
            scope.bind_value(target, UNKNOWN)
        return None
    written = _Loop(loop, turns, carries, take)
    uses = variable_uses(scope, loop)
    if not scope.concrete:
        _once(scope, written, uses)
    elif isinstance(turns.trips, int) and allow_turns(scope, _domain(loop).span, turns.trips):
        _in_turns(scope, written, uses, turns.trips)
    if carries is not None:
        finish(scope, carries, targets, loop)
    return None


@dataclass(frozen=True, slots=True)
class _Loop:
    """A loop with what it runs over, what it carries and how many of its turns count."""

    syntax: ast.Loop
    turns: Turns
    carries: QubitCarries | None
    take: typed.Expr | None

    @property
    def variable(self) -> ast.Ident | None:
        return self.syntax.binder.variable if self.syntax.binder else None

    def inner(self, scope: Scope, trips: sizes.Dim, turn: typed.Turn) -> Scope:
        """The scope of a turn: `repeat` has slots of its own in each, `scan` shares them."""
        return scope.inner(CreatingLoop(trips, turn) if self.syntax.kind == "repeat" else None)

    def body(self, inner: Scope) -> None:
        """One turn, whose variable is bound."""
        with block(inner, circuit_state(inner.frame).usage, "turn"):
            if self.carries is not None:
                enter(inner, self.carries)
            elaborate_block(inner, self.syntax.body)
            if self.carries is not None:
                leave(inner, self.carries)


def _in_turns(scope: Scope, loop: _Loop, uses: Uses, trips: int) -> None:
    if not must_be_known(loop.turns, uses):
        _stay_loop(scope, loop, trips)
        return
    period = period_of(scope, uses)
    if period is None or trips < 2 * period:
        _expand(scope, loop, range(trips), trips)
        return
    _groups(scope, loop, trips, period)


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


def _once(scope: Scope, loop: _Loop, uses: Uses) -> None:
    """In a definition: one turn, whose variable stands for all of them."""
    inner = loop.inner(scope, loop.turns.trips, typed.Turn(None, 0, 0))
    variable = loop.variable
    if variable is None or not must_be_known(loop.turns, uses):
        local = scope.frame.fresh_local("turn", _INDEX, loop.syntax.span)
        _bind_at_run_time(inner, variable, loop.turns, local)
        loop.body(inner)
        return
    symbol = bind_symbol(scope, inner, variable, loop.turns)
    loop.body(inner)
    forget_symbol(scope, symbol)


def _stay_loop(scope: Scope, loop: _Loop, trips: int) -> None:
    if trips == 0:
        return
    variable = loop.variable
    index = scope.frame.fresh_local(variable.name if variable else "turn", _INDEX, loop.syntax.span)
    inner = loop.inner(scope, trips, typed.Turn(index, 1, 0))
    _bind_at_run_time(inner, variable, loop.turns, index)
    with looping(scope, circuit_state(scope.frame).usage, trips > 1):
        loop.body(inner)
    scope.statements.extend(_loop(loop, trips, index, inner.statements, loop.syntax.kind))


def _groups(scope: Scope, loop: _Loop, trips: int, period: int) -> None:
    """`period` written turns as the body of a loop, and the turns that are left over behind it."""
    variable = loop.variable
    groups = trips // period
    index = scope.frame.fresh_local(variable.name if variable else "turn", _INDEX, loop.syntax.span)
    written: list[typed.Statement] = []
    with looping(scope, circuit_state(scope.frame).usage, groups > 1):
        for offset in range(period):
            written += _written_turn(scope, loop, trips, typed.Turn(index, period, offset), offset)
    inside = replace(loop, take=None)  # which turns are taken is said turn by turn
    scope.statements.extend(_loop(inside, groups, index, join_gates(written), loop.syntax.kind))
    _expand(scope, loop, range(groups * period, trips), trips)


def _expand(scope: Scope, loop: _Loop, which: range, trips: int) -> None:
    """Some turns one after the other."""
    state = circuit_state(scope.frame)
    body, variable = loop.syntax.body, loop.variable
    least = least_gates(scope, body, frozenset([variable.name] if variable else []))
    if not allow_gates(scope, loop.syntax.span, state.gates + least * len(which)):
        state.full = True
    if state.full:
        return
    written: list[typed.Statement] = []
    for turn in which:
        written += _written_turn(scope, loop, trips, typed.Turn(None, 0, turn), turn)
        if state.full:
            return
    scope.statements.extend(join_gates(written))


def _written_turn(
    scope: Scope, loop: _Loop, trips: int, number: typed.Turn, turn: int
) -> list[typed.Statement]:
    """The statements of a written turn: the loop's variable is the number that turn `turn` has."""
    inner = loop.inner(scope, trips, number)
    if loop.variable is not None:
        bind_number(inner, loop.variable, loop.turns.at(turn))
    if loop.take is None:
        loop.body(inner)
        return inner.statements
    with looping(scope, circuit_state(scope.frame).usage, True):
        loop.body(inner)
    return _taken(scope, loop, number, inner.statements)


def _taken(
    scope: Scope, loop: _Loop, number: typed.Turn, statements: list[typed.Statement]
) -> list[typed.Statement]:
    """A written turn that is gone through if its number is below `take`: a loop that takes 1 turn or none."""
    assert loop.take is not None
    turn: typed.Expr = typed.Literal(value=number.offset, type=_INDEX, span=loop.take.span)
    if number.index is not None:
        turn = _affine(number.index, number.stride, number.offset, loop.take.span)
    left = typed.Elementwise(fn="sub", args=(loop.take, turn), type=_INDEX, span=loop.take.span)
    once = scope.frame.fresh_local("turn", _INDEX, loop.syntax.span)
    return _loop(replace(loop, take=left), 1, once, statements, "scan")


def _loop(
    loop: _Loop, trips: int, index: typed.Local, statements: list[typed.Statement], kind: Any
) -> list[typed.Statement]:
    """The statement of a loop, unless its turns do nothing."""
    turns = tuple(statements)
    span = loop.syntax.span
    found = typed.RepeatGates(
        trips=trips, index=index, statements=turns, kind=kind, take=loop.take, span=span
    )
    return [found] if turns else []


# --- variables at run time ------------------------------------------------------------------------


def _bind_at_run_time(inner: Scope, variable: ast.Ident | None, turns: Turns, index: typed.Local) -> None:
    """Binds the variable to its number, or to its slice of the loop's value, in turn `index`."""
    if variable is None:
        return
    if turns.value is not None:
        local = _slice_of(inner, variable, turns.value, index)
        inner.bind(variable, ValueBinding(span=variable.span, local=local))
        return
    local = index
    if (turns.first, turns.step) != (0, 1) and isinstance(turns.first, int) and isinstance(turns.step, int):
        local = _assign(inner, variable, _affine(index, turns.step, turns.first, variable.span))
    inner.bind(variable, ValueBinding(span=variable.span, local=local, interval=(turns.first, turns.last)))


def _slice_of(inner: Scope, variable: ast.Ident, value: typed.Expr, index: typed.Local) -> typed.Local:
    assert isinstance(value.type, TensorType)
    kind = TensorType(value.type.dtype, value.type.shape[1:], value.type.bound, value.type.role)
    turn = typed.Read(local=index, type=_INDEX, span=variable.span)
    element = typed.Prim(
        fn="gather", args=(value, turn), options=(("axis", 0),), type=kind, span=variable.span
    )
    return _assign(inner, variable, element)


def _affine(index: typed.Local, step: int, first: int, span: Span) -> typed.Expr:
    """first + step * index."""
    number: typed.Expr = typed.Read(local=index, type=_INDEX, span=span)
    for fn, by, neutral in (("mul", step, 1), ("add", first, 0)):
        if by != neutral:
            literal = typed.Literal(value=by, type=_INDEX, span=span)
            number = typed.Elementwise(fn=fn, args=(number, literal), type=_INDEX, span=span)
    return number


def _assign(inner: Scope, variable: ast.Ident, value: typed.Expr) -> typed.Local:
    local = inner.frame.fresh_local(variable.name, value.type, variable.span)
    inner.emit(typed.Assign(local=local, value=value, span=variable.span))
    return local
