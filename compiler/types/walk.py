"""Walks over typed functions.

What came before: elaborated statements. What leaves: the same tree, visited in the order of evaluation.
Invariant: a walk enters loops and expressions of one function and never another function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from hqn.compiler.types import typed

Part = typed.Expr | typed.Statement | typed.Body | typed.Factor | typed.PauliTerm | typed.Turn | typed.Shared
_PARTS = (
    typed.Expr, typed.Statement, typed.Body, typed.Factor, typed.PauliTerm, typed.Turn, typed.Shared
)  # fmt: skip


@cache
def _field_names(cls: Any) -> tuple[str, ...]:
    skipped = {"type", "span", "function", "local", "index", "elements", "carries", "wrt"}
    return tuple(f.name for f in fields(cls) if f.name not in skipped)


def parts(node: Part) -> Iterator[Part]:
    """What a node is made of, directly."""
    kind: Any = type(node)
    for name in _field_names(kind):
        value = getattr(node, name)
        if isinstance(value, _PARTS):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, _PARTS):
                    yield item


def walk(node: Part) -> Iterator[Part]:
    """A node and everything below it."""
    yield node
    for part in parts(node):
        yield from walk(part)


def walk_statements(
    statements: tuple[typed.Statement, ...], result: typed.Expr | None = None
) -> Iterator[Part]:
    """Everything in a body, in order, its result last."""
    for statement in statements:
        yield from walk(statement)
    if result is not None:
        yield from walk(result)


def reads(node: Part) -> Iterator[typed.Local]:
    """Locals that are read directly by this node, not by its parts."""
    if isinstance(node, typed.Read):
        yield node.local
    elif isinstance(node, typed.Turn) and node.index is not None:
        yield node.index
    elif isinstance(node, typed.Grad):
        yield node.wrt


def any_statement(function: typed.Function, kinds: tuple[type[Part], ...]) -> bool:
    """Whether a statement or expression of these kinds is in the function or in a function it calls."""
    return any(isinstance(part, kinds) for reached in reachable(function) for part in _everything(reached))


def reachable(function: typed.Function) -> list[typed.Function]:
    """The function and all it calls, callers first, each once."""
    return _closure(function, callees)


def applied(circuit: typed.Function) -> list[typed.Function]:
    """The circuit and all that it applies to its qubits, each once."""
    return _closure(circuit, _applied)


def _applied(circuit: typed.Function) -> list[typed.Function]:
    parts = walk_statements(circuit.statements)
    return [part.function for part in parts if isinstance(part, typed.ApplyCircuit)]


def _closure(
    function: typed.Function, below: Callable[[typed.Function], list[typed.Function]]
) -> list[typed.Function]:
    found = {id(function): function}
    pending = [function]
    while pending:
        for callee in below(pending.pop()):
            if id(callee) not in found:
                found[id(callee)] = callee
                pending.append(callee)
    return list(found.values())


def callees(function: typed.Function) -> list[typed.Function]:
    """Functions that are called, each once, in the order of the text."""
    found: dict[int, typed.Function] = {}
    for part in _everything(function):
        if isinstance(part, typed.CallFunction | typed.ApplyCircuit):
            found.setdefault(id(part.function), part.function)
    return list(found.values())


def _everything(function: typed.Function) -> Iterator[Part]:
    return walk_statements(function.statements, function.result)


def without_unused_draws(
    statements: tuple[typed.Statement, ...], result: typed.Expr | None
) -> tuple[typed.Statement, ...]:
    """The statements without draws that nothing reads: evaluation must not ask for a key it never uses."""
    if not any(isinstance(statement, typed.DrawRandom) for statement in statements):
        return statements
    used = {local for part in walk_statements(statements, result) for local in reads(part)}
    return tuple(s for s in statements if not (isinstance(s, typed.DrawRandom) and s.local not in used))
