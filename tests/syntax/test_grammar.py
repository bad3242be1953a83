"""The grammar has no conflicts, its tables are current, and its names are those of the tree."""

from __future__ import annotations

import subprocess
import sys

from hqn.compiler.diagnostics import Sink
from hqn.compiler.source import Source
from hqn.compiler.syntax.actions import actions_for
from hqn.compiler.syntax.tables import ANCHORS, RULES, STATES
from hqn.grammar import build


def test_the_tables_are_current() -> None:
    """Lark is strict here: a conflict raises. The text of the tables does not depend on hash seeds."""
    assert build.TABLES.read_text(encoding="utf-8") == build.generate(
        build.GRAMMAR.read_text(encoding="utf-8")
    )


def test_every_rule_has_an_action_and_every_class_of_the_tree_a_rule() -> None:
    names = set(actions_for(Source("", ""), Sink()))
    assert names == {rule.action for rule in RULES} - {"", "_"}


def test_parsing_can_go_on_at_every_level() -> None:
    places = {"item", "statement", "run_statement", "policy_statement", "profile_statement"}
    assert {place for state in ANCHORS for place in places & set(STATES[state])} == places


def test_the_parser_starts_without_lark() -> None:
    """Reading tables instead of a grammar saves a third of the time that a check may take."""
    program = "import sys, hqn.compiler.syntax.parse; print('lark' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
