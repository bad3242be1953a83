"""Values as carries of a loop over gates: `(out, h) = scan t in xs carry (c = s, h = h0) { …; next h = e }`.

What came before: the statements of a turn. What leaves: a loop over values alone, which gives what the gates
of every turn read, stacked, and a loop over gates. Invariant: no value depends on a qubit (results stand
behind all gates), so the values of all turns may be computed before the first gate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.check_loop import Carried, carries_of, following_of
from hqn.compiler.types.bodies.expand_loop import while_taken
from hqn.compiler.types.body_errors import Misplaced
from hqn.compiler.types.model import DType, TensorType, TupleType, Type
from hqn.compiler.types.scope import Scope, TurnResult, ValueBinding
from hqn.compiler.types.walk import reads, walk

_INDEX = TensorType(DType.I32)
_OF_VALUES = (typed.Assign, typed.DrawRandom, typed.SetState)


@dataclass(slots=True)
class ValueCarries:
    """The values that one loop carries; `now` are those behind the turns so far."""

    carried: list[Carried]
    now: list[typed.Expr] = field(default_factory=list)

    def enter(self, inner: Scope) -> None:
        """Names the carries in a turn that is a block of its own."""
        inner.turn = TurnResult({one.ident.name: one.local for one in self.carried})
        for one in self.carried:
            inner.bind(one.ident, ValueBinding(span=one.ident.span, local=one.local))

    def following(self, inner: Scope) -> list[typed.Expr]:
        """What the carries are in the next turn."""
        turn = inner.turn
        assert turn is not None
        if turn.yielded is not None:
            hint = "what it carries has names behind it: `h = scan … carry (h = e) { … }`"
            inner.report(Misplaced(span=turn.yielded.span, why="a loop over gates yields nothing", hint=hint))
        return [following_of(inner, one, turn) for one in self.carried]


def start(scope: Scope, loop: ast.Loop, carries: tuple[ast.Carry, ...]) -> ValueCarries:
    """The carries before the first turn."""
    carried = carries_of(scope, replace(loop, carry=carries), None)
    return ValueCarries(carried, [one.initial for one in carried])


def apart(statements: Iterable[typed.Statement]) -> tuple[list[typed.Statement], list[typed.Statement]]:
    """The statements about values, and those about qubits."""
    found: tuple[list[typed.Statement], list[typed.Statement]] = [], []
    for one in statements:
        found[not isinstance(one, _OF_VALUES)].append(one)
    return found


# --- a loop that stays a loop ---------------------------------------------------------------------


def fission(
    scope: Scope, carries: ValueCarries, inner: Scope, loop: typed.RepeatGates
) -> list[typed.Statement]:
    """The turns of the loop over gates; the loop over values goes in front of it."""
    following = carries.following(inner)
    if not carries.carried:
        return inner.statements
    values, gates = apart(inner.statements)
    needed = _needed(carries, values, gates)
    result = _loop_over_values(scope, carries, values, following, needed, loop)
    carries.now = [_final(result, carries, place) for place in range(len(carries.carried))]
    given: list[typed.Statement] = []
    for place, local in enumerate(needed):
        stacked = typed.Item(result, 1 + place, type=_stacked(local.type, loop.trips), span=loop.span)
        element = element_of(stacked, loop.index, loop.span)
        given.append(typed.Assign(local=local, value=element, span=loop.span))
    return [*given, *gates]


def _needed(
    carries: ValueCarries, values: list[typed.Statement], gates: list[typed.Statement]
) -> list[typed.Local]:
    """What the gates of a turn read of its values."""
    bound = {one.local for one in carries.carried}
    bound |= {one.local for one in values if isinstance(one, typed.Assign | typed.DrawRandom)}
    read = (local for gate in gates for part in walk(gate) for local in reads(part))
    return list(dict.fromkeys(local for local in read if local in bound))


def _loop_over_values(
    scope: Scope,
    carries: ValueCarries,
    values: list[typed.Statement],
    following: list[typed.Expr],
    needed: list[typed.Local],
    loop: typed.RepeatGates,
) -> typed.Expr:
    """All carries as one, a tuple where there are several, and behind them what gates read of every turn."""
    span, carry = loop.span, carries.carried[0].local
    first, after, unpacked = carries.now[0], following[0], list[typed.Statement]()
    if len(following) > 1:
        type_ = TupleType(tuple(one.local.type for one in carries.carried))
        carry = scope.frame.fresh_local("carry", type_, span)
        first = typed.MakeTuple(tuple(carries.now), type=type_, span=span)
        after = typed.MakeTuple(tuple(following), type=type_, span=span)
        whole = typed.Read(carry, type=type_, span=span)
        for place, one in enumerate(carries.carried):
            item = typed.Item(whole, place, type=one.local.type, span=span)
            unpacked.append(typed.Assign(one.local, item, span=span))
    extras = tuple(typed.Read(local, type=local.type, span=span) for local in needed)
    stacked = (_stacked(local.type, loop.trips) for local in needed)
    found = typed.Loop(
        kind=loop.kind,
        trips=loop.trips,
        index=loop.index,
        domains=(),
        elements=(),
        carries=(carry,),
        initial=(first,),
        body=typed.Body((*unpacked, *values), (after,), None, extras),
        take=loop.take,
        type=TupleType((carry.type, *stacked)),
        span=span,
    )
    local = scope.frame.fresh_local("values", found.type, span)
    scope.emit(typed.Assign(local=local, value=found, span=span))
    return typed.Read(local, type=found.type, span=span)


def _final(result: typed.Expr, carries: ValueCarries, place: int) -> typed.Expr:
    assert isinstance(result.type, TupleType)
    last = typed.Item(result, 0, type=result.type.items[0], span=result.span)
    if len(carries.carried) == 1:
        return last
    return typed.Item(last, place, type=carries.carried[place].local.type, span=result.span)


def _stacked(type_: Type, trips: int) -> Type:
    assert isinstance(type_, TensorType)
    return TensorType(type_.dtype, (trips, *type_.shape), type_.bound, type_.role)


def element_of(value: typed.Expr, index: typed.Local, span: Span) -> typed.Expr:
    """The slice of a value along its first axis that belongs to turn `index`."""
    assert isinstance(value.type, TensorType)
    kind = TensorType(value.type.dtype, value.type.shape[1:], value.type.bound, value.type.role)
    turn = typed.Read(local=index, type=_INDEX, span=span)
    options: Any = (("axis", 0),)
    return typed.Prim(fn="gather", args=(value, turn), options=options, type=kind, span=span)


# --- turns that are written out -------------------------------------------------------------------


def enter_written(carries: ValueCarries, inner: Scope) -> ValueCarries:
    """Names the carries in a written turn, each a local that is bound to what it is by now."""
    here = ValueCarries([], carries.now)
    for one, value in zip(carries.carried, carries.now, strict=True):
        local = inner.frame.fresh_local(one.ident.name, one.local.type, one.ident.span)
        inner.emit(typed.Assign(local, value, span=one.ident.span))
        here.carried.append(replace(one, local=local))
    here.enter(inner)
    return here


def leave_written(
    carries: ValueCarries, here: ValueCarries, inner: Scope, turn: int, take: typed.Expr | None
) -> None:
    """The end of a written turn: what the carries are behind it, if it is taken."""
    following = here.following(inner)
    carries.now = []
    for one, value in zip(here.carried, following, strict=True):
        if take is not None:
            before = typed.Read(one.local, type=one.local.type, span=one.ident.span)
            value = while_taken(turn, take, value, before)
        local = inner.frame.fresh_local(one.ident.name, one.local.type, one.ident.span)
        inner.emit(typed.Assign(local, value, span=value.span))
        carries.now.append(typed.Read(local, type=local.type, span=value.span))
