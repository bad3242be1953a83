"""Execution profiles: `execute lab(n: i32) { … }` and the models that they are put on.

What came before: resolved `execute` items, the functions and instance trees of the models, and the uses that
runs made of profiles. What leaves: one `Execution` per profile, its arguments and model. Invariants:
a profile is checked whether it is used or not, without uses on every model of the file; a rule is judged over
all models that the profile is put on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from hqn.compiler.names.resolve import Global, nearest
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.check_static import static_value
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC, StaticValue
from hqn.compiler.types.execution import fields
from hqn.compiler.types.execution.errors import WrongExecution
from hqn.compiler.types.execution.methods import check_method
from hqn.compiler.types.execution.specs import AUTO, Execution, Treatment
from hqn.compiler.types.instances import InstanceNode, InstanceTree
from hqn.compiler.types.policies.cascade import Line, best, find_useless, place
from hqn.compiler.types.policies.check_policy import shown_values
from hqn.compiler.types.policies.errors import SelectsNothing
from hqn.compiler.types.policies.selectors import Target, specificity
from hqn.compiler.types.scope import Frame, Scope, Session, StaticBinding

Arguments = tuple[tuple[str, StaticValue], ...]


@dataclass(slots=True)
class Uses:
    """Where runs put a profile: values of its arguments -> models."""

    models: dict[Arguments, list[str]] = field(default_factory=dict)


def use_execution(scope: Scope, named: Global, profile: ast.Expr, model: str) -> str | None:
    """The name of a profile behind `under`, with the values of its arguments; None after a mistake."""
    values = _given(scope, named, profile)
    if values is None:
        return None
    models = _uses_of(scope.session, named).models.setdefault(values, [])
    if model not in models:
        models.append(model)
    return _shown(named.item.name.name, values)


def _given(scope: Scope, named: Global, profile: ast.Expr) -> Arguments | None:
    """The values of a profile's arguments at a use."""
    item = named.item
    assert isinstance(item, ast.Profile)
    names = [param.name.name for param in item.params]
    given = profile.arguments if isinstance(profile, ast.Call) else ()
    if isinstance(profile, ast.Subscript) or len(given) != len(names) or any(one.name for one in given):
        shown = ", ".join(f"`{name}`" for name in names) or "nothing"
        example = f"under {item.name.name}" + (f"({', '.join(['1024'] * len(names))})" if names else "")
        why = f"`{item.name.name}` takes {shown}"
        scope.report(WrongExecution(span=profile.span, why=why, example=example))
        return None
    return tuple((name, static_value(scope, one.value)) for name, one in zip(names, given))


def _uses_of(session: Session, named: Global) -> Uses:
    uses = session.memo.setdefault(("execution uses", id(named.item)), Uses())
    assert isinstance(uses, Uses)
    return uses


def _shown(name: str, values: Arguments) -> str:
    return f"{name}({shown_values(values)})" if values else name


# --- checking -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Circuit:
    """A circuit with qubits of its own, in a model."""

    target: Target
    function: typed.Function


def check_executions(
    session: Session, entries: Iterable[typed.Entry], tree: InstanceTree
) -> tuple[Execution, ...]:
    """Every profile of the main file on every model that it is put on."""
    functions = {entry.name: entry.training for entry in entries}
    circuits = {node.path: tuple(_circuits(node, functions[node.path])) for node in tree.roots}
    found: list[Execution] = []
    for named in session.resolved.root.own.values():
        if isinstance(named.item, ast.Profile) and named.item.kind == "execute":
            found += _check(session, named, circuits)
    return tuple(found)


def _circuits(node: InstanceNode, function: typed.Function) -> Iterator[_Circuit]:
    if function.qubits and not function.qubit_params:
        yield _Circuit(Target(node.path, "circuit", node), function)
    for child, instance in zip(node.children, function.created, strict=True):
        yield from _circuits(child, instance.function)


def asked_execution(
    session: Session, named: Global, profile: ast.Expr, entry: typed.Entry, root: InstanceNode
) -> Execution | None:
    """A profile as somebody asks for it on a model that no run puts under it so; None after a mistake."""
    frame = _frame(session, named)
    values = _given(Scope(frame), named, profile)
    circuits = {entry.name: tuple(_circuits(root, entry.training))}
    found = [] if values is None else _resolve(frame, named, values, [entry.name], circuits)
    return None if frame.failed else next(iter(found), None)


