"""Where in the user's text an operation comes from.

What came before: spans. What leaves: `loc("digits.hqn":12:3)` on operations, so that emitted code and
messages can cite `digits.hqn:12`. Invariant: an operation made by a pass takes the place of what it replaces.
"""

from __future__ import annotations

from typing import TypeVar

from hqn.compiler.ir.xdsl_api import FileLineColLoc, IntAttr, Operation, StringAttr
from hqn.compiler.source import Span

Op = TypeVar("Op", bound=Operation)


def at(op: Op, span: Span) -> Op:
    """The operation, marked with the beginning of a span."""
    line, column = span.begin
    op.location = FileLineColLoc(StringAttr(span.source.name), IntAttr(line), IntAttr(column))
    return op


def like(op: Op, other: Operation) -> Op:
    """The operation, at the place of another one."""
    op.location = other.location
    return op


def where(op: Operation) -> str | None:
    """`digits.hqn:12`, or None where the operation has no place."""
    place = op.location
    return f"{place.filename.data}:{place.line.data}" if isinstance(place, FileLineColLoc) else None
