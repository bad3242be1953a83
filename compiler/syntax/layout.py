"""Text with places where it may break, and the decision where it does.

What came before: documents built from the classes below. What leaves: lines that are at most `WIDTH`
characters wide where the text can be broken. Invariants: a `Group` is printed on one line if that fits,
else every `Line` directly in it begins a new one; the time is linear in the size of the document.
The method is Wadler's ("A prettier printer", 2003) with Oppen's look-ahead of one line.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 110
INDENT = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A place to break; `flat` is what stands there otherwise. A hard one always breaks."""

    flat: str = " "
    hard: bool = False
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """Ends its line; `own_line` also begins one."""

    text: str
    own_line: bool


@dataclass(frozen=True, slots=True)
class Cat:
    """Parts in a row. `breaks` is true if a line must end somewhere inside."""

    parts: tuple[Doc, ...]
    breaks: bool


@dataclass(frozen=True, slots=True)
class Nest:
    """Lines that begin inside are indented one step further."""

    content: Cat


@dataclass(frozen=True, slots=True)
class Group:
    """On one line or on many, as a whole."""

    content: Cat


Doc = str | Line | Comment | Cat | Nest | Group
HARD = Line(hard=True)


def cat(*parts: Doc) -> Cat:
    return Cat(parts, any(map(_breaks, parts)))


def _breaks(doc: Doc) -> bool:
    if isinstance(doc, Cat):
        return doc.breaks
    if isinstance(doc, Nest | Group):
        return doc.content.breaks
    return isinstance(doc, Comment) or (isinstance(doc, Line) and doc.hard)


_Command = tuple[int, bool, Doc]
"""Indentation, whether on one line, and what to print."""


class _Printer:
    def __init__(self, doc: Doc) -> None:
        self.out: list[str] = []
        self.column = 0
        self.pending: int | None = None
        """The indentation of a line that begins with the next text."""
        self.is_blank_wanted = False
        self.is_line_full = False
        """A comment ended the line."""
        self.stack: list[_Command] = [(0, False, doc)]

    def run(self) -> str:
        while self.stack:
            indent, flat, doc = self.stack.pop()
            if isinstance(doc, str):
                self._write(doc, indent)
            elif isinstance(doc, Cat):
                self.stack += [(indent, flat, part) for part in reversed(doc.parts)]
            elif isinstance(doc, Nest):
                self.stack.append((indent + INDENT, flat, doc.content))
            elif isinstance(doc, Group):
                flat = flat or (not doc.content.breaks and self._fits(doc.content))
                self.stack.append((indent, flat, doc.content))
            elif isinstance(doc, Line):
                self._line(doc, flat, indent)
            else:
                self._comment(doc, indent)
        return "".join(self.out)

    def _line(self, line: Line, flat: bool, indent: int) -> None:
        if flat and not line.hard:
            self._write(line.flat, indent)
        else:
            self._begin_line(indent, line.blank)

    def _begin_line(self, indent: int, blank: bool) -> None:
        self.pending = indent
        self.is_blank_wanted |= blank
        self.is_line_full = False

    def _comment(self, comment: Comment, indent: int) -> None:
        if comment.own_line and self.pending is None and self.out:
            self._begin_line(indent, False)
        self._write(comment.text if comment.own_line else "  " + comment.text, indent)
        self.is_line_full = True

    def _write(self, text: str, indent: int) -> None:
        if not text:
            return
        if self.is_line_full and self.pending is None:
            self._begin_line(indent, False)
        if self.pending is not None or not self.out:
            text = text.lstrip(" ")
            if not text:
                return
            self._end_line()
        self.out.append(text)
        self.column += len(text)
        self.is_line_full = False

    def _end_line(self) -> None:
        self.column = self.pending or 0
        if self.out:
            self.out.append("\n\n" if self.is_blank_wanted else "\n")
            self.out.append(" " * self.column)
        self.pending, self.is_blank_wanted = None, False

    def _fits(self, content: Cat) -> bool:
        """Whether this on one line, and what follows up to the next possible break, fits."""
        room = WIDTH - (self.column if self.pending is None else self.pending)
        rest = len(self.stack)
        commands: list[tuple[bool, Doc]] = [(True, content)]
        while room >= 0:
            if not commands:
                if rest == 0:
                    return True
                rest -= 1
                commands.append(self.stack[rest][1:])
                continue
            flat, doc = commands.pop()
            if isinstance(doc, str):
                room -= len(doc)
            elif isinstance(doc, Cat):
                commands += [(flat, part) for part in reversed(doc.parts)]
            elif isinstance(doc, Nest | Group):
                commands.append((flat, doc.content))
            elif isinstance(doc, Comment) or not flat or doc.hard:
                return True
            else:
                room -= len(doc.flat)
        return False


def layout(doc: Doc) -> str:
    """The lines of a document, without a line break at the end."""
    return _Printer(doc).run()
