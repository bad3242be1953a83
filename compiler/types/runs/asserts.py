"""Assertions of runs and of files.

What came before: `assert` lines. What leaves: readings that are true or false. Invariant: an assertion that
checking can decide is decided: one that fails is an error, one that holds is the literal True.
"""

from __future__ import annotations

from hqn.compiler.syntax import ast
from hqn.compiler.types.runs.check_reading import Readings
from hqn.compiler.types.runs.errors import AssertionFails, NotANumber
from hqn.compiler.types.runs.functions import RunText, slots_of
from hqn.compiler.types.runs.specs import Assertion
from hqn.compiler.types.scope import Scope, Session
from hqn.compiler.types.typed import Entry, Function
from hqn.compiler.types.unsupported import NotSupportedYet


def asserts_of(readings: Readings, scope: Scope, run: ast.Run) -> tuple[Assertion, ...]:
    """The assertions of a run, in text order."""
    lines = [statement for statement in run.statements if isinstance(statement, ast.Assert)]
    found = [assertion_of(readings, scope, line) for line in lines]
    return tuple(assertion for assertion in found if assertion is not None)


def assertion_of(readings: Readings, scope: Scope, statement: ast.Assert | ast.TopAssert) -> Assertion | None:
    """An assertion; None where it is wrong or is known not to hold, which is reported."""
    value = statement.value
    read = readings.read(value)
    if read is None:
        return None
    if not read.truth or read.shape:
        what = "an assertion"
        hint = "compare one number with another: `assert acc[last] >= 0.96`"
        found = f"a comparison of {len(read.shape)}-dimensional arrays" if read.truth else read.shown
        scope.report(NotANumber(span=value.span, found=found, what=what, hint=hint))
        return None
    if read.reading is False:
        scope.report(AssertionFails(span=value.span, values=_sides(readings, value)))
        return None
    return Assertion(read.reading, value.span.text, str(value.span).rpartition(":")[0])


def _sides(readings: Readings, value: ast.Expr) -> str:
    """What a comparison of known numbers compares: `1,700 == 1,690` is false."""
    if not isinstance(value, ast.Binary):
        return "this is false"
    left, right = readings.read(value.left), readings.read(value.right)
    if left is None or right is None:
        return "this is false"
    return f"{left.reading:,} {value.op} {right.reading:,} is false"


def top_asserts(session: Session, entries: tuple[Entry, ...]) -> None:
    """`assert params(model) == 1690` outside of runs."""
    for item in session.resolved.root.tree.items:
        if isinstance(item, ast.TopAssert):
            _top_assert(session, item, {entry.name: entry.evaluation for entry in entries})


def _top_assert(session: Session, item: ast.TopAssert, models: dict[str, Function]) -> None:
    text = RunText(session, session.resolved.root, "assert", item.span)
    scope = Scope(text.frame("assert"))
    for name in _counted(item.value):
        if name in models:
            text.slots |= dict(slots_of(models[name], f"{name}."))
    if not text.slots:
        what = "an assertion outside of a run about anything but `params(model)`"
        scope.report(NotSupportedYet(span=item.span, construct=what))
        return
    assertion_of(Readings(text, {}), scope, item)


def _counted(expr: ast.Expr) -> list[str]:
    """What stands in the parentheses of `params(…)` in an expression."""
    calls = [node for node in ast.walk(expr) if isinstance(node, ast.Call)]
    named = [node for node in calls if isinstance(node.callee, ast.Name) and node.callee.name == "params"]
    return [argument.value.span.text for node in named for argument in node.arguments]
