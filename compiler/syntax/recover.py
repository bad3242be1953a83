"""Going on after a mistake: gives up the innermost statement and finds where the next one begins.

What came before: a machine that cannot take a token. What leaves: the same machine, cut back to an anchor,
with its lexer set to the next statement. Invariants: the lexer never moves backwards past the broken
statement, and a token that begins two statements in vain is skipped, so the whole text takes linear time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hqn.compiler.syntax.lexer import Bracket, Token
from hqn.compiler.syntax.machine import Machine
from hqn.compiler.syntax.tables import SPELLINGS, STATES

NEW_ITEM = re.compile(
    r"(?:layer|circuit|model|quantizer|observable|policy|noise|execute|run|use)[ \t]+[A-Za-z_]"
    r'|renamed[ \t]+"|data[ \t]+\w+[ \t]*='
)
"""At the beginning of a line this begins a declaration, whatever is still open above it."""

_PIECE = re.compile(
    r'"(?:[^"\\\n]|\\.)*"?|(?:[ \t\r]*(?:#[^\n]*)?\n)++[ \t]*|#[^\n]*|[{}()\[\];]|[^"#\n{}()\[\];]+'
)
_BLANKS = re.compile(r"[ \t]*")
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_CONTINUED = re.compile(r"\|>|[*/%+<>]|[=!]=|(?:and|or|else)\b")


@dataclass(frozen=True)
class Broken:
    """The statement that is given up: where it starts, and what it left open."""

    height: int
    """The stack below it."""
    start: int
    brackets: list[Bracket]
    """Opened inside it."""
    outer: list[Bracket]
    """Open around it."""


def broken_statement(machine: Machine, token: Token) -> Broken:
    """The innermost statement around a token that does not fit."""
    height = machine.anchor()
    start = machine.starts[height] if height < len(machine.starts) else token.start
    brackets = machine.lexer.brackets
    inside = [bracket for bracket in brackets if bracket.start >= start]
    return Broken(height, start, inside, brackets[: len(brackets) - len(inside)])


def starts_item(text: str, start: int) -> bool:
    """Whether a declaration begins here, at the beginning of a line."""
    return (start == 0 or text[start - 1] == "\n") and NEW_ITEM.match(text, start) is not None


def skip_statement(machine: Machine, token: Token, broken: Broken) -> None:
    """Drop the broken statement and move to the next one in the same block."""
    text = machine.lexer.text
    position = token.start
    if not _begins_next(text, machine.last, token, broken):
        position = _end_of_statement(text, token.start, broken)
    go_on(machine, broken, position)


def go_on(machine: Machine, broken: Broken, position: int) -> None:
    """Drop the broken statement and read the next one from an offset behind its start."""
    machine.cut(broken.height)
    _restart(machine, position, broken.outer)


def add_newline(machine: Machine, position: int) -> None:
    """Keep the statement that is complete and read the next one from an offset on the same line."""
    machine.take(Token("_NL", position, position))
    _restart(machine, position, list(machine.lexer.brackets))


def leave_blocks(machine: Machine, position: int) -> None:
    """Drop the open declaration and go on at the top level."""
    heights = range(len(machine.states), 0, -1)
    machine.cut(next(h for h in heights if "item" in STATES[machine.states[h - 1]]))
    _restart(machine, position, [])


def _restart(machine: Machine, position: int, brackets: list[Bracket]) -> None:
    machine.lexer.brackets[:] = brackets
    machine.lexer.position = position
    machine.lexer.previous = Token("_NL", position, position)


def _indent(text: str, offset: int) -> int:
    """The width of the white space at the beginning of an offset's line."""
    line = text.rfind("\n", 0, offset) + 1
    blanks = _BLANKS.match(text, line, offset)
    return blanks.end() - line if blanks else 0


def _begins_next(text: str, last: Token, token: Token, broken: Broken) -> bool:
    """Whether the token stands first on its line, no further to the right than the broken statement."""
    if token.start <= broken.start or "\n" not in text[last.end : token.start]:
        return False
    if token.kind in ("RPAR", "RSQB", "RBRACE"):
        return False
    return _indent(text, token.start) <= _indent(text, broken.start)


def _end_of_statement(text: str, position: int, broken: Broken) -> int:
    """The offset of the separator, or of the `}`, at which a broken statement ends."""
    opened = [SPELLINGS[bracket.kind] for bracket in broken.brackets]
    braces = opened.count("{")
    indent = _indent(text, broken.start)
    for piece in _PIECE.finditer(text, position):
        mark = piece[0]
        if mark in _PAIRS:
            opened.append(mark)
            braces += mark == "{"
        elif mark == "}" and braces:
            while opened.pop() != "{":
                pass
            braces -= 1
        elif mark in (")", "]"):
            if opened and _PAIRS[opened[-1]] == mark:
                opened.pop()
        elif (
            (mark == "}" and broken.outer)
            or (mark == ";" and not braces)
            or ("\n" in mark and _ends_here(text, piece.end(), opened, indent))
        ):
            return piece.start()
    return len(text)


def _ends_here(text: str, line: int, opened: list[str], indent: int) -> bool:
    """Whether a broken statement ends before a line, judged by what that line begins with."""
    if starts_item(text, line):
        return True
    if opened:
        return _indent(text, line) <= indent and text[line : line + 1] not in (")", "]", "}")
    return _CONTINUED.match(text, line) is None
