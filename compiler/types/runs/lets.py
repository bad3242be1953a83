"""Instances of runs: `let net = digits`, `let net = cnn from float.net`, `let t = teacher.net frozen`.

What came before: `ast.Let`s of a run. What leaves: a `let` that any function of the run can elaborate, with
where its values come from and which of its parts are frozen. Invariant: an instance that starts from another
run's has the same slots as that one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.policies.check_policy import use_policy
from hqn.compiler.types.policies.errors import NotAModel
from hqn.compiler.types.runs.errors import BadReading, OriginDiffers, UnknownInstance
from hqn.compiler.types.runs.specs import Let, Slot
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
    bare, profile = _without_policy(let)
    found = None
    written = bare.value if isinstance(bare.value, ast.Attribute) else bare.origin
    if written is not None:
        found = _origin(run, written)
        if found is None:
            run.text.unknown.append(let.name)
            return
    _enter(run, bare, profile, found)


def _without_policy(let: ast.Let) -> tuple[ast.Let, ast.Expr | None]:
    """`digits from float.net` and the `edge` that it is `under`."""
    if isinstance(let.origin, ast.Under):
        return replace(let, origin=let.origin.value), let.origin.profile
    if isinstance(let.value, ast.Under):
        return replace(let, value=let.value.value), let.value.profile
    return let, None


def _enter(
    run: RunCheck, let: ast.Let, profile: ast.Expr | None, found: tuple[CheckedRun, CheckedLet] | None
) -> None:
    """`teacher.net` is that run's instance once more, under its policy; `cnn from float.net` another one with
    its values. `net` under a policy is the instance of this run itself, with the values that it has now.
    """
    again = found is not None and isinstance(let.value, ast.Attribute)
    beside = run.lets.get(let.value.name) if isinstance(let.value, ast.Name) and profile else None
    value = let.value
    if found and again:
        value = found[1].written.value
    elif beside:
        value = beside.written.value
    origin = (found[0].spec.name, found[1].spec.name) if found else None
    name, model = let.name.name, _model(run, value)
    policy = found[1].spec.policy if found and again else None
    if profile is not None:
        policy = _policy(run, profile, value, model)
        if policy is None:
            run.text.unknown.append(let.name)
            return
    shares = (beside.spec.shares or beside.spec.name) if beside else None
    if found and again:
        run.text.counted |= {
            f"{name}{slot.path.removeprefix(found[1].spec.name)}": slot
            for slot in found[0].spec.slots
            if slot.path.startswith(f"{found[1].spec.name}.")
        }
    bare = replace(let, value=value, origin=None, frozen=False, frozen_part=None)
    run.text.lets.append(bare)
    run.lets[name] = CheckedLet(Let(name, model, origin, policy, shares=shares), bare, _frozen(run, let))
    if origin is not None and origin[0] not in run.after:
        run.after.append(origin[0])


def _policy(run: RunCheck, profile: ast.Expr, value: ast.Expr, model: str | None) -> str | None:
    """The policy behind `under`, for an instance of `model`; None after a mistake."""
    if model is not None:
        return use_policy(run.scope, profile, model)
    names = [key for key, one in run.text.module.scope.items() if one.kind == "model"]
    name = value.span.text
    run.scope.report(NotAModel(span=value.span, name=name, nearest=nearest(name, names)))
    return None


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


def _frozen(run: RunCheck, let: ast.Let) -> tuple[str, ...]:
    name = let.name.name
    if not let.frozen:
        return ()
    if let.frozen_part is None:
        return (name,)
    part = let.frozen_part.span.text
    return (part if part == name or part.startswith(f"{name}.") else f"{name}.{part}",)


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
