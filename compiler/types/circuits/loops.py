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
from hqn.compiler.types.bodies.check_loop import over, take_of
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
from hqn.compiler.types.circuits import qubit_carry, value_carry
from hqn.compiler.types.circuits.join_gates import join_gates
from hqn.compiler.types.circuits.least_gates import least_gates, must_be_known, period_of, variable_uses
from hqn.compiler.types.circuits.loop_variables import Uses
from hqn.compiler.types.circuits.measurement_errors import BadQubitCarry
from hqn.compiler.types.circuits.qubit_carry import QubitCarries
from hqn.compiler.types.circuits.qubits import QubitBinding, circuit_state, is_qubits
from hqn.compiler.types.circuits.usage import block
from hqn.compiler.types.circuits.usage import turns as looping
from hqn.compiler.types.circuits.value_carry import ValueCarries
from hqn.compiler.types.limits import allow_gates, allow_turns
from hqn.compiler.types.model import UNKNOWN, DType, TensorType
from hqn.compiler.types.scope import CreatingLoop, Scope, ValueBinding

_INDEX = TensorType(DType.I32)


def repeat_gates(scope: Scope, loop: ast.Loop, targets: tuple[ast.Ident, ...] = ()) -> None:
    """One loop statement of a circuit; `targets` are names of what it carries, behind it."""
    if loop.kind not in ("repeat", "scan"):
        why = f"the turns of `{loop.kind}` know nothing of each other"
        hint = "`scan` and `repeat` carry qubits"
        span = loop.carry[0].span if loop.carry else loop.span
        return scope.report(BadLoop(span=span, why=why, hint=hint))
    assert loop.binder is not None
    of_qubits = tuple(carry for carry in loop.carry if is_qubits(scope, carry.value))
    qubits = qubit_carry.start(scope, of_qubits)
    values = value_carry.start(scope, loop, tuple(one for one in loop.carry if one not in of_qubits))
    turns = _turns(scope, loop.binder)
    take = None if loop.take is None else take_of(scope, loop, loop.take)
    if turns is None or qubits is None:
        scope.frame.failed = True
        for target in targets:
            scope.bind_value(target, UNKNOWN)
        return None
    written = _Loop(loop, turns, qubits, values, take)
    uses = variable_uses(scope, loop)
    if not scope.concrete:
        _once(scope, written, uses)
    elif isinstance(turns.trips, int) and allow_turns(scope, _domain(loop).span, turns.trips):
        _in_turns(scope, written, uses, turns.trips)
    _finish(scope, written, targets)
    return None


def moves_qubits(loop: ast.Loop) -> bool:
    """Whether gates, measurements or registers stand in a loop."""
    kinds = (ast.Gate, ast.QubitOp, ast.Qubits, ast.Postselect)
    return any(isinstance(node, kinds) for node in ast.walk(loop.body))


def _finish(scope: Scope, loop: _Loop, targets: tuple[ast.Ident, ...]) -> None:
    """Names what is carried behind the loop; what is only a value may stay without a name."""
    carried = loop.syntax.carry
    if len(targets) != len(carried) and (targets or loop.qubits.starts):
        names = ", ".join(carry.name.name for carry in carried)
        names = f"({names})" if len(carried) > 1 else names
        why = f"what is carried has names behind the loop: `{names} = {loop.syntax.kind} …`"
        first = carried[0].span if carried else loop.syntax.span
        scope.report(BadQubitCarry(span=loop.syntax.span, why=why, start=first))
        for target in targets:
            scope.bind_value(target, UNKNOWN)
        return
    values = iter(loop.values.now)
    for target, carry in zip(targets, carried):
        _, qubits = loop.qubits.starts.get(carry.name.name, (None, None))
        if qubits is not None:
            scope.bind(target, QubitBinding(span=target.span, qubits=qubits))
            continue
        value = next(values)
        local = scope.bind_value(target, value.type)
        scope.emit(typed.Assign(local, value, span=target.span))


