"""The statements of a policy: `default`, `rule`, `keep`, `calibrate`, `lower`.

What came before: a `policy` item and the values of its statics. What leaves: `Lines`: what each statement
says about each role, where activations are calibrated, how layers are executed. Invariant: `calibrate` and
`lower` are said at most once; `prepare`, `budget` and other executions are refused where they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.bodies.check_static import static_value
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC
from hqn.compiler.types.model import TensorType
from hqn.compiler.types.policies.cascade import Line
from hqn.compiler.types.policies.errors import CalibrationDiffers, CalibrationMissing, SaidTwice, WrongSpec
from hqn.compiler.types.policies.fields import element_type, tensor_spec
from hqn.compiler.types.policies.specs import Calibrate, Treatment
from hqn.compiler.types.runs.check_data import CheckedData, check_data, type_of
from hqn.compiler.types.runs.errors import NotData, TooFewSamples, UnknownSplit
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.shapes import show_type
from hqn.compiler.types.typed import Entry
from hqn.compiler.types.unsupported import refuse


@dataclass(slots=True)
class Lines:
    """A policy as its statements have it."""

    lines: list[Line] = field(default_factory=list)
    selectors: list[ast.Selector] = field(default_factory=list)
    calibrate: Calibrate | None = None
    data: CheckedData | None = None
    lower: Literal["simulate", "integer"] = "simulate"
    said: dict[str, Span] = field(default_factory=dict)


def read(scope: Scope, policy: ast.Policy) -> Lines:
    """All statements, in order."""
    lines = Lines()
    for statement in policy.statements:
        _READERS[type(statement)](scope, lines, statement)
    return lines


def _default(scope: Scope, lines: Lines, statement: ast.PolicyDefault) -> None:
    _specs(scope, lines, statement.specs, (), "default")


def _rule(scope: Scope, lines: Lines, statement: ast.PolicyRule) -> None:
    selectors = _selectors(scope, lines, statement.selectors)
    _specs(scope, lines, statement.specs, selectors, f"rule {_shown(statement.selectors)}")


def _specs(
    scope: Scope,
    lines: Lines,
    specs: Sequence[ast.TensorSpec],
    selectors: tuple[ast.Selector, ...],
    text: str,
) -> None:
    for spec in specs:
        found = tensor_spec(scope, spec)
        if found is not None:
            role, fields = found
            lines.lines.append(Line(text, spec.span, selectors, role, fields))


def _keep(scope: Scope, lines: Lines, statement: ast.PolicyKeep) -> None:
    selectors = _selectors(scope, lines, statement.selectors)
    fields = {"bits": None} if statement.dtype is None else element_type(scope, statement.dtype, "")
    if fields is not None:
        text = f"keep {_shown(statement.selectors)}"
        lines.lines.append(Line(text, statement.span, selectors, None, fields))


def _shown(selectors: Sequence[ast.Selector]) -> str:
    return " | ".join(f"kind {one.pattern}" if one.kind == "kind" else one.pattern for one in selectors)


def _selectors(scope: Scope, lines: Lines, selectors: tuple[ast.Selector, ...]) -> tuple[ast.Selector, ...]:
    for selector in selectors:
        if "[" in selector.pattern:
            refuse(scope, selector.span, "policy selector")
        else:
            lines.selectors.append(selector)
    return selectors


def _lower(scope: Scope, lines: Lines, statement: ast.PolicyLower) -> None:
    if not _once(scope, lines, "lower", statement.span):
        return
    if statement.mode == "auto":
        refuse(scope, statement.span, "policy line", "`lower auto`")
    elif statement.rescale not in (None, "float"):
        written = f"`rescale {statement.rescale}`; with `scale po2` it is exact as it is"
        refuse(scope, statement.span, "policy line", written)
    else:
        lines.lower = statement.mode


def _prepare(scope: Scope, lines: Lines, statement: ast.PolicyPrepare) -> None:
    refuse(scope, statement.span, "policy line", "`prepare`")


def _budget(scope: Scope, lines: Lines, statement: ast.PolicyBudget) -> None:
    refuse(scope, statement.span, "policy line", "`budget`")


def _once(scope: Scope, lines: Lines, what: str, span: Span) -> bool:
    first = lines.said.setdefault(what, span)
    if first is not span:
        scope.report(SaidTwice(span=span, what=what, first=first))
    return first is span


# --- calibration ----------------------------------------------------------------------------------


def _calibrate(scope: Scope, lines: Lines, statement: ast.PolicyCalibrate) -> None:
    if not _once(scope, lines, "calibrate", statement.span):
        return
    named, split = statement.data, "train"
    if isinstance(named, ast.Attribute):
        split = named.name.name
        named = named.value
    name = named.name if isinstance(named, ast.Name) else named.span.text
    block = scope.lookup_global(name)
    if block is None or not isinstance(block.item, ast.Data):
        blocks = [key for key, one in scope.frame.module.scope.items() if isinstance(one.item, ast.Data)]
        scope.report(NotData(span=named.span, name=name, nearest=nearest(name, blocks)))
        return
    data = check_data(scope.session, block)
    if data is None:
        scope.frame.failed = True  # reported there
    elif split not in data.splits:
        close, choices = nearest(split, data.splits), tuple(data.splits)
        span = statement.data.span
        scope.report(UnknownSplit(span=span, name=split, data=name, nearest=close, choices=choices))
    else:
        lines.data, lines.calibrate = (
            data,
            Calibrate(name, split, _count(scope, statement, data.splits[split])),
        )


def _count(scope: Scope, statement: ast.PolicyCalibrate, most: int) -> int | None:
    if statement.count is None:
        return None
    count = static_value(scope, statement.count)
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        if count != UNKNOWN_STATIC:
            why, example = "a count of samples is a whole number from 1", "calibrate on d8.train[512]"
            scope.report(WrongSpec(span=statement.count.span, why=why, example=example))
        return None
    if count > most:
        scope.report(TooFewSamples(span=statement.count.span, wanted=count, count=most))
    return count


def check_calibration(
    scope: Scope, policy: ast.Policy, lines: Lines, treatments: Sequence[Treatment], entry: Entry
) -> None:
    """That activations have data, and that the data fits the model."""
    if not any(one.role == "a" and one.spec.bits is not None for one in treatments):
        return
    if lines.calibrate is None or lines.data is None:
        if "calibrate" not in lines.said:
            span = next((line.span for line in lines.lines if line.role == "a"), policy.name.span)
            scope.report(CalibrationMissing(span=span))
        return
    wanted = [param.type for param in entry.evaluation.params]
    have = [type_of(one) for one in lines.data.data.fields]
    if [_plain(one) for one in have[: len(wanted)]] != [_plain(one) for one in wanted]:
        scope.report(
            CalibrationDiffers(
                span=lines.said["calibrate"],
                model=entry.name,
                wanted=f"({', '.join(map(show_type, wanted))})",
                data=lines.calibrate.data,
                found=f"({', '.join(map(show_type, have))})",
            )
        )


def _plain(type_: object) -> object:
    return (type_.dtype, type_.shape) if isinstance(type_, TensorType) else type_


_READERS: dict[type[ast.PolicyStatement], Callable[[Scope, Lines, Any], None]] = {
    ast.PolicyDefault: _default,
    ast.PolicyRule: _rule,
    ast.PolicyKeep: _keep,
    ast.PolicyPrepare: _prepare,
    ast.PolicyCalibrate: _calibrate,
    ast.PolicyLower: _lower,
    ast.PolicyBudget: _budget,
}
