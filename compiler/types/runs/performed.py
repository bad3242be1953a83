"""The runs of a file: which of them are performed, in which order.

What came before: resolved `run` items, data blocks, assertions outside of runs. What leaves: one `runs.Run`
for every variant that is performed, predecessors first, then one for each assertion. Invariants: a variant is
checked once, whoever asks for it; runs that wait for each other are reported; none stays unchecked.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hqn.compiler.syntax import ast
from hqn.compiler.types.runs.asserts import TopAssert, top_asserts
from hqn.compiler.types.runs.check_data import check_data
from hqn.compiler.types.runs.check_run import CheckedRun, RunCheck, check_run
from hqn.compiler.types.runs.errors import RunsInCircle, WrongRunStatics
from hqn.compiler.types.runs.functions import RunText, slots_of
from hqn.compiler.types.runs.specs import Data, Run
from hqn.compiler.types.runs.variants import Variant, own_variant, variant_of, whole_run
from hqn.compiler.types.scope import Session
from hqn.compiler.types.typed import Entry, Function


def check_runs(
    session: Session, entries: tuple[Entry, ...], asked: ast.Expr | None = None
) -> tuple[tuple[Run, ...], tuple[Data, ...]]:
    """The runs and data blocks of the main file that have no mistakes.

    Each run stands after those that it starts from. `entries` are the models, for assertions about them.
    `asked` is a variant that is wanted beside those of the file.
    """
    checker = Checker(session)
    blocks: dict[str, Data] = {}
    for name, found in session.resolved.root.scope.items():
        if isinstance(found.item, ast.Data):
            data = check_data(session, found)
            blocks |= {data.data.name: data.data} if data else {}
        elif isinstance(found.item, ast.Run) and name in session.resolved.root.own:
            own = own_variant(session, found)
            if own is not None:
                checker.find(own)
    models = {entry.name: entry.evaluation for entry in entries}
    asserts = [_check_top(checker, top, models) for top in top_asserts(session, models)]
    if asked is not None:
        root = session.resolved.root
        wanted = variant_of(RunText(session, root, "run", asked.span).scope(), asked)
        if wanted is not None:
            checker.find(wanted)
    _find_unperformed(session, checker)
    runs = (*(run.spec for run in checker.done.values()), *(run for run in asserts if run))
    return runs, tuple(blocks.values())


DEEPEST = 50
"""Runs that start from each other, one from the next; a variant may start from another one of its run."""


@dataclass(slots=True)
class Checker:
    """The variants that were asked for so far. `waiting` are those whose predecessors are being checked."""

    session: Session
    done: dict[str, CheckedRun] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    """Every variant -> its run."""
    waiting: list[str] = field(default_factory=list)

    def find(self, variant: Variant) -> CheckedRun | None:
        """A variant, checked once; None where it has mistakes."""
        name = variant.name
        if name in self.waiting or len(self.waiting) > DEEPEST:
            start = self.waiting.index(name) if name in self.waiting else DEEPEST - 3
            circle = " -> ".join((*self.waiting[start:], name))
            self.session.sink.report(RunsInCircle(span=variant.item.name.span, circle=circle))
            return None
        if name not in self.asked:
            self.asked[name] = variant.found.name
            self.waiting.append(name)
            checked = _check(self, variant)
            self.waiting.pop()
            if checked is not None:
                self.done[name] = checked
        return self.done.get(name)


def _find_unperformed(session: Session, checker: Checker) -> None:
    """Report runs of which no variant is asked for: they would stay unchecked."""
    for name, found in session.resolved.root.own.items():
        item = whole_run(session, found) if isinstance(found.item, ast.Run) else None
        if item is None or name in checker.asked.values():
            continue
        open_ = next((one for one in item.statics if one.default is None), None)
        if open_ is not None:
            why = f"`{open_.name.name}` has no default, and no variant of `{name}` is asked for"
            example = f"assert {name}[1].acc[last] >= 0.9"
            session.sink.report(WrongRunStatics(span=open_.span, why=why, example=example))


def _check(checker: Checker, variant: Variant) -> CheckedRun | None:
    session, item = checker.session, variant.item
    text = RunText(session, variant.found.module, variant.name, item.name.span, bind=variant.bind)
    run = RunCheck(session, item, text, text.scope(), checker.find, checker.done)
    return check_run(run)


def _check_top(checker: Checker, top: TopAssert, models: dict[str, Function]) -> Run | None:
    """An assertion outside of runs as a run that only measures."""
    session, item = checker.session, top.item
    text = RunText(session, session.resolved.root, item.name.name, item.name.span)
    for name in top.models:
        text.slots |= dict(slots_of(models[name], f"{name}."))
    run = RunCheck(session, item, text, text.scope(), checker.find, checker.done, top=True, models=top.models)
    checked = check_run(run)
    if checked is None or all(one.value is True for one in checked.spec.asserts):
        return None
    return checked.spec
