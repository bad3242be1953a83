"""A function that also gives values from inside of it: `net(x)` with `net::blk.p`.

What came before: a `typed.Function`, and the paths of values in it or in calls below it. What leaves: the
same function, whose result is a tuple: its own, then those values. Invariants: nothing is computed twice, as
what is read becomes a further result of the call or loop that it is in, which is evaluated right before the
statement that needs it; a value of a turn is stacked, as if it were yielded. One such function is made per
choice of paths.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from hqn.compiler.types import typed
from hqn.compiler.types.calls.bind_slots import KEPT, local_names, original, unused_name
from hqn.compiler.types.calls.tap_paths import Path, lifted, source
from hqn.compiler.types.instances import as_word
from hqn.compiler.types.model import TupleType
from hqn.compiler.types.scope import Session, Tap


def exposed(session: Session, function: typed.Function, paths: tuple[Path, ...]) -> typed.Function:
    """The function with the values at these paths behind its result; all of them must be there."""
    key = ("exposed", id(function), paths)
    found = session.memo.get(key)
    if found is None:
        found = session.memo[key] = _make(session, function, paths)
        session.memo["original", id(found)] = (found, *original(session, function))
        if ("differs", id(function)) in session.memo:
            session.memo["differs", id(found)] = found
    assert isinstance(found, typed.Function)
    return found


def further(session: Session, call: typed.CallFunction, path: Path) -> typed.Expr:
    """The value at a path below a call, as an expression of its own."""
    whole = _giving(session, call, (path,))
    assert isinstance(whole.type, TupleType)
    return typed.Item(whole, 1, type=whole.type.items[1], span=call.span)


def _giving(session: Session, call: typed.CallFunction, paths: tuple[Path, ...]) -> typed.CallFunction:
    """The call with the values at these paths behind its value."""
    function = exposed(session, call.function, paths)
    assert function.result is not None
    return replace(call, function=function, type=lifted(function.result.type, call.batch))


def with_taps(session: Session, function: typed.Function, taps: tuple[Tap, ...]) -> typed.Function:
    """A function whose own calls give the values that it taps, in the locals that stand for them."""
    writer = _Writer(session, function)
    for tap in taps:
        writer.calls.setdefault(id(tap.call), {})[tap.path] = tap.path
        writer.locals[id(tap.call), tap.path] = tap.local
    return writer.rewritten({})


def _make(session: Session, function: typed.Function, paths: tuple[Path, ...]) -> typed.Function:
    writer = _Writer(session, function, paths)
    known: dict[Path, typed.Expr] = {}
    for path in paths:
        found, _ = source(function, path)
        if isinstance(found, typed.CallFunction):
            writer.calls.setdefault(id(found), {})[path] = path[1:]
        elif isinstance(found, typed.Read):
            writer.values.setdefault(found.local, []).append(path)
        else:
            known[path] = found
    made = writer.rewritten(known)
    return replace(made, name=session.unique_name(f"{function.name}_tapped"))


@dataclass(slots=True)
class _Block:
    """The statements of a block as they are written anew, and the values found in it so far."""

    statements: list[typed.Statement] = field(default_factory=list)
    found: dict[Path, typed.Expr] = field(default_factory=dict)
    done: dict[int, typed.Expr] = field(default_factory=dict)
    """Calls that give more than one value, by the node that stood for them: one may stand in two places."""


@dataclass(slots=True)
class _Writer:
    session: Session
    function: typed.Function
    paths: tuple[Path, ...] = ()
    """What the function is to give; in the order of its results."""
    calls: dict[int, dict[Path, Path]] = field(default_factory=dict)
    """By node: paths that lead through this call, and what is left of them below it."""
    values: dict[typed.Local, list[Path]] = field(default_factory=dict)
    locals: dict[tuple[int, Path], typed.Local] = field(default_factory=dict)
    """By call and path: the local that a value is read by."""
    callees: dict[str, tuple[typed.Function, typed.Function]] = field(default_factory=dict)
    """By instance: what was called, and what is called now."""
    names: set[str] = field(default_factory=set)

    def rewritten(self, known: dict[Path, typed.Expr]) -> typed.Function:
        function, block = self.function, _Block(found=known)
        self.names = local_names(function)
        self.find(function.params, block)
        for statement in function.statements:
            self.statement(statement, block)
        result = None if function.result is None else self.written(function.result, block)
        if self.paths and result is not None:
            items = (result, *(block.found[path] for path in self.paths))
            result = typed.MakeTuple(items, type=_tuple(items), span=result.span)
        children = tuple(self.child(child) for child in function.children)
        return replace(function, statements=tuple(block.statements), result=result, children=children)

    def child(self, child: typed.ChildInstance) -> typed.ChildInstance:
        """The instance with the function that is called now, so that the other one can go."""
        before, after = self.callees.get(child.name, (None, None))
        return replace(child, function=after) if after and before is child.function else child

    def find(self, bound: tuple[typed.Local, ...], block: _Block) -> None:
        """Locals are bound here: perhaps one that is read."""
        for local in bound:
            for path in self.values.get(local, ()):
                block.found[path] = typed.Read(local, type=local.type, span=self.function.span)

    def statement(self, statement: typed.Statement, block: _Block) -> None:
        if isinstance(statement, typed.RepeatGates):
            inner = _Block()
            for one in statement.statements:
                self.statement(one, inner)
            block.statements.append(replace(statement, statements=tuple(inner.statements)))
            return
        block.statements.append(self.written(statement, block))
        if isinstance(statement, typed.Assign | typed.DrawRandom):
            self.find((statement.local,), block)

    def written(self, node: Any, block: _Block) -> Any:
        """The node with calls and loops that give more replaced by the first of their values."""
        if isinstance(node, tuple):
            items = tuple(self.written(item, block) for item in node)
            return node if all(a is b for a, b in zip(node, items)) else items
        if not isinstance(node, typed.Expr | typed.Statement | typed.Factor | typed.PauliTerm):
            return node
        if id(node) in block.done:
            return block.done[id(node)]
        if isinstance(node, typed.Loop):
            return self.loop(node, block)
        changes = {
            f.name: self.written(getattr(node, f.name), block) for f in fields(node) if f.name not in KEPT
        }
        changes = {name: value for name, value in changes.items() if value is not getattr(node, name)}
        new = replace(node, **changes) if changes else node
        if isinstance(node, typed.CallFunction) and id(node) in self.calls:
            assert isinstance(new, typed.CallFunction)
            return self.call(node, new, block)
        return new

    def call(self, node: typed.CallFunction, call: typed.CallFunction, block: _Block) -> typed.Expr:
        """The call with further results, in a statement of its own."""
        wanted = self.calls[id(node)]
        tails = tuple(dict.fromkeys(tail for tail in wanted.values() if tail))
        if tails:
            before, call = call.function, _giving(self.session, call, tails)
            self.callees[call.instance] = (before, call.function)
        values = self.hoisted(node, call, as_word(call.instance), block)
        for path, tail in wanted.items():
            value = values[1 + tails.index(tail)] if tail else values[0]
            local = self.locals.get((id(node), path))
            if local is not None:
                block.statements.append(typed.Assign(local, value, span=node.span))
            block.found[path] = value
        return values[0]

    def loop(self, node: typed.Loop, block: _Block) -> typed.Expr:
        """The loop, with what is read of its turns stacked behind its value."""
        domains, initial = self.written(node.domains, block), self.written(node.initial, block)
        inner = _Block()
        self.find((node.index, *node.elements, *node.carries), inner)
        for statement in node.body.statements:
            self.statement(statement, inner)
        following, yielded = (self.written(one, inner) for one in (node.body.following, node.body.yielded))
        given = {path: inner.found[path] for path in self.paths if path in inner.found}
        extras = tuple(given.values())
        body = typed.Body(tuple(inner.statements), following, yielded, (*node.body.extras, *extras))
        loop = replace(node, domains=domains, initial=initial, body=body)
        if not extras:
            return loop
        stacked = (lifted(extra.type, (node.trips,)) for extra in extras)
        loop = replace(loop, type=TupleType((node.type, *stacked)))
        values = self.hoisted(node, loop, "turns", block)
        block.found |= dict(zip(given, values[1:], strict=True))
        return values[0]

    def hoisted(self, node: typed.Expr, new: typed.Expr, name: str, block: _Block) -> list[typed.Expr]:
        """A local for the values of a node, in front of the present statement; the values."""
        local = typed.Local(unused_name(name, self.names), new.type)
        block.statements.append(typed.Assign(local, new, span=node.span))
        read = typed.Read(local, type=new.type, span=node.span)
        values: list[typed.Expr] = [read]
        if isinstance(new.type, TupleType):
            items = enumerate(new.type.items)
            values = [typed.Item(read, place, type=type_, span=node.span) for place, type_ in items]
        block.done[id(node)] = values[0]
        return values


def _tuple(items: tuple[typed.Expr, ...]) -> TupleType:
    return TupleType(tuple(item.type for item in items))
