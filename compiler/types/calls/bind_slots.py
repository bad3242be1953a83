"""A function whose caller gives some of its slots: `net(x) with {w = 2 * s - 1}`.

What came before: a `typed.Function` and the slots to be given, its own or those of instances below it. What
leaves: the same function with a parameter for each of them, at its end. Invariants: what reads a given slot
reads the parameter; instances on the way pass it on; a slot that is given in all turns and calls is no slot
any more. One variant is made per function and choice of slots.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.calls.turn_values import taken, turn_is
from hqn.compiler.types.instances import as_word
from hqn.compiler.types.model import DType, TensorType
from hqn.compiler.types.scope import Session
from hqn.compiler.types.walk import walk_statements

BOOL = TensorType(DType.BOOL)


@dataclass(frozen=True, slots=True)
class Bound:
    """A slot that is given: its path below the function, and per creating loop the turn that is meant.

    None stands for all turns; these are the leading axes of the value, in front of `slot`, the type in one
    turn. `sometimes`: a second parameter says whether the value is meant at all.
    """

    path: tuple[str, ...]
    turns: tuple[int | None, ...]
    loops: tuple[int, ...]
    slot: TensorType
    sometimes: bool = False

    @property
    def everywhere(self) -> bool:
        return not self.sometimes and all(turn is None for turn in self.turns)

    @property
    def type(self) -> TensorType:
        axes = tuple(trips for trips, turn in zip(self.loops, self.turns) if turn is None)
        return replace(self.slot, shape=(*axes, *self.slot.shape))

    @property
    def types(self) -> tuple[TensorType, ...]:
        """The types of its parameters."""
        return (self.type, BOOL) if self.sometimes else (self.type,)


@dataclass(frozen=True, slots=True)
class Here:
    """A bound slot inside of the variant: its value, and whether it is meant."""

    bound: Bound
    value: typed.Expr
    meant: typed.Expr | None


def variant(session: Session, function: typed.Function, bounds: tuple[Bound, ...]) -> typed.Function:
    """The function with these slots as parameters; the function itself where there are none."""
    if not bounds:
        return function
    key = ("variant", id(function), bounds)
    found = session.memo.get(key)
    if found is None:
        found = session.memo[key] = _make(session, function, bounds)
        session.memo["original", id(found)] = (found, function, bounds)
        if ("differs", id(function)) in session.memo:
            session.memo["differs", id(found)] = found
    assert isinstance(found, typed.Function)
    return found


def original(session: Session, function: typed.Function) -> tuple[typed.Function, tuple[Bound, ...]]:
    """The function that this one is a variant of, and the slots that it is given."""
    found: Any = session.memo.get(("original", id(function)))
    return (function, ()) if found is None else (found[1], found[2])


def _make(session: Session, function: typed.Function, bounds: tuple[Bound, ...]) -> typed.Function:
    names = local_names(function)
    params: list[typed.Local] = []
    here: list[Here] = []
    for bound in bounds:
        stem = as_word(*bound.path)
        given = [typed.Local(unused_name(stem, names), type_) for type_ in bound.types]
        params += given
        reads = [typed.Read(local, type=local.type, span=function.span) for local in given]
        here.append(Here(bound, reads[0], reads[1] if bound.sometimes else None))
    writer = _Writer(session, here, function.span)
    gone = {bound.path[0] for bound in bounds if bound.everywhere and len(bound.path) == 1}
    return replace(
        function,
        name=session.unique_name(f"{function.name}_with_{as_word(*bounds[0].path)}"),
        params=(*function.params, *params),
        slots=tuple(slot for slot in function.slots if slot.name not in gone),
        children=tuple(writer.child(child) for child in function.children),
        statements=writer.statements(function.statements, gone),
        result=writer.written(function.result),
    )


def local_names(function: typed.Function) -> set[str]:
    """Every name of a local."""
    found = {local.name for local in function.params}
    for part in walk_statements(function.statements, function.result):
        match part:
            case typed.Assign(local=local) | typed.DrawRandom(local=local):
                found.add(local.name)
            case typed.Loop():
                found |= {local.name for local in (part.index, *part.elements, *part.carries)}
            case typed.RepeatGates(index=local):
                found.add(local.name)
    return found


def unused_name(stem: str, names: set[str]) -> str:
    chosen, number = stem, 2
    while chosen in names:
        chosen, number = f"{stem}_{number}", number + 1
    names.add(chosen)
    return chosen


@dataclass(slots=True)
class _Writer:
    """Writes the body anew."""

    session: Session
    here: list[Here]
    span: Span

    def child(self, child: typed.ChildInstance) -> typed.ChildInstance:
        """The instance without the slots that no call reads."""
        tails = tuple(
            replace(one.bound, path=one.bound.path[1:], turns=rest, loops=one.bound.loops[len(child.loops) :])
            for one in self.here
            if one.bound.everywhere and one.bound.path[0] == child.name and len(one.bound.path) > 1
            for rest in (one.bound.turns[len(child.loops) :],)
        )
        return replace(child, function=variant(self.session, child.function, tails))

    def statements(self, statements: tuple[typed.Statement, ...], gone: set[str]) -> tuple[Any, ...]:
        """Without the next values of states that are given."""
        kept = (one for one in statements if not (isinstance(one, typed.SetState) and one.slot in gone))
        return tuple(self.written(one) for one in kept)

    def written(self, node: Any) -> Any:
        """The node with slots read from parameters and calls that pass them on."""
        if isinstance(node, tuple):
            items = tuple(self.written(item) for item in node)
            return node if all(a is b for a, b in zip(node, items)) else items
        if isinstance(node, typed.SlotRead):
            return self._slot(node)
        if not isinstance(node, typed.Expr | typed.Statement | typed.Body | typed.Factor | typed.PauliTerm):
            return node
        changes = {f.name: self.written(getattr(node, f.name)) for f in fields(node) if f.name not in KEPT}
        changes = {name: value for name, value in changes.items() if value is not getattr(node, name)}
        node = replace(node, **changes) if changes else node
        return self._call(node) if isinstance(node, typed.CallFunction | typed.ApplyCircuit) else node

    def _slot(self, read: typed.SlotRead) -> typed.Expr:
        value: typed.Expr = read
        for one in self.here:
            if one.bound.path != (read.slot,):
                continue
            found = self._in_turns(one, read.turns)
            if found is not None:
                value = _chosen(found, value)
        return value

    def _call(self, call: typed.CallFunction | typed.ApplyCircuit) -> Any:
        """The call of the variant that the callee needs, with what it is given behind its arguments."""
        passed = list(self._passed(call.instance, call.turns))
        for one in call.shared:
            passed += [
                replace(found, bound=replace(found.bound, path=(one.label, *found.bound.path)))
                for found in self._passed(one.instance, one.turns)
            ]
        if not passed:
            return call
        function = variant(self.session, call.function, tuple(one.bound for one in passed))
        extra = tuple(expr for one in passed for expr in (one.value, one.meant) if expr is not None)
        if isinstance(call, typed.ApplyCircuit):
            return replace(call, function=function, args=(*call.args, *extra))
        lifted = (*(call.lifted or (False,) * len(call.args)), *(False for _ in extra))
        return replace(call, function=function, args=(*call.args, *extra), lifted=lifted)

    def _passed(self, instance: str, turns: tuple[typed.Turn, ...]) -> Iterator[Here]:
        """What an instance of this function is given in these turns."""
        for one in self.here:
            if one.bound.path[0] == instance and len(one.bound.path) > 1:
                found = self._in_turns(one, turns)
                if found is not None:
                    yield replace(found, bound=replace(found.bound, path=found.bound.path[1:]))

    def _in_turns(self, one: Here, turns: tuple[typed.Turn, ...]) -> Here | None:
        """What is given in these turns of the outermost loops; None where it is given in others only."""
        bound, meant, whole = one.bound, one.meant, list[typed.Turn]()
        for turn, wanted in zip(turns, bound.turns):
            if wanted is None:
                whole.append(turn)
                continue
            holds = turn_is(turn, wanted, self.span)
            if holds is False:
                return None
            if holds is not True:
                meant = holds if meant is None else _both(meant, holds)
        count = len(turns)
        rest = replace(
            bound, turns=bound.turns[count:], loops=bound.loops[count:], sometimes=meant is not None
        )
        return Here(rest, taken(one.value, tuple(whole), self.span), meant)


KEPT = {"type", "span", "function", "local", "index", "elements", "carries", "wrt", "turns", "shared"}


def _both(a: typed.Expr, b: typed.Expr) -> typed.Expr:
    return typed.Elementwise("and", (a, b), type=BOOL, span=a.span)


def _chosen(found: Here, otherwise: typed.Expr) -> typed.Expr:
    """The given value, or where that is not meant the slot's."""
    if found.meant is None:
        return found.value
    args = (found.meant, found.value, otherwise)
    return typed.Elementwise("select", args, type=otherwise.type, span=otherwise.span)
