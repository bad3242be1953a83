"""Values read inside of calls: `net::blk.p`, and weights: `net::head.W`.

What came before: a tap in a body or an expression of a run. What leaves: in an instance the value, with the
batch of its call; in a definition nothing is known of it yet. Invariants: what stands before `::` is an
instance with one call in sight, or the value of one call; a weight is read from any call, as all share it.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.calls.errors import UnclearTap, UnknownTap
from hqn.compiler.types.calls.read_slots import has_slot, slot_reader
from hqn.compiler.types.calls.tap_paths import NoSource, Path, lifted, tap_type
from hqn.compiler.types.lookup import unknown_name
from hqn.compiler.types.model import UNKNOWN, Type, UnknownType
from hqn.compiler.types.scope import Called, Instance, InstanceBinding, Scope, Tap, ValueBinding

BIND = "give the value of the call a name, `r = {name}(…)`, and read `r::{path}`"


def check_tap(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    """The value at a path below a call."""
    assert isinstance(expr, ast.Tap)
    path = tuple(ident.name for ident in expr.path)
    if not isinstance(expr.value, ast.Name):
        why = "this is neither an instance nor the name of a call's value"
        _unclear(scope, expr.value.span, why, BIND.format(name="f", path=".".join(path)))
        return typed.Expr(type=UNKNOWN, span=expr.span)
    target = _target(scope, expr.value)
    if not scope.concrete or target is None:
        return typed.Expr(type=UNKNOWN, span=expr.span)
    elsewhere: tuple[Span, ...] = ()
    if scope.frame.call_elsewhere and not _calls(scope, target.instance):
        elsewhere = scope.frame.call_elsewhere(target.instance.name)
    found = _slot(scope, target, path, expr.span) or _value(scope, expr, target, path, elsewhere)
    return found or typed.Expr(type=UNKNOWN, span=expr.span)


def _unclear(scope: Scope, span: Span, why: str, hint: str) -> None:
    scope.report(UnclearTap(span=span, why=why, hint=hint))


# --- what stands in front of `::` -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """An instance; `call` is the one that is meant, where a value names it."""

    instance: Instance
    call: Called | None = None


def _target(scope: Scope, name: ast.Name) -> Target | None:
    """What stands in front of `::`; None after a diagnostic."""
    binding = scope.lookup(name.name)
    if isinstance(binding, ValueBinding):
        called = _call_of(scope, binding.local)
        if called is not None:
            return Target(called.instance, called)
        if scope.concrete and not isinstance(binding.local.type, UnknownType):
            why = f"`{name.name}` is a value, but not that of a call"
            _unclear(scope, name.span, why, "`::` reads inside of a call: `r = f(x)`, then `r::hidden`")
        return None
    instance = binding.instance if isinstance(binding, InstanceBinding) else None
    instance = instance or scope.frame.instances.get(name.name)
    if instance is None:
        _no_instance(scope, name)
    return Target(instance) if instance else None


def _no_instance(scope: Scope, name: ast.Name) -> None:
    if scope.lookup(name.name) is None and scope.lookup_global(name.name) is None:
        unknown_name(scope, name)
        return
    why = f"no instance in this body is called `{name.name}`"
    hint = "`::` reads inside of a call above it, by the name of its instance or of its value"
    _unclear(scope, name.span, why, hint)


def _call_of(scope: Scope, local: typed.Local) -> Called | None:
    """The call whose value a local is."""
    for one in scope.frame.calls:
        for statement in one.block:
            if (
                isinstance(statement, typed.Assign)
                and statement.local is local
                and statement.value is one.call
            ):
                return one
    return None


# --- what is read -----------------------------------------------------------------------------------


def _slot(scope: Scope, target: Target, path: Path, span: Span) -> typed.Expr | None:
    """A weight or state of the instance, with the axes of all its loops; None where the path is none."""
    instance = target.instance
    function = instance.function
    if function is None or not has_slot(function, path) or any(b.path == path for b in instance.bound):
        return None
    reader = slot_reader(scope.session, function, path)
    assert reader.result is not None
    calls = (target.call,) if target.call else _calls(scope, instance)
    turns = calls[0].call.turns
    return typed.CallFunction(instance.name, reader, (), turns=turns, type=reader.result.type, span=span)


def _value(
    scope: Scope, expr: ast.Tap, target: Target, path: Path, elsewhere: tuple[Span, ...]
) -> typed.Expr | None:
    """A value inside of the call that is meant; None after a diagnostic."""
    instance = target.instance
    called = target.call or _only(scope, expr, instance, elsewhere)
    if called is None:
        return None
    call = called.call
    try:
        type_ = lifted(tap_type(call.function, path), call.batch)
    except NoSource as error:
        _no_source(scope, expr, error)
        return None
    known = next((tap for tap in scope.frame.taps if (tap.call, tap.path) == (call, path)), None)
    if known is None:
        local = scope.frame.fresh_local("_".join((instance.name, *path)), type_, expr.span)
        known = Tap(call, path, local)
        scope.frame.taps.append(known)
    return typed.Read(known.local, type=type_, span=expr.span)


def _calls(scope: Scope, instance: Instance) -> tuple[Called, ...]:
    return tuple(one for one in scope.frame.calls if one.instance is instance)


def _only(scope: Scope, expr: ast.Tap, instance: Instance, elsewhere: tuple[Span, ...]) -> Called | None:
    """The one call that is in sight; calls with equal arguments are one."""
    name, calls = instance.name, _calls(scope, instance)
    visible = calls if elsewhere else tuple(one for one in calls if _is_visible(scope, one))
    differ = any(one.call != visible[0].call for one in visible)
    if len(elsewhere) > 1 or differ:
        spans = elsewhere or tuple(one.call.span for one in visible)
        _called_differently(scope, expr, name, spans)
    elif not visible:
        why, hint = f"`{name}` is not called before this", f"call it above: `y = {name}(…)`"
        if calls:
            why = f"`{name}` is called inside of a loop, and this is outside"
            hint = "read it in the turn and `yield` it"
        spans = tuple(one.call.span for one in calls)
        scope.report(UnclearTap(span=expr.value.span, why=why, hint=hint, calls=spans))
    else:
        return visible[0]
    return None


def _called_differently(scope: Scope, expr: ast.Tap, name: str, spans: tuple[Span, ...]) -> None:
    why, path = f"`{name}` is called {len(spans)} times", ".".join(ident.name for ident in expr.path)
    hint = BIND.format(name=name, path=path)
    scope.report(UnclearTap(span=expr.value.span, why=why, hint=hint, calls=spans))


def _is_visible(scope: Scope, called: Called) -> bool:
    """Whether the call is evaluated in this block or one around it."""
    block: Scope | None = scope
    while block is not None:
        if block.statements is called.block:
            return True
        block = block.parent
    return False


def _no_source(scope: Scope, expr: ast.Tap, error: NoSource) -> None:
    ident = next(ident for ident in expr.path if ident.name == error.name)
    found = nearest(error.name, error.choices)
    scope.report(
        UnknownTap(
            span=ident.span,
            name=error.name,
            what=error.what,
            owner=error.owner.definition,
            nearest=found,
            choices=error.choices,
        )
    )
