"""Assertions of runs and of files.

What came before: `assert` lines. What leaves: readings that are true or false, and a run that only measures
for each assertion outside of runs. Invariant: an assertion that
checking can decide is decided: one that fails is an error, one that holds is the literal True.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from hqn.compiler.syntax import ast
from hqn.compiler.types.runs.check_data import check_data
from hqn.compiler.types.runs.check_reading import Readings
from hqn.compiler.types.runs.count_weights import COUNTS
from hqn.compiler.types.runs.errors import AssertionFails, NotANumber
from hqn.compiler.types.runs.specs import Assertion
from hqn.compiler.types.scope import Scope, Session


def asserts_of(readings: Readings, scope: Scope, run: ast.Run) -> tuple[Assertion, ...]:
    """The assertions of a run, in text order."""
    lines = [statement for statement in run.statements if isinstance(statement, ast.Assert)]
    found = [assertion_of(readings, scope, line) for line in lines]
    return tuple(assertion for assertion in found if assertion is not None)


def assertion_of(readings: Readings, scope: Scope, statement: ast.Assert) -> Assertion | None:
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


@dataclass(frozen=True, slots=True)
class TopAssert:
    """An assertion outside of runs as the run that measures it; `models` are those that it counts."""

    item: ast.Run
    models: tuple[str, ...]


def top_asserts(session: Session, models: Collection[str]) -> Iterator[TopAssert]:
    """The assertions of the main file outside of runs, in text order."""
    root = session.resolved.root
    for number, item in enumerate(one for one in root.tree.items if isinstance(one, ast.TopAssert)):
        name = ast.Ident(f"assert {number + 1}", span=item.span)
        data = _data_line(session, item)
        statement = ast.Assert(item.value, span=item.span)
        statements = (data, statement) if data else (statement,)
        counted = tuple(name for name in _counted(item.value) if name in models)
        yield TopAssert(ast.Run(name, (), None, statements, span=item.span), counted)


def _data_line(session: Session, item: ast.TopAssert) -> ast.DataLine | None:
    """The samples of `… on d8.test`, each under the names of its fields."""
    for node in ast.walk(item.value):
        match node:
            case ast.On(split=ast.Attribute(value=ast.Name(name=name) as block)):
                found = session.resolved.root.scope.get(name)
                is_data = found is not None and isinstance(found.item, ast.Data)
                data = check_data(session, found) if found is not None and is_data else None
                names = [one.name for one in data.data.fields] if data else []
                idents = tuple(ast.Ident(name, span=block.span) for name in names)
                return ast.DataLine(
                    ast.Pattern(idents, True, span=block.span), block, None, True, span=block.span
                )
    return None


def _counted(expr: ast.Expr) -> list[str]:
    """What stands in the parentheses of `params(…)` in an expression."""
    calls = [node for node in ast.walk(expr) if isinstance(node, ast.Call)]
    named = [node for node in calls if isinstance(node.callee, ast.Name) and node.callee.name in COUNTS]
    return [argument.value.span.text for node in named for argument in node.arguments]
