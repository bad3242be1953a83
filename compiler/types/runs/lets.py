"""Instances of runs: `let net = digits`, `let net = cnn from float.net`, `let t = teacher.net frozen`.

What came before: `ast.Let`s of a run. What leaves: a `let` that any function of the run can elaborate, with
where its values come from and which of its parts are frozen. Invariant: an instance that starts from another
run's has the same slots as that one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.calls.errors import UnknownSlot
from hqn.compiler.types.execution.check_execution import use_execution
from hqn.compiler.types.execution.errors import WrongExecution
from hqn.compiler.types.policies.check_policy import profile_of, use_policy
from hqn.compiler.types.policies.errors import NotAModel
from hqn.compiler.types.runs.errors import BadReading, OriginDiffers, UnknownInstance
from hqn.compiler.types.runs.specs import Let, Slot, is_at
from hqn.compiler.types.runs.variants import run_name, variant_of

if TYPE_CHECKING:
    from hqn.compiler.types.runs.check_run import CheckedRun, RunCheck


@dataclass(frozen=True, slots=True)
class CheckedLet:
    """An instance of a run; `frozen` are the paths of its frozen parts."""

    spec: Let
    written: ast.Let
    frozen: tuple[str, ...]


def add_let(run: RunCheck, let: ast.Let) -> None:
    """Enter one `let` of a run; after a mistake its name stands for anything."""
    bare, profiles = _without_profiles(let)
    found = None
    written = bare.value if isinstance(bare.value, ast.Attribute) else bare.origin
    if written is not None:
        found = _origin(run, written)
        if found is None:
            run.text.unknown.append(let.name)
            return
    _enter(run, bare, profiles, found)


def _without_profiles(let: ast.Let) -> tuple[ast.Let, list[ast.Expr]]:
    """`digits from float.net` and the `edge` and `lab` that it is `under`."""
    value, inner = _bare(let.value)
    origin, outer = (None, []) if let.origin is None else _bare(let.origin)
    return replace(let, value=value, origin=origin), [*inner, *outer]


def _bare(expr: ast.Expr) -> tuple[ast.Expr, list[ast.Expr]]:
    if not isinstance(expr, ast.Under):
        return expr, []
    value, profiles = _bare(expr.value)
    return value, [*profiles, expr.profile]


def _enter(
    run: RunCheck, let: ast.Let, profiles: list[ast.Expr], found: tuple[CheckedRun, CheckedLet] | None
) -> None:
    """`teacher.net` is that run's instance once more, under its policy; `cnn from float.net` another one with
    its values. `net` under a policy is the instance of this run itself, with the values that it has now;
    a policy takes the place of one that it is under already, an execution profile likewise.
    """
    again = found is not None and isinstance(let.value, ast.Attribute)
    beside = run.lets.get(let.value.name) if isinstance(let.value, ast.Name) and profiles else None
    value = let.value
    if found and again:
        value = found[1].written.value
    elif beside:
        value = beside.written.value
    origin = (found[0].spec.name, found[1].spec.name) if found else None
    name, model = let.name.name, _model(run, value)
    same = found[1] if found and again else beside
    under = _Under(same.spec.policy, same.spec.execution) if same else _Under()
    if not all(under.enter(run, profile, value, model) for profile in profiles):
        run.text.unknown.append(let.name)
        return
    shares = run.text.owner(beside.spec.name) if beside else None
    if shares:
        run.text.shares[name] = shares
    if found and again:
        run.text.counted |= {
            f"{name}{slot.path.removeprefix(found[1].spec.name)}": slot
            for slot in found[0].spec.slots
            if slot.path.startswith(f"{found[1].spec.name}.")
        }
    bare = replace(let, value=value, origin=None, frozen=False, frozen_part=None)
    run.text.lets.append(bare)
    spec = Let(name, model, origin, under.policy, shares=shares, execution=under.execution)
    run.lets[name] = CheckedLet(spec, bare, _frozen(let))
    if origin is not None and origin[0] not in run.after:
        run.after.append(origin[0])


@dataclass(slots=True)
class _Under:
    """What an instance is `under`: of each kind of profile one."""

    policy: str | None = None
    execution: str | None = None
    said: list[str] = field(default_factory=list)

    def enter(self, run: RunCheck, profile: ast.Expr, value: ast.Expr, model: str | None) -> bool:
        """One profile behind `under`, for an instance of `model`; False after a mistake."""
        if model is None:
            names = [key for key, one in run.text.module.scope.items() if one.kind == "model"]
            name = value.span.text
            run.scope.report(NotAModel(span=value.span, name=name, nearest=nearest(name, names)))
            return False
        found = profile_of(run.scope, profile)
        if found is None:
            return False
        kind = "policy" if isinstance(found.item, ast.Policy) else "execution"
        if isinstance(found.item, ast.Profile) and found.item.kind != "execute":
            run.text.failed = True  # refused where it is declared
            return False
        if kind in self.said:
            why = "an instance is under one policy and one execution profile"
            run.scope.report(WrongExecution(span=profile.span, why=why, example="net under edge under lab"))
            return False
        self.said.append(kind)
        if kind == "policy":
            self.policy = use_policy(run.scope, found, profile, model)
            return self.policy is not None
        self.execution = use_execution(run.scope, found, profile, model)
        return self.execution is not None


def _model(run: RunCheck, value: ast.Expr) -> str | None:
    """The name of the model of which this is an instance."""
    found = run.scope.lookup_global(value.name) if isinstance(value, ast.Name) else None
    definition = found.definition if found else None
    return definition.name.name if definition and definition.kind == "model" else None


def _origin(run: RunCheck, expr: ast.Expr) -> tuple[CheckedRun, CheckedLet] | None:
    """`float.net`: another run and an instance in it; None after a mistake, of this or that run."""
    if not isinstance(expr, ast.Attribute) or run_name(expr.value) is None:
        why = "values come from an instance of another run"
        run.scope.report(BadReading(span=expr.span, why=why, example="float.net"))
        return None
    wanted, variant = expr.name.name, variant_of(run.scope, expr.value)
    other = run.find_run(variant) if variant else None
    if variant is None or other is None:
        run.text.failed = True  # reported there
        return None
    if wanted not in other.lets:
        where, choices = f"run `{variant.name}`", tuple(other.lets)
        found = nearest(wanted, choices)
        error = UnknownInstance(span=expr.name.span, name=wanted, where=where, nearest=found, choices=choices)
        run.scope.report(error)
        return None
    return other, other.lets[wanted]


def _frozen(let: ast.Let) -> tuple[str, ...]:
    name = let.name.name
    if not let.frozen:
        return ()
    if let.frozen_part is None:
        return (name,)
    part = let.frozen_part.span.text
    return (part if part == name or part.startswith(f"{name}.") else f"{name}.{part}",)


def check_frozen(run: RunCheck) -> None:
    """Report frozen parts that an instance does not have."""
    for let in run.item.statements:
        if not isinstance(let, ast.Let) or let.frozen_part is None:
            continue
        name, (path,) = let.name.name, _frozen(let)
        slots = [slot for slot in run.text.slots if is_at(slot, name)]
        if slots and not any(is_at(slot, path) for slot in slots):
            known = sorted({slot.removeprefix(f"{name}.").partition(".")[0] for slot in slots})
            part = path.removeprefix(f"{name}.")
            error = UnknownSlot(
                span=let.frozen_part.span,
                name=part,
                what="no part",
                owner=name,
                nearest=nearest(part, known),
                choices=tuple(known),
            )
            run.scope.report(error)


Shapes = dict[str, tuple[int, ...]]


def compare_origins(run: RunCheck) -> None:
    """Report instances whose slots are not those of the instance that they start from."""
    for let in run.lets.values():
        other = run.done.get(let.spec.origin[0]) if let.spec.origin else None
        if other is None or let.spec.origin is None:
            continue
        name = let.spec.origin[1]
        theirs = _below(name, {slot.path: slot for slot in other.spec.slots})
        ours = _below(let.spec.name, run.text.slots)
        if ours and ours != theirs:
            _report_difference(run, let.written, ours, theirs, other.lets[name].written.span)


def _below(name: str, slots: dict[str, Slot]) -> Shapes:
    prefix = f"{name}."
    return {path.removeprefix(prefix): slot.shape for path, slot in slots.items() if path.startswith(prefix)}


def _report_difference(run: RunCheck, let: ast.Let, ours: Shapes, theirs: Shapes, first: Span) -> None:
    path = next(path for path in (*ours, *theirs) if ours.get(path) != theirs.get(path))
    sides = [str([*one[path]]) if path in one else "missing" for one in (ours, theirs)]
    why = f"`{path}` is {sides[0]} here and {sides[1]} there"
    run.scope.report(OriginDiffers(span=let.span, why=why, origin=first))
