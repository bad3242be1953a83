"""From reductions to tree nodes: the table of actions.

What came before: the children of a reduction and where it stands. What leaves: `ast` nodes. An action
named like a class builds that class from its children in the order of the fields; the others are the
functions marked with `@action`. Invariant: an action never fails; what the grammar cannot forbid is
reported to the sink.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from hqn.compiler.diagnostics import Diagnostic, Sink
from hqn.compiler.source import Source, Span
from hqn.compiler.syntax import ast
from hqn.compiler.syntax.machine import Action
from hqn.compiler.syntax.tables import RULES


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reduction stands, and where to report what is wrong with it."""

    source: Source
    sink: Sink
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)

    def report(self, diagnostic: Diagnostic) -> None:
        self.sink.report(diagnostic)


F = TypeVar("F", bound=Callable[..., Any])
_FUNCTIONS: dict[str, Callable[..., Any]] = {}


def action(function: F) -> F:
    """Marks the action of the rule with the function's name; a trailing `_` avoids Python's own names."""
    _FUNCTIONS[function.__name__.rstrip("_")] = function
    return function


def actions_for(source: Source, sink: Sink) -> dict[str, Action]:
    """Every action that the tables name, for one file."""
    from hqn.compiler.syntax import actions_expr, actions_item, actions_stmt  # noqa: F401  register themselves

    return {name: _action(name, source, sink) for name in {rule.action for rule in RULES} - {"", "_"}}


def _action(name: str, source: Source, sink: Sink) -> Action:
    if function := _FUNCTIONS.get(name):
        return lambda children, start, end: function(Place(source, sink, start, end), *children)
    cls: type[ast.Node] = getattr(ast, "".join(map(str.title, name.split("_"))))
    places = [f for f in fields(cls) if not f.kw_only]
    lists = [i for i, f in enumerate(places) if str(f.type).startswith("tuple")]
    is_item = issubclass(cls, ast.Item)

    def build(children: list[Any], start: int, end: int) -> ast.Node:
        for place in lists:
            if children[place] is None:
                children[place] = ()
        if is_item:
            doc = doc_above(source.text, start)
            return cls(*children, span=Span(source, start, end), doc=doc)  # type: ignore[call-arg]
        return cls(*children, span=Span(source, start, end))

    return build


def doc_above(text: str, start: int) -> str | None:
    """The text of the `##` lines directly above an offset, without the marks."""
    lines: list[str] = []
    end = text.rfind("\n", 0, start)
    while end >= 0:
        begin = text.rfind("\n", 0, end) + 1
        line = text[begin:end].strip()
        if not line.startswith("##"):
            break
        lines.append(line[2:].removeprefix(" "))
        end = begin - 1
    return "\n".join(reversed(lines)) or None
