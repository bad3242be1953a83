"""A sheet of characters to draw on.

What came before: nothing. What leaves: rows of text. Invariant: what is drawn later covers what was there,
except that a vertical line crosses a horizontal one.
"""

from __future__ import annotations

_CROSSED = {"─": "┼", "═": "╪", "╌": "┼"}
_UPRIGHT = set(" │║")


class Canvas:
    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._rows = [[" "] * width for _ in range(height)]

    def put(self, row: int, column: int, char: str) -> None:
        self._rows[row][column] = char

    def write(self, row: int, column: int, text: str) -> None:
        for at, char in enumerate(text, column):
            self.put(row, at, char)

    def across(self, row: int, first: int, last: int, char: str) -> None:
        self.write(row, first, char * (last + 1 - first))

    def down(self, column: int, first: int, last: int) -> None:
        """A line between two rows, ends not included."""
        for row in range(first + 1, last):
            self.put(row, column, _CROSSED.get(self._rows[row][column], "│"))

    def box(self, left: int, right: int, top: int, bottom: int) -> None:
        self._outline(left, right, top, bottom, "┌─┐│└─┘")

    def frame(self, left: int, right: int, top: int, bottom: int) -> None:
        """As a box, of double lines, and with what it holds left as it is."""
        self._outline(left, right, top, bottom, "╔═╗║╚═╝", hollow=True)

    def _outline(
        self, left: int, right: int, top: int, bottom: int, chars: str, hollow: bool = False
    ) -> None:
        inside = right - left - 1
        self.write(top, left, chars[0] + chars[1] * inside + chars[2])
        self.write(bottom, left, chars[4] + chars[5] * inside + chars[6])
        for row in range(top + 1, bottom):
            if not hollow:
                self.write(row, left + 1, " " * inside)
            self.put(row, left, chars[3])
            self.put(row, right, chars[3])

    def rows(self, start: int, stop: int) -> list[tuple[int, str]]:
        """Columns `start` to `stop`; of equal neighbours that only hold upright lines, one; no empty ends."""
        kept: list[tuple[int, str]] = []
        for row, chars in enumerate(self._rows):
            text = "".join(chars[start:stop])
            if not (set(text) <= _UPRIGHT and kept and text == kept[-1][1]):
                kept.append((row, text))
        full = [at for at, (_, text) in enumerate(kept) if text.strip()]
        return kept[full[0] : full[-1] + 1] if full else []
