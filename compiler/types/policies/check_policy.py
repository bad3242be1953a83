"""Policies: `policy edge { … }` and where they are put on models.

What came before: resolved `policy` items, the instance trees of the models, and the uses that runs made of
policies. What leaves: one resolved `Policy` per policy, values of its statics and model. Invariants: a
policy is checked whether it is used or not; a rule is judged over all models that the policy is put on; where
a model has mistakes of its own nothing is said about what matches nothing.

A policy is put on the model behind its `for`; without one, on the models of the instances that runs have
`under` it; if there are none, on every model of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hqn.compiler.names.resolve import Global, nearest
from hqn.compiler.syntax import ast
from hqn.compiler.types.bodies.check_static import static_value
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC, StaticValue, show_static
from hqn.compiler.types.instances import InstanceNode, InstanceTree
from hqn.compiler.types.policies import lines as policy_lines
from hqn.compiler.types.policies.biases import bias_paths
from hqn.compiler.types.policies.cascade import find_useless, treat
from hqn.compiler.types.policies.errors import (
    NotAModel,
    NotAPolicy,
    OtherModel,
    SelectsNothing,
    WrongPolicyStatics,
)
from hqn.compiler.types.policies.lines import Lines
from hqn.compiler.types.policies.selectors import specificity, targets_of
from hqn.compiler.types.policies.specs import Policy
from hqn.compiler.types.scope import Frame, Scope, Session, StaticBinding
from hqn.compiler.types.typed import Entry

Statics = tuple[tuple[str, StaticValue], ...]


@dataclass(slots=True)
class Uses:
    """Where runs put a policy: values of its statics -> models."""

    models: dict[Statics, list[str]] = field(default_factory=dict)


def profile_of(scope: Scope, profile: ast.Expr) -> Global | None:
    """The policy or execution profile that stands behind `under`; None after a mistake."""
    named = profile
    if isinstance(profile, ast.Subscript | ast.Call):
        named = profile.value if isinstance(profile, ast.Subscript) else profile.callee
    name = named.name if isinstance(named, ast.Name) else named.span.text
    found = scope.lookup_global(name)
    if found is not None and isinstance(found.item, ast.Policy | ast.Profile):
        return found
    kinds = ast.Policy | ast.Profile
    known = [key for key, one in scope.frame.module.scope.items() if isinstance(one.item, kinds)]
    scope.report(NotAPolicy(span=named.span, name=name, nearest=nearest(name, known)))
    return None


def use_policy(scope: Scope, found: Global, profile: ast.Expr, model: str) -> str | None:
    """The name of a policy behind `under`, with the values of its statics; None after a mistake."""
    statics = _given(scope, found, profile, model)
    if statics is None:
        return None
    models = uses_of(scope.session, found).models.setdefault(statics, [])
    if model not in models:
        models.append(model)
    return shown_name(found.name, statics)


def uses_of(session: Session, named: Global) -> Uses:
    uses = session.memo.setdefault(("policy uses", id(named.item)), Uses())
    assert isinstance(uses, Uses)
    return uses


def shown_name(name: str, statics: Statics) -> str:
    """`w[2]`."""
    return f"{name}[{shown_values(statics)}]" if statics else name


def shown_values(statics: Statics) -> str:
    return ", ".join(show_static(value) for _, value in statics)


def _given(scope: Scope, found: Global, profile: ast.Expr, model: str) -> Statics | None:
    """The values of a policy's statics at a use."""
    policy = found.item
    assert isinstance(policy, ast.Policy)
    target = policy.target
    if target is not None and target.name != model:
        error = OtherModel(
            span=profile.span, policy=found.name, wanted=target.name, model=model, declared=target.span
        )
        scope.report(error)
        return None
    names = [static.name.name for static in policy.statics]
    values: dict[str, StaticValue] = {}
    if isinstance(profile, ast.Call):
        why = f"numbers of a policy stand in brackets; `{found.name}` has {_counted(names)}"
        scope.report(WrongPolicyStatics(span=profile.span, why=why))
        return None
    items = profile.items if isinstance(profile, ast.Subscript) else ()
    for position, item in enumerate(items):
        word = item.name.name if item.name else (names[position] if position < len(names) else None)
        if word not in names or word in values:
            why = f"`{policy.name.name}` has {_counted(names)}"
            scope.report(WrongPolicyStatics(span=item.span, why=why))
            return None
        values[word] = static_value(scope, item.value)
    values = {**_defaults(scope, policy), **values}
    missing = [name for name in names if name not in values]
    if missing:
        why = f"`{policy.name.name}` has {_counted(names)}; `{missing[0]}` is not given"
        scope.report(WrongPolicyStatics(span=profile.span, why=why))
        return None
    return tuple((name, values[name]) for name in names)


def _counted(names: Sequence[str]) -> str:
    return f"the numbers {', '.join(f'`{name}`' for name in names)}" if names else "no numbers in brackets"


