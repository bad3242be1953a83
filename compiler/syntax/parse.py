"""The syntax stage: from a source to its tree.

What came before: a `Source`. What leaves: `ast.Module`; after mistakes it lacks the broken statements.
Invariants: no text makes it raise; time is linear in the length of the text; several mistakes in one file
give one diagnostic each.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from hqn.compiler.diagnostics import Sink
from hqn.compiler.source import Source
from hqn.compiler.syntax import ast
from hqn.compiler.syntax.actions import actions_for
from hqn.compiler.syntax.errors import (
    FileTooLarge,
    ForbiddenCharacter,
    MissingNewline,
    NestedTooDeeply,
    NewerVersion,
)
from hqn.compiler.syntax.explain import Misfit, explain, swallowed_line, unclosed_block
from hqn.compiler.syntax.lexer import Lexer, Token
from hqn.compiler.syntax.machine import DEEPEST, Machine, TooDeep
from hqn.compiler.syntax.recover import (
    add_newline,
    broken_statement,
    go_on,
    leave_blocks,
    skip_statement,
    starts_item,
)

VERSION = (0, 1)
LARGEST_FILE = 4 * 2**20
MOST_ERRORS = 100
"""After so many mistakes the rest of the text is not read."""

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\r(?!\n)"
)
_VERSION = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*+hqn[ \t]+(\d{1,9})(?:\.(\d{1,9}))?\b")


class _Enough(Exception):
    """Too many mistakes."""


def parse(source: Source, sink: Sink) -> ast.Module:
    """The tree of a text; what is wrong with it goes to the sink."""
    return parse_with_tokens(source, sink)[0]


def parse_with_tokens(source: Source, sink: Sink) -> tuple[ast.Module, list[tuple[Token, int]]]:
    """The tree, and every token in its order with the parser's state behind it."""
    nothing = ast.Module(None, (), span=source.span(0, len(source.text)))
    if len(source.text) > LARGEST_FILE:
        sink.report(FileTooLarge(span=source.span(0, 0), size=len(source.text), limit=LARGEST_FILE))
        return nothing, []
    text = _without_forbidden(source, sink)
    if _is_newer(text, source, sink):
        return nothing, []
    machine = Machine(Lexer(text), actions_for(source, sink))
    try:
        module: ast.Module = machine.run(_Reporter(source, sink, machine).report)
    except TooDeep as deep:
        sink.report(NestedTooDeeply(span=source.span(deep.start, deep.end), limit=DEEPEST))
    except _Enough:
        pass
    else:
        return module, machine.tokens
    return nothing, []


class _Reporter:
    """Reports a token that does not fit and lets the machine go on behind it."""

    def __init__(self, source: Source, sink: Sink, machine: Machine) -> None:
        self.source = source
        self.sink = sink
        self.machine = machine
        self.count = 0

    def report(self, token: Token) -> None:
        self.count += 1
        if self.count > MOST_ERRORS:
            raise _Enough
        broken = broken_statement(self.machine, token)
        misfit = Misfit(self.source, self.machine, token, broken)
        if broken.outer and token.kind == "$END" and not broken.brackets:
            self.sink.report(unclosed_block(misfit))
            leave_blocks(self.machine, token.start)
        elif broken.outer and starts_item(self.source.text, broken.start):
            self.sink.report(unclosed_block(misfit))
            leave_blocks(self.machine, broken.start)
        elif swallowed := swallowed_line(misfit):
            error, position = swallowed
            self.sink.report(error)
            go_on(self.machine, broken, position)
        else:
            self._explain(misfit)

    def _explain(self, misfit: Misfit) -> None:
        error = explain(misfit)
        self.sink.report(error)
        if isinstance(error, MissingNewline):
            add_newline(self.machine, misfit.token.start)
        else:
            skip_statement(self.machine, misfit.token, misfit.broken)


def _without_forbidden(source: Source, sink: Sink) -> str:
    """The text with every control and direction-changing character reported and blanked."""
    text = source.text.removeprefix("\ufeff")
    text = " " * (len(source.text) - len(text)) + text
    for match in islice(_FORBIDDEN.finditer(text), MOST_ERRORS):
        char = match[0]
        name = f"U+{ord(char):04X} {unicodedata.name(char, 'a control character')}"
        sink.report(ForbiddenCharacter(span=source.span(match.start(), match.end()), name=name))
    return _FORBIDDEN.sub(" ", text)


def _is_newer(text: str, source: Source, sink: Sink) -> bool:
    match = _VERSION.match(text)
    if not match or (int(match[1]), int(match[2] or 0)) <= VERSION:
        return False
    wanted = match[1] + (f".{match[2]}" if match[2] else "")
    known = ".".join(map(str, VERSION))
    sink.report(NewerVersion(span=source.span(match.start(1), match.end()), wanted=wanted, known=known))
    return True
