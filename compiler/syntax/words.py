"""What people call the things of the grammar: for messages about what was expected and what was found.

What came before: sets of terminals, and words that did not fit. What leaves: English. Invariant: the name
of a terminal never leaves.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import NamedTuple

from hqn.compiler.syntax.tables import KEYWORDS, MARKS, SPELLINGS, STATES


def keywords_of(kinds: Iterable[str]) -> frozenset[str]:
    """The keywords among terminals, as they are written."""
    return frozenset(SPELLINGS[kind] for kind in kinds if SPELLINGS.get(kind) in KEYWORDS)


class Place(NamedTuple):
    """Where a statement stands: its rule, what it is called, where that is, and the words that begin one."""

    rule: str
    called: str
    where: str
    words: frozenset[str]


def _place(rule: str, called: str, where: str) -> Place:
    return Place(rule, called, where, keywords_of(next(row for row in STATES if rule in row)))


PLACES = (
    _place("item", "declaration", "at the top level of a file"),
    _place("statement", "statement", "in the body of a definition"),
    _place("run_statement", "line of a run", "in a run"),
    _place("policy_statement", "line of a policy", "in a policy"),
    _place("profile_statement", "line of a profile", "in a profile"),
)

FOREIGN = {
    "def": "layers are defined with `layer`, circuits with `circuit`",
    "fn": "layers are defined with `layer`, circuits with `circuit`",
    "func": "layers are defined with `layer`, circuits with `circuit`",
    "function": "layers are defined with `layer`, circuits with `circuit`",
    "class": "a network is defined with `model`, a part of it with `layer`",
    "import": "names are imported with `use std.layers.{dense, tanh}`",
    "from": "names are imported with `use std.layers.{dense, tanh}`",
    "include": "names are imported with `use std.layers.{dense, tanh}`",
    "for": "the loops are `map`, `parallel`, `scan` and `repeat`, as in `repeat i in 0..n { … }`",
    "while": "every loop is bounded: `repeat i in 0..n { … }`",
    "var": "a value is named without a word before it: `x = …`",
    "const": "a value is named without a word before it: `x = …`",
    "val": "a value is named without a word before it: `x = …`",
    "param": "trained tensors are declared with `weight w: f32[n] = …`",
    "qreg": "fresh qubits are declared with `qubits q[n]`",
    "qubit": "fresh qubits are declared with `qubits q[n]`",
    "gate": "a gate of one's own is a `circuit` that takes qubits",
    "else": "`else` follows the `}` of an `if`",
    "elif": "write `} else if … {`",
}
"""Words of other languages, and what stands here in their place."""

_STARTERS = frozenset(STATES[next(row["RETURN"] for row in STATES if "RETURN" in row)])
"""What begins an expression."""
_TELLING = frozenset(MARKS[mark] for mark in (")", "]", "}", "{", "=", ":", ",", "->", "|", "@"))
_OPERATORS = frozenset(MARKS.values()) - _TELLING | {"OR", "AND", "AS", "WITH", "ON", "UNDER", "STEP"}
_KINDS = {
    "NAME": "a name",
    "GLOB": "a path such as `net.head` or `**.conv`",
    "INT": "an integer",
    "FLOAT": "a number",
    "STRING": "a string",
    "REDUCE": "`sum`",
    "_NL": "a new line",
    "$END": "the end of the file",
}
_FEW = 3
_MOST = 6


def expected_words(kinds: Collection[str]) -> str:
    """`an expression or `)``, `a name, `:` or `=``: what may stand here, the tellingest first."""
    left, words = set(kinds), []
    if left >= {"NAME", "INT", "LPAR"}:
        left -= _STARTERS
        words.append("an expression")
    if "FLOAT" in left:
        left.discard("INT")
    if len(left) > _FEW:
        left -= _OPERATORS
    order = sorted(left, key=lambda kind: (kind not in _KINDS, spelling(kind).isalpha(), spelling(kind)))
    words += [_KINDS.get(kind) or f"`{spelling(kind)}`" for kind in order]
    if len(words) > _MOST:
        words = [*words[: _MOST - 1], "another word"]
    return _listed(words or ["an operator"])


def spelling(kind: str) -> str:
    return SPELLINGS.get(kind, kind)


def found_words(kind: str, text: str) -> str:
    """What stands here instead."""
    if kind == "$END":
        return "the end of the file"
    if kind == "_NL":
        return "`;`" if text == ";" else "the end of the line"
    return f"`{text if len(text) <= 40 else text[:37] + '...'}`"


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word that `word` was probably meant to be."""
    if word in known or len(word) < 3:
        return None
    close = difflib.get_close_matches(word[:40].lower(), sorted(known), n=1, cutoff=0.75)
    return close[0] if close else None


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
