"""Calls of a run's instance that an expression taps without calling it: `track S = mean(net::left)`.

What came before: the statements of a run. What leaves: the calls of one instance in them, each text once.
Invariant: what is written the same way twice is the same call, as names are bound once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import overload

from hqn.compiler.syntax import ast
from hqn.compiler.types.calls.check_all import is_instances


def calls_of(name: str, statements: tuple[ast.Statement, ...]) -> list[ast.Expr]:
    """The different calls of an instance, with their `as` and `with`."""
    found: list[ast.Expr] = []
    for statement in statements:
        for call in _calls(name, statement):
            if call not in found:
                found.append(call)
    return found


def taps_in(*nodes: ast.Node) -> bool:
    """Whether something is read inside of a call."""
    parts = (part for node in nodes for part in ast.walk(node))
    return any(isinstance(part, ast.Tap) or is_instances(part) for part in parts)


@overload
def without_marks(node: ast.Expr) -> ast.Expr: ...
@overload
def without_marks(node: ast.Node) -> ast.Node: ...
def without_marks(node: ast.Node) -> ast.Node:
    """A call without its `as` and `with`."""
    while isinstance(node, ast.Labelled | ast.With):
        node = node.value
    return node


def _calls(name: str, node: ast.Node) -> Iterator[ast.Expr]:
    inner = without_marks(node)
    if isinstance(node, ast.Expr) and _is_call(name, inner):
        yield node
    for child in inner.children():
        yield from _calls(name, child)


def _is_call(name: str, node: ast.Node) -> bool:
    head = node
    if isinstance(head, ast.Pipe):
        head = without_marks(head.stage)
        head = head.callee if isinstance(head, ast.Call) else head
    elif isinstance(head, ast.Call):
        head = head.callee
    else:
        return False
    return isinstance(head, ast.Name) and head.name == name
