"""`hqn fmt`: the one style of hqn text.

What came before: a `Source`. What leaves: the same program in one style: two spaces of indentation, lines
up to 110 characters where they can be broken, a pipe that does not fit with one stage per line, at most one
blank line between statements, a block of one statement on one line if it fits. Invariants: formatting twice
is formatting once; no comment is lost; apart from newlines and `;` the tokens stay, or nothing is written.
"""

from __future__ import annotations

from hqn.compiler.diagnostics import Sink
from hqn.compiler.source import Source
from hqn.compiler.syntax.errors import FormattingRefused
from hqn.compiler.syntax.layout import layout
from hqn.compiler.syntax.parse import parse_with_tokens
from hqn.compiler.syntax.pieces import Piece, pieces_of
from hqn.compiler.syntax.shape import shape


def format_module(source: Source, sink: Sink) -> str | None:
    """The formatted text, or None after reporting why there is none."""
    own = Sink()
    before = _pieces(source, own)
    for found in own.all:
        sink.report(found)
    if own.has_errors:
        return None
    text = layout(shape(before))
    text += "\n" if text else ""
    own = Sink()
    after = _pieces(Source(source.name, text), own)
    changed = _first_change(before, after)
    if not own.has_errors and changed is None:
        return text
    start = changed.start if changed else 0
    sink.report(FormattingRefused(span=source.span(start, start + len(changed.text) if changed else start)))
    return None


def _pieces(source: Source, sink: Sink) -> list[Piece]:
    _, tokens = parse_with_tokens(source, sink)
    return pieces_of(source.text, tokens) if not sink.has_errors else []


def _first_change(before: list[Piece], after: list[Piece]) -> Piece | None:
    """The first piece that is not the same, begins a statement in one text only, or lost a comment."""
    if len(before) != len(after):
        return before[0]
    return next((old for old, new in zip(before, after) if _essence(old) != _essence(new)), None)


def _essence(piece: Piece) -> tuple[object, ...]:
    return piece.kind, piece.text, piece.starts, piece.behind, [text for _, text in piece.above]
