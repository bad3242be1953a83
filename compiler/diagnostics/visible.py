"""Text as a terminal shows it: every character gets the string that stands for it and its columns.

What came before: raw user text, which may hold tabs, wide characters, control and direction marks.
What leaves: text that can neither move the cursor nor start a line. Invariant: one source character
stays one cell, so a span's characters and the marks below them cannot drift apart.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

TAB = "    "
_PICTURES = 0x2400  # U+2400 ␀ … U+241F ␟ are the pictures of the C0 controls
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One source character on the screen."""

    shown: str
    width: int


def cell(char: str) -> Cell:
    """What stands for a character: a tab is four blanks, a control its picture or its code point."""
    if " " <= char <= "~":
        return Cell(char, 1)
    if char == "\t":
        return Cell(TAB, len(TAB))
    if char < " ":
        return Cell(chr(_PICTURES + ord(char)), 1)
    if unicodedata.category(char) in _HIDDEN:
        code = f"<U+{ord(char):04X}>"
        return Cell(code, len(code))
    if unicodedata.combining(char):
        return Cell(char, 0)
    return Cell(char, 2 if unicodedata.east_asian_width(char) in "WF" else 1)


def cells(text: str) -> list[Cell]:
    return [cell(char) for char in text]


def width(line: list[Cell]) -> int:
    """Columns of a row of cells."""
    return sum(one.width for one in line)


def show(line: list[Cell]) -> str:
    return "".join(one.shown for one in line)


def visible(text: str) -> str:
    """Any text on one line, with nothing hidden in it: for file names and other foreign words."""
    return show(cells(text))
