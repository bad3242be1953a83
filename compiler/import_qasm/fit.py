"""Lines that are too long, broken as the formatter breaks them.

What came before: the text of a module from `write`, which is in the style of the formatter but for such
lines. What leaves: the text in that style. Invariant: the formatter reads only statements and heads with long
lines or with many blocks in each other, so a long program costs no second tree. All others nest less deeply
than the parser allows.
"""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Sink
from hqn.compiler.source import Source
from hqn.compiler.syntax.format import format_module
from hqn.compiler.syntax.layout import WIDTH

_MOST_INDENTED = " " * 18
"""Eight blocks in a definition: these and a line of `WIDTH` are far from the deepest tree."""
_HEAD, _LAST = ["circuit f() {", "  qubits q"], ["}"]
"""A definition around one statement, and behind one head."""


def fitted(text: str, sink: Sink) -> str:
    """The formatted text; what the formatter refuses goes to the sink, at a place in text of its own."""
    return "\n".join(line for part in _parts(text) for line in _fitted(part, sink))


def _parts(text: str) -> Iterator[list[str]]:
    """The lines of a text in groups: statements of definitions with their blocks, and each other line."""
    part: list[str] = []
    for line in text.split("\n"):
        if part and not line.startswith(("   ", "  }")):
            yield part
            part = []
        part.append(line)
    yield part


def _fitted(part: list[str], sink: Sink) -> list[str]:
    is_plain = all(len(line) <= WIDTH and not line.startswith(_MOST_INDENTED) for line in part)
    if is_plain or part[0].startswith("##"):
        return part
    if part[0].startswith("  "):
        return _formatted([*_HEAD, *part, *_LAST], sink)[len(_HEAD) : -len(_LAST)]
    return _formatted([*part, *_HEAD[1:], *_LAST], sink)[: -len(_HEAD[1:] + _LAST)]


def _formatted(lines: list[str], sink: Sink) -> list[str]:
    text = format_module(Source("<imported>", "\n".join(lines) + "\n"), sink)
    return lines if text is None else text.rstrip("\n").split("\n")
