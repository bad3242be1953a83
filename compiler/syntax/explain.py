"""Finds the mistake behind a token that does not fit.

What came before: a machine that cannot take a token, and the broken statement around it. What leaves: the
one diagnostic that says best what is wrong. Invariant: the causes are tried from the most to the least
telling, and the last one always answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.source import Source, Span
from hqn.compiler.syntax.errors import (
    AssignedInExpression,
    ChainedComparison,
    MisplacedStatement,
    MissingExpression,
    MissingNewline,
    MisspeltKeyword,
    ReservedWord,
    UnclosedBracket,
    UnclosedString,
    UnexpectedToken,
    UnknownCharacter,
    UnopenedBracket,
)
from hqn.compiler.syntax.lexer import BAD, CLOSERS, CONTINUING, OPENERS, RESERVED, Bracket, Token
from hqn.compiler.syntax.machine import Machine
from hqn.compiler.syntax.recover import Broken
from hqn.compiler.syntax.tables import KEYWORDS, SPELLINGS, STATES
from hqn.compiler.syntax.words import (
    FOREIGN,
    PLACES,
    Place,
    expected_words,
    found_words,
    keywords_of,
    nearest,
)

_STATEMENT_WORDS = PLACES[1].words
_WORD = re.compile(r"[A-Za-z_]\w*")
_RUN_OF_WORD = re.compile(r"\w+")
_CONTINUING_MARKS = sorted((SPELLINGS[kind] for kind in CONTINUING), key=len, reverse=True)
_CONTINUED_LINE = re.compile(f"({'|'.join(map(re.escape, _CONTINUING_MARKS))})[ \t\r]*(?:#[^\n]*)?\n\\Z")
_LINE_WORD = re.compile(r"[ \t]*([A-Za-z_]\w*)")
_COMPARED = re.compile(r"[=!<>]=|<|(?<![|-])>")
_COMPARISONS = frozenset(["EQ", "NE", "LE", "GE", "LT", "GT"])
_HINTS = {
    "&": "write `and`",
    "|": "write `or`, or `|>` for a pipe",
    "!": "write `not`",
    "^": "a power is written `a ** b`",
    "'": 'strings are written with `"`',
    "~": "write `not`",
    "?": "a choice is written `if condition { a } else { b }`",
}


@dataclass(frozen=True)
class Misfit:
    """A token that does not fit, with what the causes below ask about it."""

    source: Source
    machine: Machine
    token: Token
    broken: Broken

    @property
    def text(self) -> str:
        return self.source.text[self.token.start : self.token.end]

    @property
    def span(self) -> Span:
        return self.source.span(self.token.start, self.token.end)

    @property
    def found(self) -> str:
        return found_words(self.token.kind, self.text.strip())

    @cached_property
    def accepted(self) -> frozenset[str]:
        return frozenset(self.machine.accepted())

    @cached_property
    def first_word(self) -> str:
        match = _WORD.match(self.source.text, self.broken.start)
        return match[0] if match else ""

    @property
    def first_span(self) -> Span:
        return self.source.span(self.broken.start, self.broken.start + len(self.first_word))

    @cached_property
    def place(self) -> Place:
        """Which kind of statement was expected where the broken one begins."""
        row = STATES[self.machine.states[self.broken.height - 1]]
        return next(place for place in PLACES if place.rule in row)

    @property
    def innermost(self) -> Bracket | None:
        brackets = self.broken.brackets or self.broken.outer
        return brackets[-1] if brackets else None

    def of_bracket(self, bracket: Bracket) -> Span:
        return self.source.span(bracket.start, bracket.start + 1)

    @cached_property
    def is_on_later_line(self) -> bool:
        """Whether the token stands below the line on which the last good one stands."""
        between = self.source.text[self.machine.last.end : self.token.start]
        return self.token.kind in ("_NL", "$END") or "\n" in between


Cause = Callable[[Misfit], Diagnostic | None]


def explain(misfit: Misfit) -> Diagnostic:
    """The first cause that applies."""
    return next(found for cause in CAUSES if (found := cause(misfit)) is not None)


def unclosed_block(misfit: Misfit) -> Diagnostic:
    """A declaration begins, or the file ends, inside a block."""
    bracket = misfit.broken.outer[-1]
    wanted = misfit.first_span if misfit.token.kind != "$END" and misfit.first_word else None
    return UnclosedBracket(span=misfit.of_bracket(bracket), opener="{", closer="}", wanted=wanted)


def _bad_text(misfit: Misfit) -> Diagnostic | None:
    if misfit.token.kind != BAD:
        return None
    if misfit.text == '"':
        return UnclosedString(span=misfit.span)
    match = _RUN_OF_WORD.match(misfit.source.text, misfit.token.start)
    if match:
        last = misfit.machine.last
        start = last.start if last.end == match.start() else match.start()
        span = misfit.source.span(start, match.end())
        hint = "names consist of the letters a-z, A-Z, digits and `_`"
        return UnknownCharacter(span=span, text=span.text, hint=hint)
    return UnknownCharacter(span=misfit.span, text=misfit.text, hint=_HINTS.get(misfit.text))


def _wrong_closer(misfit: Misfit) -> Diagnostic | None:
    """A bracket that closes another one, or none."""
    if misfit.token.kind not in CLOSERS or misfit.token.kind in misfit.accepted:
        return None
    innermost = misfit.innermost
    if innermost and OPENERS[innermost.kind] == misfit.token.kind:
        return None
    around = misfit.broken.outer[-1:] + misfit.broken.brackets[:-1]
    if innermost in misfit.broken.brackets and CLOSERS[misfit.token.kind] in [one.kind for one in around]:
        return _unclosed(misfit, innermost)
    opened = misfit.of_bracket(innermost) if innermost else None
    return UnopenedBracket(span=misfit.span, closer=misfit.text, opened=opened)


def _unclosed_round(misfit: Misfit) -> Diagnostic | None:
    """A `(` or `[` of an earlier line is still open where a new statement begins."""
    innermost = misfit.broken.brackets[-1] if misfit.broken.brackets else None
    if innermost is None or not misfit.is_on_later_line:
        return None
    return _unclosed(misfit, innermost)


def _unclosed(misfit: Misfit, bracket: Bracket) -> Diagnostic:
    opener, closer = SPELLINGS[bracket.kind], SPELLINGS[OPENERS[bracket.kind]]
    wanted = None if misfit.token.kind == "$END" else misfit.span
    return UnclosedBracket(span=misfit.of_bracket(bracket), opener=opener, closer=closer, wanted=wanted)


def _first_word(misfit: Misfit) -> Diagnostic | None:
    """The statement begins with a misspelt word, one of another place, or one of another language."""
    word, here = misfit.first_word, misfit.place
    if not word or word in here.words or misfit.token.kind == "$END":
        return None
    for there in PLACES:
        if word in there.words and misfit.token.start > misfit.broken.start:
            span = misfit.first_span
            return MisplacedStatement(span=span, word=word, here=here.where, there=there.where)
    close, hint = nearest(word, here.words), FOREIGN.get(word)
    if close is None and hint is None and here.rule != "item":
        return None
    span, called = misfit.first_span, here.called
    return MisspeltKeyword(span=span, word=word, place=called, nearest=close, hint=hint)


def _reserved(misfit: Misfit) -> Diagnostic | None:
    if misfit.text in RESERVED and "NAME" in misfit.accepted and "INT" not in misfit.accepted:
        return ReservedWord(span=misfit.span, word=misfit.text)
    return None


def _missing_expression(misfit: Misfit) -> Diagnostic | None:
    """Nothing stands after an operator, `=` or a word such as `return`."""
    last = misfit.machine.last
    after = misfit.source.text[last.start : last.end]
    if not {"NAME", "INT", "LPAR"} <= misfit.accepted or last.kind in OPENERS or misfit.token.kind == "DOT":
        return None
    if last.end <= misfit.broken.start or not (last.kind in CONTINUING or after in KEYWORDS):
        return None
    span = misfit.source.span(last.start, last.end)
    return MissingExpression(span=span, after=after, found=misfit.found)


def swallowed_line(misfit: Misfit) -> tuple[MissingExpression, int] | None:
    """`x =` and then `y = 3`: the line of the second statement was read as the value of the first.

    Gives the offset at which the swallowed statement begins, too.
    """
    text, start = misfit.source.text, misfit.broken.start
    line = text.rfind("\n", 0, misfit.token.start) + 1
    operator = _CONTINUED_LINE.search(text, start, line) if line > start else None
    word = _LINE_WORD.match(text, line)
    if operator is None or word is None or word.start(1) >= misfit.token.start:
        return None
    known = misfit.place.words | _STATEMENT_WORDS
    if misfit.token.kind not in ("EQUAL", "COLON") and word[1] not in known and not nearest(word[1], known):
        return None
    span = misfit.source.span(operator.start(1), operator.end(1))
    next_line = misfit.source.span(word.start(1), misfit.token.end)
    error = MissingExpression(span=span, after=operator[1], found="a new statement", next_line=next_line)
    return error, word.start(1)


def _assigned(misfit: Misfit) -> Diagnostic | None:
    if misfit.token.kind == "EQUAL" and not misfit.accepted.isdisjoint(("EQ", "_NL", "LBRACE")):
        return AssignedInExpression(span=misfit.span)
    return None


def _chained(misfit: Misfit) -> Diagnostic | None:
    before = (misfit.broken.start, misfit.token.start)
    if misfit.token.kind in _COMPARISONS and _COMPARED.search(misfit.source.text, *before):
        return ChainedComparison(span=misfit.span)
    return None


def _two_statements(misfit: Misfit) -> Diagnostic | None:
    starts = misfit.text in misfit.place.words
    if misfit.place.rule in ("statement", "run_statement"):
        starts |= misfit.token.kind in ("NAME", "REDUCE")
    if starts and "_NL" in misfit.accepted and not misfit.is_on_later_line:
        return MissingNewline(span=misfit.span, found=misfit.found)
    return None


def _anything(misfit: Misfit) -> Diagnostic:
    """What could stand here instead; at the end of the text, right behind what was written last."""
    span, last, hint = misfit.span, misfit.machine.last, None
    if misfit.token.kind in ("_NL", "$END") and misfit.text != ";":
        span = misfit.source.span(last.end, last.end)
    if misfit.token.kind == "DOT":
        hint = "write a digit before the point: `0.5`"
    elif close := nearest(misfit.text, keywords_of(misfit.accepted)):
        hint = f"did you mean `{close}`?"
    return UnexpectedToken(span=span, expected=expected_words(misfit.accepted), found=misfit.found, hint=hint)


CAUSES: tuple[Cause, ...] = (
    _bad_text,
    _wrong_closer,
    _first_word,
    _unclosed_round,
    _reserved,
    _missing_expression,
    _assigned,
    _chained,
    _two_statements,
    _anything,
)
