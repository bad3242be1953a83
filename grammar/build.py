"""Generates `_tables.py` from `hqn.lark`: `python -m hqn.grammar.build`.

What came before: the grammar file. What leaves: the same grammar as literal Python data, so that the
compiler starts without importing Lark or computing tables. Invariant: Lark finds no conflict (strict
mode), and `tests/syntax/test_grammar.py` fails when the committed tables are not the current ones.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import Rule, Symbol, Terminal
from lark.lexer import Lexer

GRAMMAR = Path(__file__).parent / "hqn.lark"
TABLES = Path(__file__).parent / "_tables.py"

HEADER = '''"""Generated from `hqn.lark` by `python -m hqn.grammar.build`; do not edit.

`TERMINALS`: name -> (is a regular expression, pattern).
`RULES`: (left side, length, action, children kept: -1 is a missing optional one, children spliced).
`ROWS`: alternating symbol and target; a target n >= 0 shifts or goes to state n, n < 0 reduces rule -1 - n.
`STATES`: the row of each state.
"""
'''


class _NoLexer(Lexer):
    """Lark only computes tables here; `compiler/syntax/lexer.py` reads the text."""

    def __init__(self, conf: Any) -> None: ...

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Any]:
        return iter(())


def analyse(grammar: str) -> Lark:
    """The grammar's LALR(1) tables; raises `GrammarError` at any conflict."""
    return Lark(grammar, parser="lalr", lexer=_NoLexer, start="module", strict=True)


def generate(grammar: str) -> str:
    """The text of `_tables.py`."""
    lark = analyse(grammar)
    table = lark.parser.parser._parse_table
    start, end = table.start_states["module"], table.end_states["module"]
    order = _reading_order(table.states, start)
    rules: dict[Rule, int] = {}
    symbols: dict[str, int] = {}
    rows: dict[tuple[int, ...], int] = {}
    states = []
    for state in order:
        row: list[int] = []
        for name, target in _row(table.states[state]):
            row.append(symbols.setdefault(name, len(symbols)))
            is_reduce = isinstance(target, Rule)
            row.append(-1 - rules.setdefault(target, len(rules)) if is_reduce else order[target])
        states.append(rows.setdefault(tuple(row), len(rows)))
    parts = {
        "TERMINALS": {t.name: (t.pattern.type == "re", t.pattern.value) for t in lark.terminals},
        "SYMBOLS": tuple(symbols),
        "RULES": tuple(_rule(rule) for rule in rules),
        "ROWS": tuple(rows),
        "STATES": tuple(states),
        "START": order[start],
        "END": order[end],
    }
    return HEADER + "".join(_literal(name, value) for name, value in parts.items())


def _reading_order(states: dict[int, Any], start: int) -> dict[int, int]:
    """New numbers for the states, breadth first, because Lark's differ from run to run."""
    order = {start: 0}
    for state in (queue := [start]):
        for _, target in _row(states[state]):
            if not isinstance(target, Rule) and target not in order:
                order[target] = len(order)
                queue.append(target)
    return order


def _row(row: dict[str, tuple[Any, Any]]) -> Iterator[tuple[str, Any]]:
    for name, (_, target) in sorted(row.items()):
        yield str(name), target


def _rule(rule: Rule) -> tuple[str, int, str, tuple[int, ...], tuple[int, ...]]:
    """What reducing a rule does: action "" hands its only child on, "_" leaves a list to be spliced."""
    origin = str(rule.origin.name)
    kept = tuple(_kept(rule))
    spliced = tuple(i for i in kept if i >= 0 and _is_inlined(rule.expansion[i]))
    if origin.startswith("_"):
        action = "_"
    elif rule.options.expand1 and not rule.alias and len(kept) == 1 and not spliced:
        action = ""
    else:
        action = str(rule.alias or origin)
    return origin, len(rule.expansion), action, kept, spliced


def _is_inlined(symbol: Symbol) -> bool:
    return not symbol.is_term and str(symbol.name).startswith("_")


def _kept(rule: Rule) -> Iterator[int]:
    """The places of the children that an action receives, -1 for an absent `[optional]`."""
    place = 0
    for is_missing in rule.options.empty_indices or (False,) * len(rule.expansion):
        if is_missing:
            yield -1
            continue
        symbol = rule.expansion[place]
        if not (isinstance(symbol, Terminal) and symbol.filter_out):
            yield place
        place += 1


def _literal(name: str, value: object) -> str:
    text = repr(value)
    if len(text) > 100 and not isinstance(value, dict):
        text = textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)
    elif isinstance(value, dict):
        text = "{\n" + "".join(f"    {key!r}: {item!r},\n" for key, item in value.items()) + "}"
    return f"\n{name} = {text}\n"


def main() -> None:
    TABLES.write_text(generate(GRAMMAR.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
