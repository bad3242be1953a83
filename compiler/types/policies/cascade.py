"""The cascade: which rule decides each field of each tensor.

What came before: the lines of a policy as `Line`s, and the targets of the models that it is put on. What
leaves: a `Treatment` per target; diagnostics. Invariants: field by field the most specific line wins,
default < kind < glob < exact; two lines that are equally specific and say different things are an error; so
is a line that decides nothing anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.policies.errors import DeadRule, GroupsDoNotFit, RoleDoesNotApply, RulesClash
from hqn.compiler.types.policies.selectors import DEFAULT, Specificity, Target, specificity
from hqn.compiler.types.policies.specs import FLOAT, ROLE_WORDS, Spec, Treatment

_SHOWN = ("bits", "per", "symmetric", "scale", "range")


@dataclass(slots=True, eq=False)
class Line:
    """What one statement says about one role (None: all roles, of `keep`). No selectors: the default."""

    text: str
    span: Span
    selectors: tuple[ast.Selector, ...]
    role: str | None
    fields: dict[str, Any]
    selected: bool = False
    """It selects something of its role."""
    roles: set[str] = field(default_factory=set)
    """Roles of what its selectors select."""
    wins: bool = False
    losers: set[Span] = field(default_factory=set)
    """The lines that win over it."""

    def specificity(self, target: Target, targets: Sequence[Target]) -> Specificity | None:
        if not self.selectors:
            return DEFAULT, 0
        found = [specificity(selector, target, targets) for selector in self.selectors]
        return max((one for one in found if one is not None), default=None)


def treat(
    lines: Sequence[Line],
    targets: Sequence[Target],
    biases: Collection[str],
    report: Callable[[Diagnostic], None],
) -> tuple[Treatment, ...]:
    """The table of one model; `biases` are the paths of what is added to sums of products."""
    own = [_treatment(lines, target, targets, report) for target in targets]
    beside: dict[str, dict[str, Spec]] = {}
    for target, one in zip(targets, own):
        beside.setdefault(target.owner.path, {}).setdefault(target.role, one.spec)
    return tuple(
        _followed(one, beside[target.owner.path]) if target.path in biases else one
        for target, one in zip(targets, own)
    )


def _treatment(
    lines: Sequence[Line], target: Target, targets: Sequence[Target], report: Callable[[Diagnostic], None]
) -> Treatment:
    about: list[tuple[Specificity, Line]] = []
    for line in lines:
        found = line.specificity(target, targets)
        if found is not None:
            line.roles.add(target.role)
            if line.role in (None, target.role):
                line.selected = True
                about.append((found, line))
    decided: dict[str, Any] = {}
    winner: Line | None = None
    for name in _SHOWN:
        if name != "bits" and decided.get("bits") is None:
            break
        first = best(about, name, target, report)
        if first is not None:
            decided[name] = first.fields[name]
            winner = first if name == "bits" else winner
    if winner is None:
        return Treatment(target.path, target.role, FLOAT, "no rule")
    spec = _spec(decided)
    if spec.per == "group" and target.row % spec.size:
        report(GroupsDoNotFit(span=winner.span, size=spec.size, path=target.path, length=target.row))
    return Treatment(target.path, target.role, spec, winner.text, place(winner.span))


def best(
    about: Iterable[tuple[Specificity, Line]], name: str, target: Target, report: Callable[[Diagnostic], None]
) -> Line | None:
    """The line that decides a field, if any does."""
    saying = [(found, line) for found, line in about if name in line.fields]
    if not saying:
        return None
    top = max(found for found, _ in saying)
    first = [line for found, line in saying if found == top]
    for found, line in saying:
        if found < top:
            line.losers |= {one.span for one in first}
    for line in first:
        line.wins = True
    for other in first[1:]:
        if other.fields[name] != first[0].fields[name]:
            one, second = _shown(name, first[0], target.role), _shown(name, other, target.role)
            report(
                RulesClash(
                    span=other.span, role=target.role, path=target.path, first=one, second=second,
                    other=first[0].span,
                )
            )  # fmt: skip
            break
    return first[0]


def _shown(name: str, line: Line, role: str) -> str:
    value = line.fields[name]
    match name:
        case "bits":
            return Spec(bits=value).text(role).split(" per")[0]
        case "per" | "range":
            word, number = value
            return f"`{name} {word}({number:g})`" if word in ("group", "percentile") else f"`{name} {word}`"
        case "symmetric":
            return "`sym`" if value else "`asym`"
    return f"`{name} {value}`"


def _spec(decided: dict[str, Any]) -> Spec:
    bits = decided["bits"]
    if bits is None:
        return FLOAT
    per, size = decided.get("per", ("tensor", 0))
    symmetric = decided.get("symmetric", True)
    word, percent = decided.get("range", ("absmax" if symmetric else "minmax", 100.0))
    return Spec(bits, per, size, symmetric, decided.get("scale", "f32"), word, percent)


def _followed(own: Treatment, beside: dict[str, Spec]) -> Treatment:
    """A bias that no line is about is rounded to the grid of the products that it is added to.

    `beside` are the treatments of its instance by role.
    """
    if own.role != "b" or own.rule != "no rule":
        return own
    weights, values = beside.get("w", FLOAT), beside.get("a", FLOAT)
    if weights.bits is None or values.bits is None or not weights.symmetric or weights.per == "group":
        return own
    return Treatment(own.path, own.role, Spec(bits=32), "follows w and a")


def place(span: Span) -> str:
    """`file:line`."""
    return f"{span.source.name}:{span.begin.line}"


def find_useless(lines: Sequence[Line], report: Callable[[Diagnostic], None]) -> None:
    """Report lines that select nothing of their role or that decide nothing, once all models are treated."""
    for line in lines:
        if not line.selected:
            if (line.roles or not line.selectors) and line.role is not None:
                have = tuple(sorted(line.roles))
                meaning = ROLE_WORDS[line.role]
                report(RoleDoesNotApply(span=line.span, role=line.role, meaning=meaning, have=have))
        elif not line.wins and line.selectors:
            report(DeadRule(span=line.span, others=tuple(sorted(line.losers, key=lambda span: span.start))))