@dataclass(frozen=True, slots=True)
class _Loop:
    """A loop with what it runs over, what it carries and how many of its turns count."""

    syntax: ast.Loop
    turns: Turns
    qubits: QubitCarries
    values: ValueCarries
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
            qubit_carry.enter(inner, self.qubits)
            elaborate_block(inner, self.syntax.body)
            qubit_carry.leave(inner, self.qubits)


def _in_turns(scope: Scope, loop: _Loop, uses: Uses, trips: int) -> None:
    if not must_be_known(loop.turns, uses):
        _stay_loop(scope, loop, trips)
        return
    period = None if loop.values.carried else period_of(scope, uses)
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
    run = over(scope, value, domain.span)
    return None if run is None else Turns(run.trips, value=_bound(scope, value))


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
    loop.values.enter(inner)
    variable = loop.variable
    if variable is None or not must_be_known(loop.turns, uses):
        local = scope.frame.fresh_local("turn", _INDEX, loop.syntax.span)
        _bind_at_run_time(inner, variable, loop.turns, local)
        loop.body(inner)
    else:
        symbol = bind_symbol(scope, inner, variable, loop.turns)
        loop.body(inner)
        forget_symbol(scope, symbol)
    loop.values.following(inner)


def _stay_loop(scope: Scope, loop: _Loop, trips: int) -> None:
    if trips == 0:
        return
    variable = loop.variable
    index = scope.frame.fresh_local(variable.name if variable else "turn", _INDEX, loop.syntax.span)
    inner = loop.inner(scope, trips, typed.Turn(index, 1, 0))
    loop.values.enter(inner)
    _bind_at_run_time(inner, variable, loop.turns, index)
    with looping(scope, circuit_state(scope.frame).usage, trips > 1):
        loop.body(inner)
    found = _repeat(loop, trips, index, loop.syntax.kind)
    scope.statements.extend(_filled(found, value_carry.fission(scope, loop.values, inner, found)))


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
    found = _repeat(inside, groups, index, loop.syntax.kind)
    scope.statements.extend(_filled(found, join_gates(written)))
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
    here = value_carry.enter_written(loop.values, inner)
    if loop.take is None:
        loop.body(inner)
    else:
        with looping(scope, circuit_state(scope.frame).usage, True):
            loop.body(inner)
    value_carry.leave_written(loop.values, here, inner, turn, loop.take)
    if loop.take is None:
        return inner.statements
    values, gates = value_carry.apart(inner.statements)
    return [*values, *_taken(scope, loop, number, gates)]


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
    return _filled(_repeat(replace(loop, take=left), 1, once, "scan"), statements)


def _repeat(loop: _Loop, trips: int, index: typed.Local, kind: Any) -> typed.RepeatGates:
    """The statement of a loop, its turns still without statements."""
    return typed.RepeatGates(
        trips=trips, index=index, statements=(), kind=kind, take=loop.take, span=loop.syntax.span
    )


def _filled(loop: typed.RepeatGates, statements: list[typed.Statement]) -> list[typed.Statement]:
    """A loop with its turns, unless they do nothing."""
    return [replace(loop, statements=tuple(statements))] if statements else []


# --- variables at run time ------------------------------------------------------------------------


def _bind_at_run_time(inner: Scope, variable: ast.Ident | None, turns: Turns, index: typed.Local) -> None:
    """Binds the variable to its number, or to its slice of the loop's value, in turn `index`."""
    if variable is None:
        return
    if turns.value is not None:
        local = _assign(inner, variable, value_carry.element_of(turns.value, index, variable.span))
        inner.bind(variable, ValueBinding(span=variable.span, local=local))
        return
    local = index
    if (turns.first, turns.step) != (0, 1) and isinstance(turns.first, int) and isinstance(turns.step, int):
        local = _assign(inner, variable, _affine(index, turns.step, turns.first, variable.span))
    inner.bind(variable, ValueBinding(span=variable.span, local=local, interval=(turns.first, turns.last)))


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
