"""A function without the parameters that its result does not depend on: `net::left` of weights alone.

What came before: a `typed.Function`, of whose calls some results may be unused. What leaves: the same
function with only the statements and parameters that its result needs; a call of which only some results are
used calls such a function too. Invariant: what is kept computes what it did.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, cast

from hqn.compiler.types import typed
from hqn.compiler.types.calls.bind_slots import KEPT
from hqn.compiler.types.model import TupleType, Type
from hqn.compiler.types.scope import Session
from hqn.compiler.types.walk import parts, reads

QUERIES = (
    typed.Expect, typed.ExpectMatrix, typed.Probabilities, typed.Reduced, typed.Fidelity, typed.Sampled,
    typed.StateVector,
)  # fmt: skip


def without_unused(session: Session, function: typed.Function) -> typed.Function:
    """The function with the parameters that its result needs, in their order."""
    return _Slice(session, function).made(function.result, function.name)


def _giving(session: Session, function: typed.Function, items: tuple[int, ...]) -> typed.Function:
    """The function giving only these items of its result: one alone, or a tuple."""
    key = ("giving", id(function), items)
    if key not in session.memo:
        result = function.result
        assert isinstance(result, typed.MakeTuple)
        assert isinstance(result.type, TupleType)
        kept = tuple(result.items[item] for item in items)
        given = kept[0]
        if len(kept) > 1:
            given = typed.MakeTuple(kept, type=_some(result.type, items), span=result.span)
        name = session.unique_name(f"{function.name}_only")
        session.memo[key] = (_Slice(session, function).made(given, name), function)
    found: Any = session.memo[key]
    return cast("typed.Function", found[0])


@dataclass(slots=True)
class _Slice:
    """What is needed so far, from the end of a function to its beginning."""

    session: Session
    function: typed.Function
    whole: set[typed.Local] = field(default_factory=set)
    items: dict[typed.Local, set[int]] = field(default_factory=dict)
    """Locals of tuples of which only some items are needed."""
    queries: bool = False
    renamed: dict[tuple[typed.Local, int], typed.Expr] = field(default_factory=dict)

    def made(self, result: typed.Expr | None, name: str) -> typed.Function:
        function = self.function
        kept = self.block(function.statements, () if result is None else (result,))
        params = tuple(param for param in function.params if param in self.whole)
        statements, given = self.written(kept), self.written(result)
        return replace(function, name=name, params=params, statements=statements, result=given)

    def block(
        self, statements: tuple[typed.Statement, ...], wanted: tuple[typed.Expr, ...]
    ) -> tuple[typed.Statement, ...]:
        """The statements that what is wanted needs."""
        for one in wanted:
            self.need(one)
        kept: list[typed.Statement] = []
        for statement in reversed(statements):
            found = self.statement(statement)
            if found is not None:
                self.need(found)
                kept.append(found)
        return tuple(reversed(kept))

    def need(self, part: Any) -> None:
        """Everything that a part reads."""
        if isinstance(part, typed.Item) and isinstance(part.value, typed.Read):
            self.items.setdefault(part.value.local, set()).add(part.position)
            return
        self.queries |= isinstance(part, QUERIES)
        self.whole.update(reads(part))
        for one in parts(part):
            self.need(one)

    def statement(self, statement: typed.Statement) -> typed.Statement | None:
        """The statement, if it is needed; a call with only the results that are."""
        if isinstance(statement, typed.DrawRandom):
            return statement if statement.local in self.whole else None
        if not isinstance(statement, typed.Assign):
            is_gate = isinstance(statement, typed.ApplyGate | typed.ApplyCircuit | typed.RepeatGates)
            return statement if self.queries or not is_gate else None
        local, value = statement.local, statement.value
        items = tuple(sorted(self.items.get(local, ())))
        if local in self.whole or not items:
            return statement if local in self.whole else None
        new: typed.Expr = value
        if isinstance(value, typed.CallFunction):
            new = self.call(value, items)
        elif isinstance(value, typed.Loop) and items[0] > 0:
            new = self.loop(value, items)
        return statement if new is value else self.renaming(statement, new, items)

    def renaming(self, statement: typed.Assign, new: typed.Expr, items: tuple[int, ...]) -> typed.Assign:
        """The statement with a new value of only these items, which are then read from a new local."""
        local = typed.Local(statement.local.name, new.type)
        read = typed.Read(local, type=new.type, span=new.span)
        types = new.type.items if isinstance(new.type, TupleType) else ()
        for place, item in enumerate(items):
            part = typed.Item(read, place, type=types[place], span=new.span) if types else read
            self.renamed[statement.local, item] = part
        return replace(statement, local=local, value=new)

    def call(self, call: typed.CallFunction, items: tuple[int, ...]) -> typed.CallFunction:
        """The call for only these items of its result."""
        assert isinstance(call.type, TupleType)
        if len(items) == len(call.type.items) or not isinstance(call.function.result, typed.MakeTuple):
            return call
        function = _giving(self.session, call.function, items)
        places = [call.function.params.index(param) for param in function.params]
        lifted = tuple(call.lifted[place] for place in places) if call.lifted else ()
        if call.batch and not any(lifted):
            return call
        args, type_ = tuple(call.args[place] for place in places), _some(call.type, items)
        return replace(call, function=function, args=args, lifted=lifted, type=type_)

    def loop(self, loop: typed.Loop, items: tuple[int, ...]) -> typed.Loop:
        """The loop for only these of its extras, with the carries that they depend on."""
        assert isinstance(loop.type, TupleType)
        body, extras = loop.body, tuple(loop.body.extras[item - 1] for item in items)
        carries: list[int] = []
        while True:
            following = tuple(body.following[place] for place in carries)
            statements = self.block(body.statements, (*extras, *following))
            needed = [place for place, carry in enumerate(loop.carries) if carry in self.whole]
            if needed == carries:
                break
            carries = needed
        read = [place for place, element in enumerate(loop.elements) if element in self.whole]
        alone: dict[str, Literal["parallel", "map"]] = {"repeat": "parallel", "scan": "map"}
        return replace(
            loop,
            kind=loop.kind if carries else alone.get(loop.kind, loop.kind),
            domains=tuple(loop.domains[place] for place in read),
            elements=tuple(loop.elements[place] for place in read),
            carries=tuple(loop.carries[place] for place in carries),
            initial=tuple(loop.initial[place] for place in carries),
            body=typed.Body(statements, following, extras[0], extras[1:]),
            take=loop.take if carries else None,
            type=_some(loop.type, items),
        )

    def written(self, node: Any) -> Any:
        """The node with items read from the calls that give fewer of them."""
        if isinstance(node, tuple):
            return tuple(self.written(item) for item in node)
        if isinstance(node, typed.Item) and isinstance(node.value, typed.Read):
            return self.renamed.get((node.value.local, node.position), node)
        if not isinstance(node, typed.Expr | typed.Statement | typed.Body | typed.Factor | typed.PauliTerm):
            return node
        changes = {f.name: self.written(getattr(node, f.name)) for f in fields(node) if f.name not in KEPT}
        return replace(node, **changes)


def _some(type_: TupleType, items: tuple[int, ...]) -> Type:
    """The type of these items: of one alone, or of a tuple."""
    kept = tuple(type_.items[item] for item in items)
    return kept[0] if len(kept) == 1 else TupleType(kept)
