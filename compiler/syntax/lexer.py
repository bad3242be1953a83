"""From characters to tokens, one at a time, because the parser's state decides what a word is.

What came before: text whose control characters are blanked. What leaves: `Token`s with half-open spans.
Invariants:
- a word is a keyword only where the parser can use it; directly before `=` or `.` it is a name, unless it
  is reserved;
- one `_NL` separates statements; newlines inside `(` and `[`, after an operator, and before a line that
  begins with `|>` or with another operator that cannot begin a statement, are white space;
- the lexer never fails: what is no token comes out as `BAD`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from hqn.compiler.syntax.tables import KEYWORDS, MARKS, PATTERNS, Row

BAD = "BAD"
END = "$END"
RESERVED = frozenset("if else map parallel scan repeat not and or true false".split())  # noqa: SIM905
"""Words that can begin or continue an expression anywhere, and so are never names."""

OPENERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
CLOSERS = {closer: opener for opener, closer in OPENERS.items()}
CONTINUING = frozenset(
    {**MARKS, **KEYWORDS}[word]
    for word in "+ - * / // % ** == != < <= > >= and or not = , : @ | |> ->".split()  # noqa: SIM905
)
"""Tokens after which a line goes on."""

_MARK = "|".join(re.escape(mark) for mark in sorted(MARKS, key=len, reverse=True))
_SHAPES = [(name, PATTERNS[name]) for name in ("REDUCE", "NAME", "FLOAT", "INT", "STRING")]
_SHAPES += [("MARK", _MARK), ("BREAK", r"\r?\n|#|;"), (BAD, r"[^\n]"), (END, r"\Z")]
_TOKEN = re.compile("[ \t\r]*(?:" + "|".join(f"(?P<{name.strip('$')}>{p})" for name, p in _SHAPES) + ")")
_GLOB = re.compile("[ \t]*(" + PATTERNS["GLOB"] + ")")
_NEWLINE = re.compile(PATTERNS["_NL"])
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)++")
_NAMING = re.compile(r"[ \t]*=(?!=)|\.(?!\.)")


class Token(NamedTuple):
    """`kind` is a terminal of the grammar, `BAD` or `$END`."""

    kind: str
    start: int
    end: int


class Bracket(NamedTuple):
    """An open bracket. `is_block` is true for a `{` that holds statements."""

    kind: str
    start: int
    is_block: bool


class Lexer:
    """Reads one text. The parser keeps `brackets`; error recovery sets `position` and `previous` back."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.previous: Token | None = None
        self.brackets: list[Bracket] = []

    def next(self, row: Row) -> Token:
        """The next token where the parser's state accepts the terminals of `row`."""
        token = self._glob(row) or self._scan(row)
        self.position, self.previous = token.end, token
        return token

    def _scan(self, row: Row) -> Token:
        while True:
            match = _TOKEN.match(self.text, self.position)
            assert match and match.lastgroup  # BAD and END take whatever is left
            kind = match.lastgroup
            start, end = match.span(kind)
            if kind == "NAME":
                kind = self._word(match[kind], end, row)
            elif kind == "MARK":
                kind = MARKS[match[kind]]
            elif kind == "BREAK":
                token = self._separator(start, row)
                if token is None:
                    continue
                return token
            elif kind == "END":
                return self._end(start)
            return Token(kind, start, end)

    def _word(self, word: str, end: int, row: Row) -> str:
        keyword = KEYWORDS.get(word)
        if keyword is None:
            return "NAME"
        if keyword not in row:
            return keyword if word in RESERVED and not self._follows("DOT", "_TAP") else "NAME"
        return "NAME" if word not in RESERVED and _NAMING.match(self.text, end) else keyword

    def _glob(self, row: Row) -> Token | None:
        if "GLOB" not in row or not (match := _GLOB.match(self.text, self.position)):
            return None
        keyword = KEYWORDS.get(match[1])
        return Token(keyword if keyword in row and keyword is not None else "GLOB", *match.span(1))

    def _separator(self, start: int, row: Row) -> Token | None:
        """`_NL` for a run of newlines, comments and semicolons that ends a statement, else None."""
        match = _NEWLINE.match(self.text, start)
        blank = _BLANK.match(self.text, start)
        self.position = match.end() if match else blank.end() if blank else start + 1
        if match is None or self._is_inside_line(match[0], row):
            return None
        return Token("_NL", start, match.end())

    def _is_inside_line(self, separator: str, row: Row) -> bool:
        if self.previous is None or self._follows("_NL", "LBRACE"):
            return True
        if separator == ";":
            return False
        if self.brackets and not self.brackets[-1].is_block:
            return True
        return self.previous.kind in CONTINUING and "_NL" not in row

    def _end(self, start: int) -> Token:
        """The text's last statement ends with `_NL`, written or not."""
        is_closed = self.previous is None or self._follows("_NL") or bool(self.brackets)
        return Token(END if is_closed else "_NL", start, start)

    def _follows(self, *kinds: str) -> bool:
        return self.previous is not None and self.previous.kind in kinds
