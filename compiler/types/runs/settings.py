"""Settings of a run: `epochs 30`, `steps 500`, `seeds 0..5`, `stop acc[last] > 0.99`, `keep max(acc)`.

What came before: `ast.Setting`s. What leaves: numbers, and readings for `stop` and `keep`. Invariant: each is
said at most once; a run that trains says how long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hqn.compiler.syntax import ast
from hqn.compiler.types.bodies.check_static import static_value
from hqn.compiler.types.runs.check_reading import Readings
from hqn.compiler.types.runs.errors import BadSetting, NotANumber, SettingTwice
from hqn.compiler.types.runs.optimisers import says_how_long
from hqn.compiler.types.runs.specs import Reading
from hqn.compiler.types.scope import Scope

LARGEST = 10**6
"""Epochs, steps and seeds are numbers of turns, which `language.md` limits."""


@dataclass(slots=True)
class Settings:
    """The settings of one run. `said` are the statements by key."""

    epochs: int | None = None
    steps: int | None = None
    seeds: tuple[int, ...] = (0,)
    precision: Literal["f32", "f64"] = "f32"
    said: dict[str, ast.Setting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conditions:
    """`stop` and `keep` as readings that are true or false."""

    stop: Reading | None = None
    keep: Reading | None = None


def enter(settings: Settings, scope: Scope, statement: ast.Setting) -> None:
    """Take one setting in; `stop` and `keep` are read later, when series are known."""
    key = "seed" if statement.key == "seeds" else statement.key
    first = settings.said.setdefault(key, statement)
    if first is not statement:
        scope.report(SettingTwice(span=statement.span, setting=statement.key, first=first.span))
        return
    match statement.key:
        case "epochs":
            settings.epochs = whole(scope, statement.value, "`epochs`")
        case "steps":
            settings.steps = whole(scope, statement.value, "`steps`")
        case "seed":
            found = whole(scope, statement.value, "`seed`", least=0, most=2**31 - 1)
            settings.seeds = (found or 0,)
        case "seeds":
            settings.seeds = _seeds(scope, statement.value)
        case "precision":
            settings.precision = _precision(scope, statement.value)


def whole(scope: Scope, expr: ast.Expr, what: str, *, least: int = 1, most: int = LARGEST) -> int | None:
    """A whole number between two bounds that is known while checking; None after a mistake."""
    before = scope.frame.failed
    value = static_value(scope, expr)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    if scope.frame.failed == before:
        scope.report(BadSetting(span=expr.span, why=f"{what} is a whole number from {least:,} to {most:,}"))
    return None


def _seeds(scope: Scope, expr: ast.Expr) -> tuple[int, ...]:
    if isinstance(expr, ast.Range) and expr.start is not None and expr.stop is not None and expr.step is None:
        start = whole(scope, expr.start, "a seed", least=0)
        stop = whole(scope, expr.stop, "a seed", least=0)
        if start is None or stop is None:
            return (0,)
        if 0 < stop - start <= 1000:
            return tuple(range(start, stop))
    why = "seeds are a range of 1 to 1,000 numbers"
    scope.report(BadSetting(span=expr.span, why=why, example="seeds 0..5"))
    return (0,)


def _precision(scope: Scope, expr: ast.Expr) -> Literal["f32", "f64"]:
    name = expr.name if isinstance(expr, ast.Name) else ""
    if name == "f32":
        return "f32"
    if name != "f64":
        why = "the precision is `f32` or `f64`"
        scope.report(BadSetting(span=expr.span, why=why, example="precision f64"))
    return "f64"


def conditions(settings: Settings, readings: Readings, scope: Scope) -> Conditions:
    """`stop` as it stands; `keep max(acc)` as the condition that the newest entry is the largest one."""
    stop, keep = settings.said.get("stop"), settings.said.get("keep")
    return Conditions(
        stop=_condition(readings, scope, stop.value) if stop else None,
        keep=_keep(readings, scope, keep.value) if keep else None,
    )


def _condition(readings: Readings, scope: Scope, expr: ast.Expr) -> Reading | None:
    read = readings.read(expr)
    if read is None or (read.truth and not read.shape):
        return read.reading if read else None
    hint = "compare one number with another: `stop acc[last] >= 0.99`"
    scope.report(NotANumber(span=expr.span, found=read.shown, what="a condition", hint=hint))
    return None


def _keep(readings: Readings, scope: Scope, expr: ast.Expr) -> Reading | None:
    match expr:
        case ast.Call(callee=ast.Name(name="max" | "min" as end), arguments=(ast.Argument(value=series),)):
            read = readings.read(series)
            if read is None:
                return None
            if read.shape == (None,):
                return ("==", ("last", read.reading), (end, read.reading))
    return _condition(readings, scope, expr)


def agree(settings: Settings, scope: Scope, item: ast.Run, has_data: bool) -> None:
    """Whether the settings go together; a run whose optimisers say themselves how long takes one step."""
    said = settings.said
    trained = [statement for statement in item.statements if isinstance(statement, ast.Minimize)]
    if "epochs" in said and "steps" in said:
        error = BadSetting(span=said["steps"].span, why="a run says `epochs` or `steps`, not both")
        scope.report(error)
    elif "epochs" in said and not has_data:
        why = "an epoch is a pass over data, and this run has none"
        scope.report(BadSetting(span=said["epochs"].span, why=why, example="steps 500"))
    elif trained and not {"epochs", "steps"} & said.keys():
        if all(says_how_long(statement) for statement in trained):
            settings.steps = 1
            return
        why = "this run trains, and does not say how long"
        scope.report(
            BadSetting(span=item.name.span, why=why, example="epochs 30" if has_data else "steps 500")
        )
