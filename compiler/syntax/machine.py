"""The LALR(1) machine: shifts, reduces, and can be cut back after a mistake.

What came before: the tables and a lexer. What leaves: whatever the actions built for `module`.
Invariants: every token is looked at once, so time is linear in the text; cut back to an anchor, the stack
holds everything outside the broken statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from hqn.compiler.syntax.lexer import CLOSERS, OPENERS, Bracket, Lexer, Token
from hqn.compiler.syntax.tables import ANCHORS, END, PATTERNS, RULES, SPELLINGS, START, STATES

DEEPEST = 200
"""The tree is no deeper, so every later stage may recurse over it."""

Action = Callable[[list[Any], int, int], Any]
"""Children, start and end offset of what was written -> the value that stands for it."""

_INVISIBLE = {"", "_", "list", "concat", "unwrap"}
"""Actions that build no level of the tree."""

_UNITS = [rule.origin if rule.action == "" and rule.length == 1 else "" for rule in RULES]
"""Rules that only rename what is on the stack: by far the most, from one level of precedence to the next."""

_CERTAIN = {
    number: -1 - next(iter(row.values()))
    for number, row in enumerate(STATES)
    if len(set(row.values())) == 1 and min(row.values()) < 0
}
"""States in which the one thing to do is to reduce a rule."""


@cache
def _climbed(below: int, state: int, kind: str) -> int:
    """Where a row of such rules ends: an operand climbs a dozen levels of precedence at once."""
    while (target := STATES[state].get(kind, 0)) < 0 and (origin := _UNITS[-1 - target]):
        state = STATES[below][origin]
    return state


class TooDeep(Exception):
    """Stops the machine; `parse` reports it."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end


class Machine:
    """One run over one text. `states`, `values`, `starts` and `depths` are one stack in four lists."""

    def __init__(self, lexer: Lexer, actions: dict[str, Action]) -> None:
        self.lexer = lexer
        self.actions = actions
        self.states = [START]
        self.values: list[Any] = [None]
        self.starts = [0]
        self.depths = [0]
        self.last = Token("_NL", 0, 0)
        """The token shifted last."""
        self.tokens: list[tuple[Token, int]] = []
        """Every token that was shifted, with the state after it: what the formatter reads."""

    def run(self, on_error: Callable[[Token], None]) -> Any:
        """The value of `module`. `on_error` reports, cuts the stack back and moves the lexer on."""
        while True:
            token = self.lexer.next(STATES[self.states[-1]])
            if not self.take(token):
                self._settle()
                on_error(token)
            elif token.kind == "$END":
                return self.values[-1]

    def take(self, token: Token) -> bool:
        """Reduce what the token completes, then shift it; false where it does not fit."""
        kind, states = token.kind, self.states
        target = STATES[states[-1]].get(kind)
        while target is not None and target < 0:
            if _UNITS[-1 - target]:
                states[-1] = _climbed(states[-2], states[-1], kind)
            else:
                self._reduce(-1 - target)
                if states[-1] == END:
                    return True
            target = STATES[states[-1]].get(kind)
        if target is not None:
            self._shift(target, token)
        return target is not None

    def _settle(self) -> None:
        """Complete what is certainly complete, so that a mistake takes nothing before it along."""
        while (rule := _CERTAIN.get(self.states[-1])) is not None:
            self._reduce(rule)

    def _shift(self, state: int, token: Token) -> None:
        brackets = self.lexer.brackets
        if token.kind in OPENERS:
            brackets.append(Bracket(token.kind, token.start, state in ANCHORS))
            if len(brackets) > DEEPEST:
                raise TooDeep(token.start, token.end)
        elif token.kind in CLOSERS:
            brackets.pop()
        self.last = token
        self.tokens.append((token, state))
        self._push(state, self.lexer.text[token.start : token.end], token.start, 0)

    def _reduce(self, number: int) -> None:
        """Replaces the right side of a rule by its left side."""
        origin, length, action, kept, spliced = RULES[number]
        height = len(self.states) - length
        start = self.starts[height] if length else self.last.end
        if action == "":
            value, depth = self.values[height + kept[0]], self.depths[height + kept[0]]
        else:
            depth = max(self.depths[height:], default=0) + (action not in _INVISIBLE)
            if depth > DEEPEST:
                raise TooDeep(start, self.last.end)
            value = self._children(height, kept, spliced)
            if action != "_":
                value = self.actions[action](value, start, self.last.end)
        self.cut(height)
        self._push(STATES[self.states[-1]][origin], value, start, depth)

    def _children(self, height: int, kept: tuple[int, ...], spliced: tuple[int, ...]) -> list[Any]:
        if not spliced:
            return [self.values[height + place] if place >= 0 else None for place in kept]
        grows = kept[0] == spliced[0]
        children: list[Any] = self.values[height + kept[0]] if grows else []  # in place: time stays linear
        for place in kept[grows:]:
            if place in spliced:
                children += self.values[height + place]
            else:
                children.append(self.values[height + place] if place >= 0 else None)
        return children

    def _push(self, state: int, value: Any, start: int, depth: int) -> None:
        self.states.append(state)
        self.values.append(value)
        self.starts.append(start)
        self.depths.append(depth)

    def cut(self, height: int) -> None:
        """Forget everything above a height of the stack."""
        del self.states[height:], self.values[height:], self.starts[height:], self.depths[height:]

    def anchor(self) -> int:
        """How much of the stack stays when the innermost statement is given up."""
        return next(h for h in range(len(self.states), 0, -1) if self.states[h - 1] in ANCHORS)

    def accepted(self) -> Iterator[str]:
        """The terminals that may stand next; exact, unlike a row, which LALR merges over contexts."""
        for kind in STATES[self.states[-1]]:
            if (kind in SPELLINGS or kind in PATTERNS or kind == "$END") and self._accepts(kind):
                yield kind

    def _accepts(self, kind: str) -> bool:
        states = list(self.states)
        while (target := STATES[states[-1]].get(kind)) is not None and target < 0:
            rule = RULES[-1 - target]
            del states[len(states) - rule.length :]
            states.append(STATES[states[-1]][rule.origin])
            if states[-1] == END:
                return True
        return target is not None
