"""Diagnostics as text for people and as plain data for programs.

What came before: typed diagnostics. What leaves: messages such as

    error[HQN0304]: sizes do not match
      --> digits.hqn:12:7
       |
    12 |   y = a + b
       |       ^^^^^ `a` is f32[3], `b` is f32[4]
       |
       = help: ...

or a list of dictionaries for `--json`. Invariant: whatever a file or its name contains, it cannot start
a line of a message, and a message fits one screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hqn.compiler.diagnostics.model import Diagnostic, Note
from hqn.compiler.diagnostics.sink import Sink
from hqn.compiler.diagnostics.snippet import Gutter, Mark, ends, snippet
from hqn.compiler.diagnostics.style import Style, paragraph
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.source import Span

_MOST_NOTES, _LEAST_NOTES = 8, 2
_SCREEN = 26
"""Lines after which no further note begins."""


def render(diagnostic: Diagnostic, color: bool = False) -> str:
    """One diagnostic as a block of lines, without a line break at its end."""
    style = Style(color)
    notes = [*diagnostic.notes(), *diagnostic.via]
    gutter = Gutter(_digits(diagnostic, notes), style)
    head = style(diagnostic.level, f"{diagnostic.level}[{diagnostic.code}]")
    lines = [head + style("strong", f": {visible(title(diagnostic))}")]
    lines += _body(diagnostic, gutter)
    hidden = 0
    for number, note in enumerate(notes):
        has_room = number < _LEAST_NOTES or len(lines) < _SCREEN or note.span is None
        if number < _MOST_NOTES and has_room:
            lines += _note(note, gutter)
        else:
            hidden += 1
    if hidden:
        lines += _remark("note", f"+ {hidden} more {'notes' if hidden > 1 else 'note'}", gutter)
    for text in diagnostic.helps():
        lines += _remark("help", text, gutter)
    return "\n".join(lines)


def title(diagnostic: Diagnostic) -> str:
    """The title with this diagnostic's fields filled in."""
    return diagnostic.title.format_map(vars(diagnostic))


def render_all(sink: Sink, color: bool = False) -> str:
    """All that a sink shows, and one line that counts it; empty when nothing was found."""
    shown, everything = sink.shown, sink.all
    if not shown:
        return ""
    blocks = [render(diagnostic, color) for diagnostic in shown]
    return "\n\n".join([*blocks, _summary(shown, everything)]) + "\n"


def to_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """Plain data with fixed keys: `code level title message span notes helps`.

    A span is `{file, start, end, line, column, end_line, end_column}`; offsets count characters
    from 0, lines and columns from 1, ends are exclusive.
    """
    return [
        {
            "code": found.code,
            "level": found.level,
            "title": title(found),
            "message": found.message,
            "span": _span_json(found.span),
            "notes": [
                {"text": note.text, "span": _span_json(note.span)} for note in (*found.notes(), *found.via)
            ],
            "helps": list(found.helps()),
        }
        for found in diagnostics
    ]


def _digits(diagnostic: Diagnostic, notes: list[Note]) -> int:
    spans = [diagnostic.span, *(note.span for note in notes)]
    return max([2, *(len(str(ends(span)[1].line)) for span in spans if span)])


def _body(diagnostic: Diagnostic, gutter: Gutter) -> Iterator[str]:
    if diagnostic.span is None:
        for line in paragraph(diagnostic.message):
            yield f"  {line}"
        return
    yield _arrow(diagnostic.span, gutter)
    yield gutter.row(None)
    yield from snippet(diagnostic.span, Mark("^", diagnostic.level, diagnostic.message), gutter)


def _arrow(span: Span, gutter: Gutter) -> str:
    place = span.source.position(min(span.start, len(span.source.text)))
    where = f"{visible(span.source.name)}:{place.line}:{place.column}"
    return " " * gutter.digits + gutter.style("frame", "--> ") + where


def _note(note: Note, gutter: Gutter) -> list[str]:
    if note.span is None:
        return _remark("note", note.text, gutter)
    first, *rest = paragraph(note.text)
    return [
        gutter.row(None),
        gutter.style("note", "note: ") + first,
        *(f"      {line}" for line in rest),
        _arrow(note.span, gutter),
        gutter.row(None),
        *snippet(note.span, Mark("-", "note"), gutter),
    ]


def _remark(role: str, text: str, gutter: Gutter) -> list[str]:
    """`= note: …` or `= help: …`, with its later lines below the first word."""
    first, *rest = paragraph(text)
    pad = " " * (gutter.digits + 1)
    sign = gutter.style("frame", "= ") + gutter.style("help" if role == "help" else "note", f"{role}: ")
    return [pad + sign + first, *(pad + " " * (len(role) + 4) + line for line in rest)]


def _summary(shown: list[Diagnostic], everything: list[Diagnostic]) -> str:
    errors = sum(found.level == "error" for found in everything)
    counts = [_count(errors, "error"), _count(len(everything) - errors, "warning")]
    text = " and ".join(count for count in counts if count)
    if len(everything) > len(shown):
        text += f", the first {len(shown)} are shown"
    return f"{text}; `hqn explain {shown[0].code}` tells more"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number != 1 else ''}" if number else ""


def _span_json(span: Span | None) -> dict[str, object] | None:
    if span is None:
        return None
    first, last = ends(span)
    return {
        "file": span.source.name,
        "start": span.start,
        "end": span.end,
        "line": first.line,
        "column": first.column,
        "end_line": last.line,
        "end_column": last.column,
    }