def _check(session: Session, named: Global, circuits: dict[str, tuple[_Circuit, ...]]) -> list[Execution]:
    item = named.item
    assert isinstance(item, ast.Profile)
    frame = _frame(session, named)
    uses = dict(_uses_of(session, named).models)
    if not uses:
        models = [key for key, one in session.resolved.root.scope.items() if one.kind == "model"]
        uses = {tuple((one.name.name, UNKNOWN_STATIC) for one in item.params): models}
    found: list[Execution] = []
    for values, models in uses.items():
        found += _resolve(frame, named, values, models, circuits)
    return [] if frame.failed else found


def _frame(session: Session, named: Global) -> Frame:
    return Frame(session, named.module, named.name, "expression", named.item.name.span, concrete=True)


def _resolve(
    frame: Frame,
    named: Global,
    values: Arguments,
    models: Sequence[str],
    circuits: dict[str, tuple[_Circuit, ...]],
) -> list[Execution]:
    """The profile with one choice of its arguments, on the models that it is put on."""
    item, scope, found = named.item, Scope(frame), list[Execution]()
    assert isinstance(item, ast.Profile)
    for param, (name, value) in zip(item.params, values):
        scope.names[name] = StaticBinding(span=param.name.span, value=value)
    lines, selectors = _read(scope, item)
    if frame.failed or not all(model in circuits for model in models):
        return []
    _find_unmatched(scope, selectors, [one for model in models for one in circuits[model]], models)
    for model in models:
        table = tuple(_treatment(scope, lines, one, circuits[model]) for one in circuits[model])
        if all(value != UNKNOWN_STATIC for _, value in values):
            found.append(Execution(_shown(item.name.name, values), model, table, item.name.span))
    find_useless(lines, scope.report)
    return found


def _read(scope: Scope, item: ast.Profile) -> tuple[list[Line], list[ast.Selector]]:
    """What each clause says, and all selectors."""
    lines: list[Line] = []
    selectors: list[ast.Selector] = []
    for entry in item.entries:
        if entry.selector is not None and entry.selector not in selectors:
            selectors.append(entry.selector)
        found = fields.field(scope, entry)
        if found is not None:
            name, value = found
            chosen = () if entry.selector is None else (entry.selector,)
            text = "default" if entry.selector is None else f"rule {_pattern(entry.selector)}"
            lines.append(Line(text, entry.span, chosen, None, {name: value}))
    return lines, selectors


def _pattern(selector: ast.Selector) -> str:
    return f"kind {selector.pattern}" if selector.kind == "kind" else selector.pattern


def _treatment(scope: Scope, lines: Sequence[Line], circuit: _Circuit, all_: Sequence[_Circuit]) -> Treatment:
    """What the lines say of one circuit, if that can be had."""
    targets, about = [one.target for one in all_], []
    for line in lines:
        found = line.specificity(circuit.target, targets)
        if found is not None:
            line.selected = True
            about.append((found, line))
    gradient = best(about, "gradient", circuit.target, scope.report)
    shots = best(about, "shots", circuit.target, scope.report)
    winners = [line for line in (gradient, shots) if line is not None]
    treatment = Treatment(
        circuit.target.path,
        AUTO if gradient is None else gradient.fields["gradient"],
        None if shots is None else shots.fields["shots"],
        tuple(dict.fromkeys(f"{line.text}, {place(line.span)}" for line in winners)),
    )
    if winners:
        check_method(scope, treatment, circuit.function, winners)
    return treatment


def _find_unmatched(
    scope: Scope, selectors: Sequence[ast.Selector], circuits: Sequence[_Circuit], models: Sequence[str]
) -> None:
    """Report selectors that select no circuit in any of the models."""
    targets = [one.target for one in circuits]
    for selector in selectors:
        if any(specificity(selector, one, targets) is not None for one in targets):
            continue
        owners = [one.owner for one in targets]
        names = [word for one in owners for word in (one.kind, one.definition)]
        known = tuple(dict.fromkeys(names if selector.kind == "kind" else [one.path for one in targets]))
        where = "the circuits of " + (" and ".join(f"`{model}`" for model in models) or "this file")
        scope.report(
            SelectsNothing(
                span=selector.span, pattern=_pattern(selector), where=where,
                nearest=nearest(selector.pattern, known), choices=known[:6],
            )
        )  # fmt: skip
