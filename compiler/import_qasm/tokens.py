"""From OpenQASM text to tokens, one at a time.

What came before: a text. What leaves: `Token`s with half-open spans. Invariants: comments and white space
are skipped; what is no token comes out as `bad`; no regular expression backtracks.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_DIGITS, _EXPONENT = "[0-9][0-9_]*+", "[eE][+-]?[0-9]++"
_SHAPES = {
    "time": rf"(?:{_DIGITS}(?:\.[0-9_]*+)?|\.{_DIGITS})(?:{_EXPONENT})?(?:dt|ns|us|µs|μs|ms|s|im)\b",
    "float": rf"(?:{_DIGITS}\.[0-9_]*+|\.{_DIGITS})(?:{_EXPONENT})?|{_DIGITS}{_EXPONENT}",
    "int": r"0[xX][0-9a-fA-F_]++|0[bB][01_]++|0[oO][0-7_]++|[0-9][0-9_]*+",
    "name": r"[^\W\d]\w*+|ℇ",
    "hardware": r"\$[0-9]++",
    "string": r"\"[^\"\n]*+\"|'[^'\n]*+'",
    "unclosed": r"/\*(?s:.*+)",
    "mark": r"->|<<=|>>=|\+\+|\*\*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%^&|~!<>=]=?|[{}()\[\];,:.@]",
    "bad": r"[^\s]",
    "end": r"\Z",
}
# Not possessive itself: Python before 3.11.5 goes on behind a comment without an end as if it had one.
_BLANK = r"(?:\s++|//[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*\*/)*"
_TOKEN = re.compile(f"{_BLANK}(?:{'|'.join(f'(?P<{kind}>{shape})' for kind, shape in _SHAPES.items())})")


class Token(NamedTuple):
    """`kind` is one of the shapes; a keyword is a `name`, and the parser compares its text."""

    kind: str
    text: str
    start: int
    end: int

    def __str__(self) -> str:
        return "the end of the text" if self.kind == "end" else f"`{self.text}`"


def token_at(text: str, position: int) -> Token:
    """The first token at or behind a position."""
    match = _TOKEN.match(text, position)
    assert match and match.lastgroup  # `bad` and `end` take whatever is left
    return Token(match.lastgroup, match[match.lastgroup], *match.span(match.lastgroup))
