"""Slots of a callee that the caller gives: `net(x) with {lowrank[k].keep = e}`.

What came before: the entries of a `with`, and the function that is called. What leaves: what each slot is
bound to, and the batch that the values have. Invariants: a path is one of the callee's slots, in all turns of
the loops that create it or in one; no turn of a slot is given twice; a value has the slot's type, behind the
axes of turns and of the batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hqn.compiler.diagnostics import Note
from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import promote
from hqn.compiler.types.calls.bind_slots import Bound
from hqn.compiler.types.calls.equations import Match
from hqn.compiler.types.calls.errors import SlotBoundTwice, UnknownSlot
from hqn.compiler.types.errors import BadIndex, BatchShapesDiffer, TypesDiffer
from hqn.compiler.types.model import UNKNOWN, Dim, DType, TensorType, UnknownType
from hqn.compiler.types.scope import Scope, ValueBinding
from hqn.compiler.types.shapes import same_shape, show_shape, show_type

Index = int | ast.Ident
"""A turn, or the name that stands for each of them in the value."""


@dataclass(frozen=True, slots=True)
class Step:
    """One name of a path with the indices behind it."""

    ident: ast.Ident
    indices: tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """What a slot is bound to; `batch` are the axes in front of what the slot has."""

    bound: Bound
    value: typed.Expr
    batch: tuple[Dim, ...]
    span: Span


def elaborate_entries(scope: Scope, entries: tuple[ast.WithEntry, ...]) -> None:
    """In a definition: only what is wrong with the values by themselves."""
    for entry in entries:
        inner = scope.replay()
        for name in _names(entry.path):
            if inner.lookup(name.name) is None:
                inner.names[name.name] = ValueBinding(span=name.span, local=typed.Local(name.name, UNKNOWN))
        elaborate_expr(inner, entry.value)


def _names(path: ast.Expr) -> Iterator[ast.Name]:
    """Names in the indices of a path."""
    for node in ast.walk(path):
        if isinstance(node, ast.Subscript):
            yield from (item.value for item in node.items if isinstance(item.value, ast.Name))


def bound_values(
    scope: Scope, entries: tuple[ast.WithEntry, ...], function: typed.Function, match: Match
) -> tuple[Value, ...] | None:
    """The values of all entries; None after a diagnostic. `match` gets the batch that they have."""
    found: list[Value] = []
    for entry in entries:
        value = _entry(scope, entry, function)
        if value is None or not _is_new(scope, value, found) or not _lift(scope, match, value):
            return None
        found.append(value)
    return tuple(_completed(found))


def _entry(scope: Scope, entry: ast.WithEntry, function: typed.Function) -> Value | None:
    steps = _steps(scope, entry.path)
    target = None if steps is None else _target(scope, steps, function)
    if steps is None or target is None:
        return None
    bound, names = target
    value = _value(scope, entry.value, bound, names)
    if isinstance(value.type, UnknownType):
        return None
    batch = _surplus(scope, value, bound, entry.value)
    return None if batch is None else Value(bound, value, batch, entry.path.span)


# --- paths ----------------------------------------------------------------------------------------


def _steps(scope: Scope, path: ast.Expr) -> list[Step] | None:
    """`block[2].conv.W` as names with indices."""
    indices: tuple[Index, ...] = ()
    if isinstance(path, ast.Subscript):
        found = [_index(scope, item) for item in path.items]
        if None in found:
            return None
        indices, path = tuple(one for one in found if one is not None), path.value
    match path:
        case ast.Name():
            return [Step(ast.Ident(path.name, span=path.span), indices)]
        case ast.Attribute():
            outer = _steps(scope, path.value)
            return None if outer is None else [*outer, Step(path.name, indices)]
    scope.report(BadIndex(span=path.span, why="a path is made of names: `block[2].conv.W`"))
    return None


def _index(scope: Scope, item: ast.Argument) -> Index | None:
    """A turn; a name that means nothing here stands for every turn."""
    value = item.value
    if isinstance(value, ast.Name) and scope.lookup(value.name) is None:
        return ast.Ident(value.name, span=value.span)
    turn = check_static.size(scope, value)
    return turn if isinstance(turn, int) else None


def _target(
    scope: Scope, steps: list[Step], function: typed.Function
) -> tuple[Bound, tuple[ast.Ident | None, ...]] | None:
    """The slot that a path means; per axis of all its turns, the name that stands for the turn."""
    loops: list[int] = []
    turns: list[Index | None] = []
    owner, path = function, tuple[str, ...]()
    for place, step in enumerate(steps):
        step = _of_turn(step, owner)
        slot = next((one for one in owner.slots if one.name == step.ident.name), None)
        child = next((one for one in owner.children if one.name == step.ident.name), None)
        is_last = place == len(steps) - 1
        part = slot if is_last else child
        if part is None:
            _unknown_step(scope, step.ident, owner, is_last)
            return None
        if not _indices_fit(scope, step, part.loops):
            return None
        loops += part.loops
        turns += [*step.indices, *(None for _ in part.loops[len(step.indices) :])]
        if child is not None and not is_last:
            owner = child.function
        path = (*path, step.ident.name)
    assert slot is not None
    fixed = tuple(turn if isinstance(turn, int) else None for turn in turns)
    names = [turn if isinstance(turn, ast.Ident) else None for turn in turns if not isinstance(turn, int)]
    return Bound(path, fixed, tuple(loops), slot.type), tuple(names)


def _of_turn(step: Step, owner: typed.Function) -> Step:
    """`w[1]` as the name that it is where a loop creates another `w` in each turn."""
    for count in range(len(step.indices), 0, -1):
        name = step.ident.name + "".join(f"[{index}]" for index in step.indices[:count])
        if name in _members(owner):
            return Step(ast.Ident(name, span=step.ident.span), step.indices[count:])
    return step


def _members(owner: typed.Function) -> list[str]:
    return [*(one.name for one in owner.slots), *(one.name for one in owner.children)]


def _unknown_step(scope: Scope, ident: ast.Ident, owner: typed.Function, is_last: bool) -> None:
    slots, children = [one.name for one in owner.slots], [one.name for one in owner.children]
    named = ident.name in (children if is_last else slots)
    what = f"no {'weight' if is_last else 'instance'}"
    if named:
        what = "an instance, not a weight," if is_last else "a weight, not an instance,"
    wanted = slots if is_last and (slots or not children) else [*slots, *children]
    if named and is_last:
        below = next(one.function for one in owner.children if one.name == ident.name)
        wanted = [f"{ident.name}.{name}" for name in _members(below)]
    found = None if named else nearest(ident.name, wanted)
    scope.report(
        UnknownSlot(
            span=ident.span,
            name=ident.name,
            what=what,
            owner=owner.definition,
            nearest=found,
            choices=tuple(wanted),
        )
    )


def _indices_fit(scope: Scope, step: Step, loops: tuple[int, ...]) -> bool:
    if len(step.indices) > len(loops):
        count = len(loops)
        why = f"`{step.ident.name}` is created in {count or 'no'} loop{'s' * (count != 1)}"
        scope.report(BadIndex(span=step.ident.span, why=why, hint="an index is a turn of such a loop"))
        return False
    for index, trips in zip(step.indices, loops):
        if isinstance(index, int) and not 0 <= index < trips:
            why = f"`{step.ident.name}` has {trips} turns, and there is no turn {index}"
            scope.report(BadIndex(span=step.ident.span, why=why))
            return False
    return True


# --- values ---------------------------------------------------------------------------------------


def _value(
    scope: Scope, expr: ast.Expr, bound: Bound, names: tuple[ast.Ident | None, ...], at: int = 0
) -> typed.Expr:
    """The value for all turns; where an index has a name, one `map` over its turns."""
    place = next((i for i, name in enumerate(names[at:], at) if name is not None), None)
    if place is None:
        return promote(elaborate_expr(scope, expr, bound.slot), bound.slot)
    ident = names[place]
    assert ident is not None
    trips = bound.type.shape[place]
    assert isinstance(trips, int)
    inner = scope.inner()
    index = scope.frame.fresh_local(ident.name, TensorType(DType.I32, (), trips), ident.span)
    inner.bind(ident, ValueBinding(span=ident.span, local=index, interval=(0, trips - 1)))
    value = _value(inner, expr, bound, names, place + 1)
    if not isinstance(value.type, TensorType):
        return value
    body = typed.Body(tuple(inner.statements), (), value)
    type_ = replace(value.type, shape=(trips, *value.type.shape))
    loop = typed.Loop(
        kind="map", trips=trips, index=index, domains=(), elements=(), carries=(), initial=(), body=body,
        type=type_, span=expr.span,
    )  # fmt: skip
    behind = len(bound.slot.shape) + len(names) - place - 1
    return _behind(loop, len(type_.shape) - 1 - behind)


def _behind(value: typed.Expr, axis: int) -> typed.Expr:
    """The first axis moved to place `axis`: behind those of the batch."""
    found = value.type
    assert isinstance(found, TensorType)
    if axis == 0:
        return value
    axes = (*range(1, axis + 1), 0, *range(axis + 1, len(found.shape)))
    type_ = replace(found, shape=tuple(found.shape[i] for i in axes))
    return typed.Prim("transpose", (value,), (("axes", axes),), type=type_, span=value.span)


def _surplus(scope: Scope, value: typed.Expr, bound: Bound, expr: ast.Expr) -> tuple[Dim, ...] | None:
    """The axes in front of what the slot has; None where the value does not fit, which is reported."""
    found, wanted = value.type, bound.type
    if isinstance(found, TensorType) and found.dtype == wanted.dtype:
        surplus = len(found.shape) - len(wanted.shape)
        if surplus >= 0 and same_shape(found.shape[surplus:], wanted.shape) is True:
            return found.shape[:surplus]
    note = Note(f"`{'.'.join(bound.path)}` is {show_type(wanted)}")
    scope.report(
        TypesDiffer(span=expr.span, found=show_type(found), wanted=show_type(wanted), because=(note,))
    )
    return None


def _lift(scope: Scope, match: Match, value: Value) -> bool:
    """All batches of one call are equal, those of bound values too."""
    if not value.batch:
        return True
    if not match.batch:
        match.batch, match.batch_from = value.batch, value.span
    if same_shape(match.batch, value.batch) is not False:
        return True
    first, second = show_shape(match.batch), show_shape(value.batch)
    ends = (Note(f"lifted over {first} by this", match.batch_from),)
    error = BatchShapesDiffer(span=value.span, callee=match.callee, first=first, second=second, ends=ends)
    scope.report(error)
    return False


# --- several turns of one slot ----------------------------------------------------------------------


def _is_new(scope: Scope, value: Value, before: list[Value]) -> bool:
    """Whether no turn that is given here was given before."""
    for other in before:
        pairs = zip(value.bound.turns, other.bound.turns)
        apart = any(a != b for a, b in pairs if a is not None and b is not None)
        if other.bound.path == value.bound.path and not apart:
            path = ".".join(value.bound.path)
            scope.report(SlotBoundTwice(span=value.span, path=path, first=other.span))
            return False
    return True


def _completed(values: list[Value]) -> Iterator[Value]:
    """Turns of one slot that are all given, one by one, become one value: the slot is then no parameter."""
    groups: dict[tuple[str, ...], list[Value]] = {}
    for value in values:
        groups.setdefault(value.bound.path, []).append(value)
    for group in groups.values():
        whole = _stacked(group)
        yield from group if whole is None else [whole]


def _stacked(group: list[Value]) -> Value | None:
    bound, batch = group[0].bound, group[0].batch
    fixed = [place for place, turn in enumerate(bound.turns) if turn is not None]
    if len(fixed) != 1 or len(group) != bound.loops[fixed[0]] or any(one.batch != batch for one in group):
        return None
    (place,) = fixed
    if any([i for i, turn in enumerate(one.bound.turns) if turn is not None] != fixed for one in group):
        return None
    ordered = sorted(group, key=lambda one: one.bound.turns[place] or 0)
    every = replace(bound, turns=(None,) * len(bound.turns))
    type_ = replace(every.type, shape=(*batch, *every.type.shape))
    options = (("axis", len(batch) + place),)
    args = tuple(one.value for one in ordered)
    return Value(
        every, typed.Prim("stack", args, options, type=type_, span=group[0].span), batch, group[0].span
    )
