"""What people call the things of the grammar: for messages about what was expected and what was found.

What came before: sets of terminals, and words that did not fit. What leaves: English. Invariant: the name
of a terminal never leaves.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection

from hqn.compiler.syntax.tables import SPELLINGS

DECLARATIONS = frozenset(
    ["use", "renamed", "layer", "circuit", "model", "quantizer", "observable"]
    + ["policy", "noise", "execute", "data", "run", "assert"]
)
STATEMENTS = frozenset(
    ["let", "weight", "frozen", "state", "next", "draw", "contract", "network", "return", "yield", "qubits"]
    + ["reset", "discard", "barrier", "if", "map", "parallel", "scan", "repeat"]
)
RUN_LINES = frozenset(
    ["let", "weight", "draw", "data", "minimize", "track", "epochs", "steps", "seed", "seeds", "stop"]
    + ["keep", "precision", "assert"]
)
POLICY_LINES = frozenset(["default", "rule", "keep", "prepare", "calibrate", "lower", "budget"])
PROFILE_LINES = frozenset(["default", "rule"])

PLACES = {
    "item": ("declaration", "at the top level of a file", DECLARATIONS),
    "statement": ("statement", "in the body of a definition", STATEMENTS),
    "run_statement": ("line of a run", "in a run", RUN_LINES),
    "policy_statement": ("line of a policy", "in a policy", POLICY_LINES),
    "profile_statement": ("line of a profile", "in a profile", PROFILE_LINES),
}
"""Where a statement stands: what it is called, where that is, and the words that begin one."""

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

_OPERATORS = frozenset(
    ["OR", "AND", "EQ", "NE", "LE", "GE", "LT", "GT", "PLUS", "MINUS", "STAR", "SLASH", "FLOOR", "PERCENT"]
    + ["POWER", "_PIPE", "_RANGE", "_TAP", "DOT", "AT", "AS", "WITH", "ON", "UNDER", "LPAR", "LSQB", "STEP"]
)
_EXPRESSION = frozenset(["NAME", "INT", "LPAR"])
_STARTERS = frozenset(
    ["NAME", "INT", "FLOAT", "STRING", "REDUCE", "LPAR", "LSQB", "MINUS", "NOT", "TRUE", "FALSE", "IF"]
    + ["MAP", "PARALLEL", "SCAN", "REPEAT"]
)
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
_MOST = 6


def expected_words(kinds: Collection[str]) -> str:
    """`an expression or `)``, `a name, `:` or `=``: what may stand here, the tellingest first."""
    left, words = set(kinds), []
    if left >= _EXPRESSION:
        left -= _STARTERS
        words.append("an expression")
    if left - _OPERATORS:
        left -= _OPERATORS
    elif left:
        return "an operator" if not words else words[0]
    order = sorted(left, key=lambda kind: (kind not in _KINDS, spelling(kind).isalpha(), spelling(kind)))
    words += [_KINDS.get(kind) or f"`{spelling(kind)}`" for kind in order]
    if len(words) > _MOST:
        words = [*words[: _MOST - 1], "another word"]
    return _listed(words)


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
    if not words:
        return "nothing more"
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
