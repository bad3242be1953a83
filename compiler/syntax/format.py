"""`hqn fmt`: the one style of hqn text.

What came before: a `Source`. What leaves: the same program in one style: two spaces of indentation, lines
up to 110 characters where they can be broken, a pipe that does not fit with one stage per line, at most one
blank line between statements, a block of one statement on one line if it fits. Invariants: formatting twice
is formatting once; no comment is lost; apart from newlines and `;` the tokens stay, or nothing is written.
"""

from __future__ import annotations

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.source import Source
from hqn.compiler.syntax.layout import layout
from hqn.compiler.syntax.parse import parse_with_tokens
from hqn.compiler.syntax.pieces import Piece, pieces_of
from hqn.compiler.syntax.shape import shape


def format_module(source: Source, sink: Sink) -> str | None:
    """The formatted text; None where the text has mistakes, which go to the sink."""
    before = _pieces(source, sink)
    if before is None:
        return None
    text = layout(shape(before))
    text += "\n" if text else ""
    if text == source.text:
        return text
    after = _pieces(Source(source.name, text), Sink()) or []
    if changed := _first_change(before, after):
        place = source.span(changed.start, changed.start + len(changed.text))
        raise InternalError("format", "formatting would have changed the program; nothing is written", place)
    return text


def _pieces(source: Source, sink: Sink) -> list[Piece] | None:
    own = Sink()
    tokens = parse_with_tokens(source, own)[1]
    for found in own.all:
        sink.report(found)
    return None if own.has_errors else pieces_of(source.text, tokens)


def _first_change(before: list[Piece], after: list[Piece]) -> Piece | None:
    """The first piece that is not the same, begins a statement in one text only, or lost a comment."""
    if len(before) != len(after):
        return before[0]
    return next((old for old, new in zip(before, after) if _essence(old) != _essence(new)), None)


def _essence(piece: Piece) -> tuple[object, ...]:
    return piece.kind, piece.text, piece.starts, piece.behind, [text for _, text in piece.above]
