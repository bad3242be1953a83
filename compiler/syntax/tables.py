"""The generated tables in the form that the parser runs on.

What came before: `grammar/_tables.py`. What leaves: dictionaries per state, rules, and the sets of words
and states that the lexer and error recovery ask for. Invariant: everything here follows from the grammar.
"""

from __future__ import annotations

from typing import NamedTuple

from hqn.grammar import _tables

START: int = _tables.START
END: int = _tables.END
SYMBOLS: tuple[str, ...] = _tables.SYMBOLS
PATTERNS: dict[str, str] = {name: text for name, (is_regex, text) in _tables.TERMINALS.items() if is_regex}
SPELLINGS: dict[str, str] = {
    name: text for name, (is_regex, text) in _tables.TERMINALS.items() if not is_regex
}
KEYWORDS: dict[str, str] = {text: name for name, text in SPELLINGS.items() if text.isalpha()}
MARKS: dict[str, str] = {text: name for name, text in SPELLINGS.items() if not text.isalpha()}

Row = dict[str, int]
"""Symbol -> a state to shift or go to (n >= 0), or the rule to reduce (-1 - n)."""


class Rule(NamedTuple):
    """One production; see the header of `_tables.py`."""

    origin: str
    length: int
    action: str
    kept: tuple[int, ...]
    spliced: tuple[int, ...]


RULES = tuple(Rule(*rule) for rule in _tables.RULES)


def _row(flat: tuple[int, ...]) -> Row:
    return {SYMBOLS[symbol]: target for symbol, target in zip(flat[::2], flat[1::2])}


_ROWS = tuple(map(_row, _tables.ROWS))
STATES = tuple(_ROWS[index] for index in _tables.STATES)

STATEMENTS = {"statement", "run_statement", "policy_statement", "profile_statement", "item"}
"""The rules of what stands on a line of its own; `?item` and the others appear under their cases too."""

ANCHORS = frozenset(number for number, row in enumerate(STATES) if not STATEMENTS.isdisjoint(row))
"""States in which a statement or declaration may begin: where parsing goes on after a mistake."""
