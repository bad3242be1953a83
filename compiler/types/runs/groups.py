"""Groups of weights: `over net.body, net.head by adam(1e-2), h by sgd(0.1)`.

What came before: a `minimize` and the function of its expression. What leaves: groups of paths with their
optimisers. Invariants: every path reaches a weight that is trained; no weight is in two groups of one
`minimize`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.runs.degrees import Degree, degree_in
from hqn.compiler.types.runs.errors import BadOptimiser, NothingToTrain, NotSquares, TrainedTwice
from hqn.compiler.types.runs.functions import slots_of
from hqn.compiler.types.runs.optimisers import COMPLETE, FULL_BATCH, optimiser
from hqn.compiler.types.runs.specs import Group, is_at
from hqn.compiler.types.typed import Function

if TYPE_CHECKING:
    from hqn.compiler.types.runs.check_run import RunCheck


def groups_of(run: RunCheck, statement: ast.Minimize, function: Function | None) -> tuple[Group, ...]:
    """The groups of a `minimize`: paths without `by` share the optimiser that follows them."""
    reached: dict[str, str] | None = None
    if function is not None:
        reached = {run.text.owner(path): slot.kind for path, slot in slots_of(function)}
    taken: dict[str, ast.Group] = {}
    groups: list[Group] = []
    paths: list[str] = []
    for group in statement.groups:
        path = path_of(group)
        if reached is not None:
            _reaches(run, group, path, reached, taken)
        paths.append(path)
        if group.optimiser is not None:
            found = optimiser(run.scope, group.optimiser)
            if found is not None:
                groups.append(Group(tuple(paths), found))
            paths = []
    if function is not None:
        _agree(run, statement, function, groups)
    if paths:
        why = "these weights have no optimiser"
        example = f"{paths[-1]} by adam(1e-2)"
        run.scope.report(BadOptimiser(span=statement.groups[-1].span, why=why, example=example))
    return tuple(groups)


def path_of(group: ast.Group) -> str:
    """`net.head` as weights' paths begin."""
    return group.path.span.text.replace(" ", "")


LARGEST_SYSTEM = 4096
"""Weights of `ridge`: it solves one equation for each."""


def _agree(run: RunCheck, statement: ast.Minimize, function: Function, groups: list[Group]) -> None:
    """Whether the optimisers of a `minimize` can do their work."""
    for group in groups:
        name, span = group.optimiser.name, _written(statement, group)
        if name in FULL_BATCH and run.source is not None and run.source.batch is not None:
            why = f"`{name}` compares losses, so it needs all samples in each step"
            run.scope.report(BadOptimiser(span=span, why=why, example="batch all"))
        elif name in COMPLETE and len(groups) > 1:
            why = f"`{name}` is a whole minimisation: it has a `minimize` of its own"
            run.scope.report(BadOptimiser(span=span, why=why))
        elif name == "ridge":
            _solvable(run, statement, function, group)


def _written(statement: ast.Minimize, group: Group) -> Span:
    """The optimiser of a group, as it stands behind its last path."""
    paths = {path_of(one): one.optimiser for one in statement.groups}
    found = paths.get(group.paths[-1])
    return found.span if found else statement.span


def _solvable(run: RunCheck, statement: ast.Minimize, function: Function, group: Group) -> None:
    """Whether the loss is quadratic in the weights, and these are not too many."""
    frozen = [name for let in run.lets.values() for name in let.frozen]
    slots = dict(slots_of(function))

    def is_trained(path: str) -> bool:
        owner = run.text.owner(path)
        is_weight = path not in slots or slots[path].kind == "weight"
        return is_weight and _is_in(owner, group.paths) and not _is_in(owner, frozen)

    count = sum(prod(slot.shape) for path, slot in slots.items() if is_trained(path))
    if count > LARGEST_SYSTEM:
        why = f"`ridge` solves for at most {LARGEST_SYSTEM:,} weights, and these are {count:,}"
        run.scope.report(BadOptimiser(span=_written(statement, group), why=why))
    elif degree_in(function, is_trained) != Degree.SQUARES:
        run.scope.report(NotSquares(span=statement.value.span, paths=", ".join(group.paths)))


def _reaches(
    run: RunCheck, group: ast.Group, path: str, reached: dict[str, str], taken: dict[str, ast.Group]
) -> None:
    """Enter the weights at or below a path; report a path without any, and weights taken before."""
    inside = [slot for slot in reached if is_at(slot, path)]
    frozen = [name for let in run.lets.values() for name in let.frozen]
    weights = [slot for slot in inside if reached[slot] == "weight" and not _is_in(slot, frozen)]
    if not weights:
        why, near = _why(run, path, bool(inside), reached)
        run.scope.report(NothingToTrain(span=group.path.span, why=why, nearest=near))
        return
    twice = next((slot for slot in weights if slot in taken), None)
    if twice is not None:
        run.scope.report(TrainedTwice(span=group.path.span, path=twice, first=taken[twice].path.span))
    taken |= dict.fromkeys(weights, group)


def _why(run: RunCheck, path: str, inside: bool, reached: dict[str, str]) -> tuple[str, str | None]:
    """Why a path reaches no weight, and what may have been meant."""
    if inside:
        return f"everything in `{path}` is frozen", None
    if path in run.lets:
        return f"the minimised expression uses no weight of `{path}`", None
    parents = {prefix for slot in reached for prefix in _prefixes(slot)}
    return f"no weight is at `{path}` or below it", nearest(path, parents)


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]


def _is_in(path: str, prefixes: Sequence[str]) -> bool:
    return any(is_at(path, prefix) for prefix in prefixes)