def _defaults(scope: Scope, policy: ast.Policy) -> dict[str, StaticValue]:
    return {
        one.name.name: static_value(scope, one.default) for one in policy.statics if one.default is not None
    }


# --- checking -------------------------------------------------------------------------------------


def check_policies(session: Session, entries: Iterable[Entry], tree: InstanceTree) -> tuple[Policy, ...]:
    """Every policy of the main file on every model that it is put on."""
    roots = {node.path: node for node in tree.roots}
    known = {entry.name: entry for entry in entries}
    found: list[Policy] = []
    for named in session.resolved.root.own.values():
        if isinstance(named.item, ast.Policy):
            found += _check(session, named, roots, known)
    return tuple(found)


def _check(
    session: Session, named: Global, roots: dict[str, InstanceNode], entries: dict[str, Entry]
) -> list[Policy]:
    policy = named.item
    assert isinstance(policy, ast.Policy)
    models = {key: one for key, one in session.resolved.root.scope.items() if one.kind == "model"}
    frame = _frame(session, named)
    if policy.target is not None and policy.target.name not in models:
        wanted = policy.target.name
        error = NotAModel(span=policy.target.span, name=wanted, nearest=nearest(wanted, models))
        session.sink.report(error)
        return []
    uses = dict(uses_of(session, named).models)
    if not uses:
        scope = Scope(frame)
        free: Statics = tuple((one.name.name, UNKNOWN_STATIC) for one in policy.statics)
        defaults = _defaults(scope, policy)
        statics = tuple((name, defaults.get(name, value)) for name, value in free)
        uses = {statics: [policy.target.name] if policy.target else list(models)}
    found: list[Policy] = []
    for statics, names in uses.items():
        found += _resolve(frame, policy, statics, [(roots.get(name), entries.get(name)) for name in names])
    return [] if frame.failed else found


def asked_policy(
    session: Session, named: Global, profile: ast.Expr, entry: Entry, root: InstanceNode
) -> Policy | None:
    """A policy as somebody asks for it on a model that no run puts under it so; None after a mistake."""
    frame, policy = _frame(session, named), named.item
    assert isinstance(policy, ast.Policy)
    statics = _given(Scope(frame), named, profile, entry.name)
    found = [] if statics is None else _resolve(frame, policy, statics, [(root, entry)])
    return None if frame.failed else next(iter(found), None)


def _frame(session: Session, named: Global) -> Frame:
    return Frame(session, named.module, named.name, "expression", named.item.name.span, concrete=True)


def _scope(frame: Frame, policy: ast.Policy, statics: Statics) -> Scope:
    scope = Scope(frame)
    for static, (name, value) in zip(policy.statics, statics):
        scope.names[name] = StaticBinding(span=static.name.span, value=value)
    return scope


def _resolve(
    frame: Frame,
    policy: ast.Policy,
    statics: Statics,
    models: Sequence[tuple[InstanceNode | None, Entry | None]],
) -> list[Policy]:
    """The tables of the models, with what only they can show to be wrong; a model with mistakes is None."""
    scope = _scope(frame, policy, statics)
    lines = policy_lines.read(scope, policy)
    known = [(root, entry) for root, entry in models if root is not None and entry is not None]
    if frame.failed or len(known) < len(models):
        return []
    name = shown_name(policy.name.name, statics)
    found: list[Policy] = []
    for root, entry in known:
        biases = frozenset(bias_paths(entry.name, entry.evaluation))
        treatments = treat(lines.lines, targets_of(root), biases, scope.report)
        policy_lines.check_calibration(scope, policy, lines, treatments, entry)
        found.append(Policy(name, root.path, treatments, lines.calibrate, lines.lower, policy.name.span))
    _find_unmatched(scope, lines, [root for root, _ in known])
    find_useless(lines.lines, scope.report)
    return found


def _find_unmatched(scope: Scope, lines: Lines, roots: Sequence[InstanceNode]) -> None:
    """Report selectors that select nothing in any of the models."""
    tables = [targets_of(root) for root in roots]
    where = " and ".join(f"`{root.path}`" for root in roots) or "this file"
    for selector in lines.selectors:
        if any(specificity(selector, one, table) is not None for table in tables for one in table):
            continue
        nodes = [node for root in roots for node in root.walk()]
        if selector.kind == "kind":
            names = list(dict.fromkeys(word for node in nodes for word in (node.kind, node.definition)))
        else:
            names = [path for node in nodes for path in (node.path, *(slot.path for slot in node.slots))]
        close = nearest(selector.pattern, names)
        pattern = f"kind {selector.pattern}" if selector.kind == "kind" else selector.pattern
        scope.report(
            SelectsNothing(
                span=selector.span, pattern=pattern, where=where, nearest=close, choices=tuple(names[:6])
            )
        )
