"""Tokens as the formatter sees them: with their comments, blank lines and the space before them.

What came before: the parser's tokens and states. What leaves: `Piece`s, closed by one of kind `$END`.
Invariant: every comment of the text belongs to exactly one piece.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from hqn.compiler.syntax.lexer import Token
from hqn.compiler.syntax.tables import ANCHORS, KEYWORDS, STATES

_GAP = re.compile(r"#[^\n]*|\n")
_VALUE_ENDS = frozenset(["NAME", "INT", "FLOAT", "STRING", "RPAR", "RSQB", "RBRACE", "TRUE", "FALSE", "GLOB"])
_TIGHT_AFTER = frozenset(["LPAR", "LSQB", "DOT", "_TAP", "_RANGE"])
_TIGHT_BEFORE = frozenset(["RPAR", "RSQB", "DOT", "_TAP", "COMMA", "COLON"])
_CLOSING = frozenset(["RBRACE", "$END"])
_SUFFIXED = frozenset(["NAME", "RPAR", "RSQB", "REDUCE"])
_WORDS = frozenset(KEYWORDS.values())


@dataclass(slots=True)
class Piece:
    """One token. It `starts` a statement or `is_last` in one; `is_space` before it if it begins no line."""

    kind: str
    text: str
    start: int
    above: tuple[tuple[bool, str], ...] = ()
    """Comments on lines of their own above it, each with whether a blank line stood before."""
    blank: bool = False
    behind: str = ""
    """The comment behind it on its line."""
    starts: bool = False
    is_last: bool = False
    is_space: bool = False
    is_block: bool = False
    """A `{` that opens statements, or the `}` that closes them."""
    is_unary: bool = False
    ends_binders: bool = False
    """The `)` of `sum(i in …)`: what follows is the body, not a suffix."""
    is_angle: bool = False
    """`<` or `>` as brackets, in `int<b>`."""


def pieces_of(text: str, tokens: list[tuple[Token, int]]) -> list[Piece]:
    """All pieces of a text without mistakes."""
    pieces: list[Piece] = []
    end, starts = 0, True
    length = len(text)
    for token, state in [*tokens, (Token("$END", length, length), 0)]:
        if token.kind == "_NL":
            starts = True
            continue
        piece = Piece(
            token.kind,
            text[token.start : token.end],
            token.start,
            starts=starts and token.kind not in _CLOSING,
        )
        _give_comments(text[end : token.start], pieces[-1] if pieces else None, piece)
        _mark(piece, state)
        pieces.append(piece)
        end, starts = token.end, piece.is_block and piece.kind == "LBRACE"
    _match_brackets(pieces)
    for before, piece in pairwise(pieces):
        before.is_last = piece.starts or piece.kind == "$END" or (piece.kind == "RBRACE" and piece.is_block)
        piece.is_unary = piece.kind == "MINUS" and (before.kind not in _VALUE_ENDS or before.ends_binders)
        piece.is_space = _is_space(before, piece)
    return pieces


def _give_comments(gap: str, before: Piece | None, piece: Piece) -> None:
    """A comment on the line of `before` is behind it, every other one is above `piece`."""
    newlines = 0 if before else 1
    above: list[tuple[bool, str]] = []
    for match in _GAP.finditer(gap):
        if match[0] == "\n":
            newlines += 1
            continue
        comment = match[0].rstrip()
        if newlines == 0 and before:
            before.behind = comment
        else:
            above.append((newlines > 1, comment))
        newlines = 0
    piece.above = tuple(above)
    piece.blank = newlines > 1


def _mark(piece: Piece, state: int) -> None:
    row = STATES[state]
    piece.is_block = piece.kind == "LBRACE" and state in ANCHORS
    piece.is_angle = (piece.kind == "LT" and "sums" in row) or (piece.kind == "GT" and "INT" not in row)


def _match_brackets(pieces: list[Piece]) -> None:
    """Marks the closers of blocks and of binders."""
    opened: list[tuple[Piece, bool]] = []
    before: Piece | None = None
    for piece in pieces:
        if piece.kind in ("LPAR", "LSQB", "LBRACE"):
            opened.append((piece, before is not None and before.kind == "REDUCE"))
        elif piece.kind in ("RPAR", "RSQB", "RBRACE"):
            opener, piece.ends_binders = opened.pop()
            piece.is_block = opener.is_block
        before = piece


def _is_space(before: Piece, piece: Piece) -> bool:
    """Whether a space separates two pieces on one line."""
    if piece.kind == "COLON" and before.kind == "COMMA":
        return True
    if before.kind in _TIGHT_AFTER or piece.kind in _TIGHT_BEFORE or before.is_unary:
        return before.kind == "_RANGE" and piece.kind in _WORDS
    if piece.kind in ("LPAR", "LSQB"):
        return before.kind not in _SUFFIXED or before.ends_binders
    if "LBRACE" in (before.kind, piece.kind) and not (before.is_block or piece.is_block):
        return piece.kind == "LBRACE" and before.kind in _WORDS
    if piece.kind == "RBRACE":
        return piece.is_block
    if piece.kind == "_RANGE":
        return before.kind in _WORDS or before.kind in ("COMMA", "EQUAL")
    return not (piece.is_angle or (before.is_angle and before.kind == "LT"))
