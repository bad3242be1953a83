"""Every node of a typed expression or statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from hqn.compiler.source import Span
from hqn.compiler.types import model, typed

_LEAVES = (Span, model.Type, typed.Local, typed.Function)


def nodes(part: object) -> Iterator[object]:
    """The nodes of a part, itself first; called functions are given but not entered."""
    pending = [part]
    while pending:
        node = pending.pop()
        if isinstance(node, tuple):
            pending += reversed(node)
        elif is_dataclass(node):
            yield node
            if not isinstance(node, _LEAVES):
                pending += [getattr(node, field.name) for field in reversed(fields(node))]


def functions_in(part: object) -> Iterator[typed.Function]:
    """The functions that a part mentions directly."""
    return (node for node in nodes(part) if isinstance(node, typed.Function))
