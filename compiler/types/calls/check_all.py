"""All instances of a definition inside of another instance: `sum(l in all(dense, net)) sum(l.W * l.W)`.

What came before: a sum or product over `all(…)`, or its `count`. What leaves: the terms of every instance,
written out. Invariants: instances come in the order of the tree, the turns of a loop one by one; `l.W` is a
weight or a value of one of them, as `net::path.W` is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.elementwise import elementwise
from hqn.compiler.types.body_errors import YieldChanges
from hqn.compiler.types.calls.check_tap import Asked, Target, no_source, read_inside, target_of
from hqn.compiler.types.calls.errors import UnclearTap
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC, StaticValue
from hqn.compiler.types.calls.tap_paths import NoSource, Path, turn_axes
from hqn.compiler.types.limits import allow_written_turns
from hqn.compiler.types.lookup import unknown_name
from hqn.compiler.types.model import UNKNOWN, TensorType, UnknownType
from hqn.compiler.types.scope import Binding, Scope, ValueBinding
from hqn.compiler.types.shapes import show_type


@dataclass(slots=True, kw_only=True)
class MemberBinding(Binding):
    """One instance of those that a sum runs over."""

    target: Target
    path: Path
    turns: tuple[int, ...]
    """Of the loops that create it, outermost first."""


def is_instances(node: ast.Node) -> bool:
    """Whether this is `all(definition, instance)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.callee, ast.Name) or node.callee.name != "all":
        return False
    return len(node.arguments) == 2


def is_count(arguments: tuple[ast.Argument, ...]) -> bool:
    """Whether what `count` is given is such a range."""
    return len(arguments) == 1 and is_instances(arguments[0].value)


def check_all(scope: Scope, expr: ast.Reduction) -> typed.Expr:
    """The sum or product of the body over all instances; further ranges are inside."""
    binder, *rest = expr.binders
    body = ast.Reduction(expr.op, tuple(rest), expr.body, span=expr.span) if rest else expr.body
    found = _members(scope, binder.domain)
    ident = binder.variable
    assert ident is not None
    if found is None:
        inner = scope.replay()
        inner.names[ident.name] = ValueBinding(span=ident.span, local=typed.Local(ident.name, UNKNOWN))
        elaborate_expr(inner, body)
        return typed.Expr(type=UNKNOWN, span=expr.span)
    if not allow_written_turns(scope, expr.span, len(found)):
        return typed.Expr(type=UNKNOWN, span=expr.span)
    terms: list[typed.Expr] = []
    for target, path, turns in found:
        inner = scope.replay()
        inner.names[ident.name] = MemberBinding(span=ident.span, target=target, path=path, turns=turns)
        terms.append(elaborate_expr(inner, body))
    return _joined(scope, expr, terms)


def _joined(scope: Scope, expr: ast.Reduction, terms: list[typed.Expr]) -> typed.Expr:
    first = terms[0]
    for turn, term in enumerate(terms):
        if isinstance(first.type, UnknownType) or isinstance(term.type, UnknownType):
            return typed.Expr(type=UNKNOWN, span=expr.span)
        if term.type != first.type:
            shown = show_type(term.type), show_type(first.type)
            scope.report(YieldChanges(span=expr.body.span, turn=turn, found=shown[0], first=shown[1]))
            return typed.Expr(type=UNKNOWN, span=expr.span)
    for term in terms[1:]:
        first = elementwise(scope, "add" if expr.op == "sum" else "mul", (first, term), expr.span)
    return first


def count(scope: Scope, domain: ast.Expr) -> StaticValue:
    """How many instances there are."""
    found = _members(scope, domain)
    return UNKNOWN_STATIC if found is None else len(found)


# --- the instances ----------------------------------------------------------------------------------


def _members(scope: Scope, domain: ast.Expr) -> list[tuple[Target, Path, tuple[int, ...]]] | None:
    """Each with its path and turns; None after a diagnostic, and in a definition."""
    assert isinstance(domain, ast.Call)
    kind, instance = (argument.value for argument in domain.arguments)
    if not isinstance(kind, ast.Name) or not isinstance(instance, ast.Name):
        hint = "`all(dense, net)`: every `dense` in the instance `net`, or in the call whose value is `net`"
        scope.report(UnclearTap(span=domain.span, why="`all` takes two names here", hint=hint))
        return None
    named = scope.lookup_global(kind.name)
    if named is None or named.definition is None:
        unknown_name(scope, kind)
        return None
    target = target_of(scope, instance)
    if target is None or not scope.concrete:
        return None
    function = target.call.call.function if target.call else _function(scope, target, instance.span)
    if function is None:
        return None
    found = [(target, path, turns) for path, turns in _below(function, kind.name)]
    if not found:
        choices = tuple(dict.fromkeys(child.definition for child in _everything(function)))
        error = NoSource(kind.name, function, "no definition of an instance", choices)
        no_source(scope, Asked((), (), kind, domain.span), error)
        return None
    return found


def _function(scope: Scope, target: Target, span: Span) -> typed.Function | None:
    """What an instance calls, here or elsewhere in the run."""
    name, frame = target.instance.name, scope.frame
    found = target.instance.function or (frame.structure(name) if frame.structure else None)
    if found is None and not frame.failed:
        why, hint = f"`{name}` is not called before this", f"call it above: `y = {name}(…)`"
        scope.report(UnclearTap(span=span, why=why, hint=hint))
    return found


def _below(function: typed.Function, definition: str) -> Iterator[tuple[Path, tuple[int, ...]]]:
    if function.definition == definition:
        yield (), ()
    for child in function.created:
        for path, turns in _below(child.function, definition):
            for own in product(*map(range, child.loops)):
                yield (child.name, *path), (*own, *turns)


def _everything(function: typed.Function) -> Iterator[typed.Function]:
    for child in function.created:
        yield child.function
        yield from _everything(child.function)


# --- their values -------------------------------------------------------------------------------------


def part_of_member(scope: Scope, expr: ast.Attribute) -> typed.Expr | None:
    """`l.W`, `l.inner.h`; None where this is no part of such an instance."""
    written: list[ast.Ident] = []
    head: ast.Expr = expr
    while isinstance(head, ast.Attribute):
        written.insert(0, head.name)
        head = head.value
    binding = scope.lookup(head.name) if isinstance(head, ast.Name) else None
    if not isinstance(binding, MemberBinding):
        return None
    path = (*binding.path, *(ident.name for ident in written))
    asked = Asked(path, tuple(written), head, expr.span)
    value = read_inside(scope, binding.target, asked)
    if isinstance(value.type, UnknownType) or not binding.turns:
        return value
    return _turn(scope, binding, asked, value)


def _turn(scope: Scope, binding: MemberBinding, asked: Asked, value: typed.Expr) -> typed.Expr:
    """The part of the value that is of this turn of each loop."""
    axes: list[int | None] = [*binding.turns]
    if isinstance(value, typed.Read):
        (call,) = (tap.call for tap in scope.frame.taps if tap.local is value.local)
        try:
            found = turn_axes(call.function, binding.path)
        except NoSource as error:
            no_source(scope, asked, error)
            return typed.Expr(type=UNKNOWN, span=asked.span)
        turns = iter(binding.turns)
        axes = [*(None for _ in call.batch), *(next(turns) if own else None for own in found)]
    return _picked(value, axes, asked.span)


def _picked(value: typed.Expr, turns: list[int | None], span: Span) -> typed.Expr:
    """The value at these places of its leading axes; None keeps an axis."""
    found = value.type
    assert isinstance(found, TensorType)
    shape: tuple[int, ...] = found.shape  # type: ignore[assignment]
    places = [*turns, *(None for _ in shape[len(turns) :])]
    options = (
        ("starts", tuple(place or 0 for place in places)),
        ("stops", tuple(dim if place is None else place + 1 for dim, place in zip(shape, places))),
        ("steps", (1,) * len(shape)),
    )
    cut = tuple(dim if place is None else 1 for dim, place in zip(shape, places))
    piece = typed.Prim("slice", (value,), options, type=replace(found, shape=cut), span=span)
    kept = tuple(dim for dim, place in zip(shape, places) if place is None)
    return typed.Prim("reshape", (piece,), (), type=replace(found, shape=kept), span=span)
