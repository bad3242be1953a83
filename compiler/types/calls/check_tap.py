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
from hqn.compiler.types.instances import as_word
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
    target = target_of(scope, expr.value)
    if not scope.concrete or target is None:
        return typed.Expr(type=UNKNOWN, span=expr.span)
    return read_inside(scope, target, Asked(path, expr.path, expr.value, expr.span))


@dataclass(frozen=True, slots=True)
class Asked:
    """A path below a call, the names of it that are written, what stands in front of them, and all of it."""

    path: Path
    written: tuple[ast.Ident, ...]
    of: ast.Expr
    span: Span


def read_inside(scope: Scope, target: Target, asked: Asked) -> typed.Expr:
    """A weight of an instance, or a value inside of its call."""
    elsewhere: tuple[Span, ...] = ()
    if scope.frame.call_elsewhere and not _calls(scope, target.instance):
        elsewhere = scope.frame.call_elsewhere(target.instance.name)
    found = _slot(scope, target, asked) or _value(scope, target, asked, elsewhere)
    return found or typed.Expr(type=UNKNOWN, span=asked.span)


def _unclear(scope: Scope, span: Span, why: str, hint: str) -> None:
    scope.report(UnclearTap(span=span, why=why, hint=hint))


# --- what stands in front of `::` -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """An instance; `call` is the one that is meant, where a value names it."""

    instance: Instance
    call: Called | None = None


def target_of(scope: Scope, name: ast.Name) -> Target | None:
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


def _slot(scope: Scope, target: Target, asked: Asked) -> typed.Expr | None:
    """A weight or state of the instance, with the axes of all its loops; None where the path is none."""
    instance, path = target.instance, asked.path
    function = instance.function
    if function is None or not has_slot(function, path) or any(b.path == path for b in instance.bound):
        return None
    reader = slot_reader(scope.session, function, path)
    assert reader.result is not None
    calls = (target.call,) if target.call else _calls(scope, instance)
    turns = calls[0].call.turns
    return typed.CallFunction(
        instance.name, reader, (), turns=turns, type=reader.result.type, span=asked.span
    )


def _value(scope: Scope, target: Target, asked: Asked, elsewhere: tuple[Span, ...]) -> typed.Expr | None:
    """A value inside of the call that is meant; None after a diagnostic."""
    instance, path = target.instance, asked.path
    called = target.call or _only(scope, instance, asked, elsewhere)
    if called is None:
        return None
    call = called.call
    try:
        type_ = lifted(tap_type(call.function, path), call.batch)
    except NoSource as error:
        no_source(scope, asked, error)
        return None
    known = next((tap for tap in scope.frame.taps if tap.call is call and tap.path == path), None)
    if known is None:
        local = scope.frame.fresh_local(as_word(instance.name, *path), type_, asked.span)
        known = Tap(call, path, local)
        scope.frame.taps.append(known)
    return typed.Read(known.local, type=type_, span=asked.span)


def _calls(scope: Scope, instance: Instance) -> tuple[Called, ...]:
    return tuple(one for one in scope.frame.calls if one.instance is instance)


def _only(scope: Scope, instance: Instance, asked: Asked, elsewhere: tuple[Span, ...]) -> Called | None:
    """The one call that is in sight; calls with equal arguments are one."""
    name, calls = instance.name, _calls(scope, instance)
    visible = calls if elsewhere else tuple(one for one in calls if _is_visible(scope, one))
    differ = any(one.call != visible[0].call for one in visible)
    hint = BIND.format(name=name, path=".".join(asked.path))
    if len(elsewhere) > 1 or differ:
        spans = elsewhere or tuple(one.call.span for one in visible)
        why = f"`{name}` is called {len(spans)} times"
    elif not visible:
        why, hint, spans = f"`{name}` is not called before this", f"call it above: `y = {name}(…)`", ()
        if calls:
            why = f"`{name}` is called inside of a loop, and this is outside"
            hint, spans = "read it in the turn and `yield` it", tuple(one.call.span for one in calls)
    else:
        return visible[0]
    scope.report(UnclearTap(span=asked.of.span, why=why, hint=hint, calls=spans))
    return None


def _is_visible(scope: Scope, called: Called) -> bool:
    """Whether the call is evaluated in this block or one around it."""
    block: Scope | None = scope
    while block is not None:
        if block.statements is called.block:
            return True
        block = block.parent
    return False


def no_source(scope: Scope, asked: Asked, error: NoSource) -> None:
    """Report the name of a path that leads to nothing."""
    span = next((ident.span for ident in asked.written if ident.name == error.name), asked.of.span)
    found = nearest(error.name, error.choices)
    scope.report(
        UnknownTap(
            span=span,
            name=error.name,
            what=error.what,
            owner=error.owner.definition,
            nearest=found,
            choices=error.choices,
        )
    )
