"""A run: from statements to its specification.

What came before: the statements of one run, all of them. What leaves: a `runs.Run`. Invariants: every mistake
of a run is reported, and a run that has one is not kept; a run that refers to a faulty one is silent about
it; what a run trains, reads and keeps is all in its specification.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.model import UNKNOWN, DType, TensorType
from hqn.compiler.types.runs import settings as run_settings
from hqn.compiler.types.runs.asserts import asserts_of
from hqn.compiler.types.runs.check_data import CheckedData, check_data, type_of
from hqn.compiler.types.runs.check_reading import Readings
from hqn.compiler.types.runs.count_weights import trained_paths
from hqn.compiler.types.runs.errors import (
    BadSetting,
    NotANumber,
    NotData,
    UnknownSplit,
    WrongPattern,
)
from hqn.compiler.types.runs.functions import RunText, run_function, traits_of
from hqn.compiler.types.runs.groups import groups_of
from hqn.compiler.types.runs.lets import CheckedLet, add_let, check_frozen, compare_origins
from hqn.compiler.types.runs.named_instances import with_instances_named
from hqn.compiler.types.runs.records import with_fields_named
from hqn.compiler.types.runs.specs import Array, Assertion, Minimize, Run, Slot, Source, Track
from hqn.compiler.types.runs.variants import Variant
from hqn.compiler.types.scope import Scope, Session
from hqn.compiler.types.shapes import show_type
from hqn.compiler.types.typed import Function


@dataclass(frozen=True, slots=True)
class CheckedRun:
    """A run and what other runs need of it."""

    spec: Run
    lets: dict[str, CheckedLet]
    span: Span


FindRun: TypeAlias = "Callable[[Variant], CheckedRun | None]"
"""A variant, checked; None where it has mistakes."""


@dataclass(slots=True)
class RunCheck:
    """A run while it is checked."""

    session: Session
    item: ast.Run
    text: RunText
    scope: Scope
    """For statics and reports."""
    find_run: FindRun
    done: dict[str, CheckedRun]
    """All runs that are checked so far, by name."""
    lets: dict[str, CheckedLet] = field(default_factory=dict)
    source: Source | None = None
    data: CheckedData | None = None
    has_data: bool = False
    """A `data` line is there, with or without mistakes."""
    settings: run_settings.Settings = field(default_factory=run_settings.Settings)
    minimize: list[Minimize] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    top: bool = False
    """An assertion outside of runs."""
    models: tuple[str, ...] = ()
    """Models whose parameters it counts."""

    @property
    def failed(self) -> bool:
        return self.text.failed or self.scope.frame.failed


def check_run(run: RunCheck) -> CheckedRun | None:
    """Everything about one run; None where it has mistakes, which are reported."""
    run.item = with_instances_named(run)
    item = _name_fields(run)
    _declare(run)
    for statement in item.statements:
        if isinstance(statement, ast.Minimize):
            _minimize(run, statement)
    readings = _readings(run)
    for statement in item.statements:
        if isinstance(statement, ast.Track):
            _track(run, readings, statement)
    conditions = run_settings.conditions(run.settings, readings, run.scope)
    asserts = asserts_of(readings, run.scope, item)
    run_settings.agree(run.settings, run.scope, item, run.has_data)
    if not run.failed:
        compare_origins(run)
        check_frozen(run)
    if run.failed:
        return None
    spec = _spec(run, readings, asserts, conditions)
    return CheckedRun(spec, run.lets, item.name.span)


def _spec(
    run: RunCheck, readings: Readings, asserts: tuple[Assertion, ...], conditions: run_settings.Conditions
) -> Run:
    settings = run.settings
    after = (*run.after, *sorted(readings.used_runs))
    return Run(
        name=run.text.name,
        lets=tuple(let.spec for let in run.lets.values()),
        slots=_slots(run),
        source=run.source,
        minimize=tuple(run.minimize),
        evaluations=tuple(readings.evaluations),
        tracks=tuple(run.tracks),
        asserts=asserts,
        epochs=settings.epochs,
        steps=settings.steps,
        seeds=settings.seeds,
        precision=settings.precision,
        stop=conditions.stop,
        keep=conditions.keep,
        after=tuple(dict.fromkeys(after)),
        top=run.top,
    )


def _slots(run: RunCheck) -> tuple[Slot, ...]:
    """All slots that expressions of the run use, those of frozen parts as frozen weights."""
    frozen = [path for let in run.lets.values() for path in let.frozen]

    def kind(slot: Slot) -> Slot:
        is_frozen = any(slot.path == path or slot.path.startswith(f"{path}.") for path in frozen)
        return replace(slot, kind="frozen weight") if is_frozen and slot.kind == "weight" else slot

    models = tuple(f"{name}." for name in run.models)
    own = (slot for slot in run.text.slots.values() if not slot.path.startswith(models))
    return tuple(kind(slot) for slot in own)


def _name_fields(run: RunCheck) -> ast.Run:
    """The run with a name for each field where its `data` line takes a sample as one record."""
    line = next((one for one in run.item.statements if isinstance(one, ast.DataLine)), None)
    block = line.source.value if line and isinstance(line.source, ast.Attribute) else line and line.source
    found = run.scope.lookup_global(block.name) if isinstance(block, ast.Name) else None
    data = check_data(run.session, found) if found and isinstance(found.item, ast.Data) else None
    if data is not None:
        names = [one.name for one in data.data.fields]
        run.item, mistakes = with_fields_named(run.item, names)
        for mistake in mistakes:
            run.scope.report(mistake)
        run.text.unknown += line.pattern.names if line and mistakes else ()
    return run.item


# --- declarations -----------------------------------------------------------------------------------


def _declare(run: RunCheck) -> None:
    """Everything that expressions may name, before the first expression is checked."""
    run.text.statements = run.item.statements
    for statement in run.item.statements:
        match statement:
            case ast.Let():
                add_let(run, statement)
            case ast.Slot():
                run.text.weights.append(statement)
            case ast.Bind(targets=targets):
                run.text.bindings |= {target.name: statement for target in targets}
            case ast.Draw(name=name):
                run.text.bindings[name.name] = statement
            case ast.DataLine():
                _data(run, statement)
            case ast.Setting():
                run_settings.enter(run.settings, run.scope, statement)


def _data(run: RunCheck, line: ast.DataLine) -> None:
    """The `data` line; after a mistake its names stand for anything, so that the rest can be checked."""
    if run.has_data:
        run.scope.report(BadSetting(span=line.span, why="a run has one `data` line"))
        return
    run.has_data = True
    run.text.sample = tuple((ident, UNKNOWN) for ident in line.pattern.names)
    batch = None if line.whole or line.batch is None else run_settings.whole(run.scope, line.batch, "a batch")
    data, split = _data_block(run, line.source)
    if data is None:
        run.text.failed = True
        return
    run.data = data
    if split not in data.splits:
        name, found, choices = data.data.name, nearest(split, data.splits), tuple(data.splits)
        error = UnknownSplit(span=line.source.span, name=split, data=name, nearest=found, choices=choices)
        run.scope.report(error)
    elif _fits(run, line.pattern, data.data.fields):
        fields = data.data.fields
        run.text.sample = tuple((ident, type_of(one)) for ident, one in zip(line.pattern.names, fields))
        run.source = Source(data.data.name, tuple(one.name for one in fields), batch, split)


def _fits(run: RunCheck, pattern: ast.Pattern, fields: tuple[Array, ...]) -> bool:
    """Whether a pattern names every field of a sample."""
    if len(pattern.names) != len(fields):
        written = ", ".join(name.name for name in pattern.names)
        have = ", ".join(f"{one.name}: {show_type(type_of(one))}" for one in fields)
        run.scope.report(WrongPattern(span=pattern.span, names=f"({written})", fields=f"({have})"))
        return False
    return True


def _data_block(run: RunCheck, expr: ast.Expr) -> tuple[CheckedData | None, str]:
    """The data block of `d8` or `d8.train`, and the split; None after a mistake."""
    split = "train"
    named = expr
    if isinstance(expr, ast.Attribute):
        split, named = expr.name.name, expr.value
    name = named.name if isinstance(named, ast.Name) else named.span.text
    found = run.scope.lookup_global(name)
    if found is not None and isinstance(found.item, ast.Data):
        return check_data(run.session, found), split
    blocks = [key for key, value in run.text.module.scope.items() if isinstance(value.item, ast.Data)]
    run.scope.report(NotData(span=named.span, name=name, nearest=nearest(name, blocks)))
    return None, split


# --- what a run does --------------------------------------------------------------------------------


def _minimize(run: RunCheck, statement: ast.Minimize) -> None:
    function = run_function(run.text, statement.value, "loss", training=True, sampled=run.has_data)
    groups = groups_of(run, statement, function)
    if function is None:
        return
    if not _is_number(function):
        assert function.result is not None
        found = show_type(function.result.type)
        hint = "take its mean: `mean(…)`; only the mean over samples is implicit"
        what = "what is minimised"
        run.scope.report(NotANumber(span=statement.value.span, found=found, what=what, hint=hint))
        return
    run.minimize.append(Minimize(function, groups, traits_of(function)))


def _is_number(function: Function) -> bool:
    type_ = function.result.type if function.result else None
    return isinstance(type_, TensorType) and not type_.shape and type_.dtype in (DType.F32, DType.F64)


def _readings(run: RunCheck) -> Readings:
    splits, name = (run.data.splits, run.data.data.name) if run.data else (None if run.has_data else {}, "")
    seeds = len(run.settings.seeds)
    if run.top:
        seeds = max((1, *(len(run.done[one].spec.seeds) for one in run.after)))
    trained = trained_paths(run.minimize)
    return Readings(run.text, splits, run.find_run, name, seeds=seeds, top=run.top, trained=trained)


def _track(run: RunCheck, readings: Readings, statement: ast.Track) -> None:
    name = statement.name.name
    read = readings.read(statement.value)
    if name in readings.own:
        run.scope.report(BadSetting(span=statement.name.span, why=f"`{name}` is tracked twice"))
        return
    readings.own.add(name)
    every = 1 if statement.every is None else run_settings.whole(run.scope, statement.every, "`every`")
    if read is None:
        return
    if read.shape or read.truth:
        hint = f"{name} = mean({statement.value.span.text})" if read.shape else None
        what = "a tracked value"
        error = NotANumber(
            span=statement.value.span, found=read.shown, what=what, hint=hint and f"write `track {hint}`"
        )
        run.scope.report(error)
        return
    run.tracks.append(Track(name, read.reading, every or 1))
