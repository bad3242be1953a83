"""Colours of messages, and where a long message breaks.

What came before: words and their role. What leaves: the same words, painted when the reader is a
terminal. Invariant: without colour the text is the same, character by character.
"""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass
from typing import Literal, TextIO

from hqn.compiler.diagnostics.visible import visible

Role = Literal["error", "warning", "note", "help", "frame", "strong"]
WIDEST = 100  # columns of source or message text
_LONGEST = 1200  # characters of one label, note or help: a screen, not a scroll
_CODES: dict[Role, str] = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "help": "1;32",
    "frame": "34",
    "strong": "1",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How words are painted."""

    color: bool

    def __call__(self, role: Role, text: str) -> str:
        return f"\033[{_CODES[role]}m{text}\033[0m" if self.color and text else text


def wants_color(stream: TextIO) -> bool:
    """Colour only for a person at a terminal who has not declined it (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paragraph(text: str) -> list[str]:
    """A message as lines that fit the screen; its own line breaks are kept, nothing in it is hidden."""
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + " …"
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(
            visible(line),
            WIDEST,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
            subsequent_indent=" " * (len(line) - len(line.lstrip())),
        ) or [""]
    return lines
