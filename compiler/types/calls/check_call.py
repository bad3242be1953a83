"""Calls: of definitions, `let` instances, layer-valued statics, primitives and casts; and pipes.

What came before: a call whose callee is an expression of names and brackets. What leaves: a
`typed.CallFunction` (in an instance), or an expression of the result's type (in a definition). Invariants:
callees are looked up here and nowhere else; a call of a definition creates one instance under one name.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.names.builtins import CASTS, EVOLUTIONS, OBSERVABLES, PRIMITIVES, QUERIES
from hqn.compiler.names.errors import WrongKindOfName
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.brackets import give_statics
from hqn.compiler.types.bodies.claims import Site
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import literal
from hqn.compiler.types.body_errors import LabelOnValue, NotCallable
from hqn.compiler.types.calls.apply import Claimed, apply_application
from hqn.compiler.types.calls.apply_slot import apply_primitive, apply_slot
from hqn.compiler.types.calls.check_all import count, is_count
from hqn.compiler.types.calls.errors import NothingToBind
from hqn.compiler.types.calls.statics import Application, PrimitiveValue, UnknownStatic
from hqn.compiler.types.lookup import called_gate, unknown_name
from hqn.compiler.types.model import UNKNOWN, Type, UnknownType
from hqn.compiler.types.prims import table as prims
from hqn.compiler.types.prims.call import PrimCall
from hqn.compiler.types.scope import (
    AliasBinding,
    InstanceBinding,
    Scope,
    StaticBinding,
    ValueBinding,
)


@dataclass(frozen=True, slots=True)
class CallText:
    """A call as written: `piped` stands in front of the arguments, `label` and `with {…}` behind."""

    callee: ast.Expr
    arguments: tuple[ast.Argument, ...]
    span: Span
    node: ast.Node
    piped: typed.Expr | None = None
    label: ast.Ident | None = None
    entries: tuple[ast.WithEntry, ...] = ()


def unknown(span: Span) -> typed.Expr:
    return typed.Expr(type=UNKNOWN, span=span)


def check_call(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    assert isinstance(expr, ast.Call)
    return call(scope, CallText(expr.callee, expr.arguments, expr.span, expr), expected)


def check_marked(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    """`call as label`, `call with {path = e}`, in any order."""
    inner, label, entries = _marks(expr)
    if isinstance(inner, ast.Call):
        text = CallText(inner.callee, inner.arguments, inner.span, expr, label=label, entries=entries)
        return call(scope, text, expected)
    if label is not None:
        is_block = isinstance(inner, ast.Loop | ast.If)
        found = "a loop or a choice creates nothing by itself" if is_block else "this is no call"
        scope.report(LabelOnValue(span=expr.span, found=found, name=label.name))
    if entries:
        scope.report(NothingToBind(span=inner.span, found="this is no call"))
    return elaborate_expr(scope, inner, expected)


def _marks(expr: ast.Expr) -> tuple[ast.Expr, ast.Ident | None, tuple[ast.WithEntry, ...]]:
    """What stands in front of `as` and `with`, the innermost label, and all entries in order."""
    label: ast.Ident | None = None
    entries: tuple[ast.WithEntry, ...] = ()
    while isinstance(expr, ast.Labelled | ast.With):
        if isinstance(expr, ast.Labelled):
            label = expr.label
        else:
            entries = (*expr.entries, *entries)
        expr = expr.value
    return expr, label, entries


def check_pipe(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    """`value |> stage`. A chain is walked from its front, so that its length needs no stack."""
    stages: list[ast.Pipe] = []
    first = expr
    while isinstance(first, ast.Pipe):
        stages.append(first)
        first = first.value
    value = elaborate_expr(scope, first)
    for pipe in reversed(stages):
        value = apply_stage(scope, value, pipe.stage, expected if pipe is expr else None)
    return value


def apply_stage(scope: Scope, value: typed.Expr, stage: ast.Expr, expected: Type | None = None) -> typed.Expr:
    """One stage of a pipe applied to a value; in the body of a loop several, `repeat 3 { a |> b }`."""
    if isinstance(stage, ast.Pipe):
        return apply_stage(scope, apply_stage(scope, value, stage.value), stage.stage, expected)
    node = stage
    stage, label, entries = _marks(stage)
    if isinstance(stage, ast.Loop):
        from hqn.compiler.types.bodies.check_loop import check_loop

        if entries:
            scope.report(NothingToBind(span=stage.span, found="this is a loop"))
        return check_loop(scope, stage, expected, piped=value)
    if isinstance(stage, ast.Call):
        text = CallText(stage.callee, stage.arguments, stage.span, node, value, label, entries)
    else:
        text = CallText(stage, (), stage.span, node, value, label, entries)
    return call(scope, text, expected)


def call(scope: Scope, text: CallText, expected: Type | None) -> typed.Expr:
    """Find out what is called, and call it."""
    head, items = text.callee, None
    if isinstance(head, ast.Subscript):
        items = head.items
        head = head.value
    if not isinstance(head, ast.Name):
        scope.report(NotCallable(span=text.callee.span, found="this", hint=_brackets(scope, head)))
        return _arguments_only(scope, text)
    binding = scope.lookup(head.name)
    if binding is None:
        return _call_global(scope, text, head, items, expected)
    if isinstance(binding, InstanceBinding):
        return _call_instance(scope, text, binding, items, expected)
    if isinstance(binding, StaticBinding):
        return _call_static(scope, text, head, binding, items, expected)
    if not _is_unknown(binding):
        scope.report(NotCallable(span=head.span, found=f"`{head.name}` is a value and"))
    return _arguments_only(scope, text)


def _brackets(scope: Scope, head: ast.Expr) -> str | None:
    """`dense(3)(x)` is meant to be `dense[3](x)`."""
    if not isinstance(head, ast.Call) or not isinstance(head.callee, ast.Name):
        return None
    named = scope.lookup_global(head.callee.name)
    if named is None or named.definition is None:
        return None
    given = ", ".join(argument.span.text for argument in head.arguments)
    return f"what is known while checking stands in brackets: `{head.callee.name}[{given}](…)`"


def _is_unknown(binding: object) -> bool:
    match binding:
        case ValueBinding():
            return isinstance(binding.local.type, UnknownType)
        case AliasBinding():
            return isinstance(binding.value.type, UnknownType)
    return False


def _call_global(
    scope: Scope,
    text: CallText,
    head: ast.Name,
    items: tuple[ast.Argument, ...] | None,
    expected: Type | None,
) -> typed.Expr:
    named = scope.lookup_global(head.name)
    if named is not None and named.definition is not None:
        scope.session.memo.setdefault(
            ("calls", id(scope.frame.definition), id(named)), (scope.frame, named, head.span)
        )
        if named.definition.kind == "observable":
            return _query(scope, text, expected)
        application = Application(named, span=head.span)
        return _apply(scope, text, head.name, application, items, expected)
    if named is not None:
        kind, defined = f"a {named.kind}", named.item.name.span
        wanted = "something to call"
        scope.report(
            WrongKindOfName(span=head.span, name=head.name, found=kind, wanted=wanted, defined=defined)
        )
    elif head.name == "count" and is_count(text.arguments):
        return literal(count(scope, text.arguments[0].value), text.span)
    elif _is_query(scope, text, head.name):
        return _query(scope, text, expected)
    elif head.name in EVOLUTIONS:
        from hqn.compiler.types.circuits.matrix_gates import gives_no_value

        gives_no_value(scope, text.span, head.name)
    elif head.name in PRIMITIVES or head.name in CASTS:
        return _call_primitive(scope, text, head, items or (), expected)
    elif called_gate(scope, head, [argument.value for argument in text.arguments]):
        return unknown(text.span)
    else:
        unknown_name(scope, head)
    return _arguments_only(scope, text)


def _is_query(scope: Scope, text: CallText, name: str) -> bool:
    """Whether a name asks a circuit; `var` is of an observable, or of the elements of an array."""
    if name != "var":
        return name in QUERIES or name in OBSERVABLES
    from hqn.compiler.types.circuits.check_observable import is_observable

    return any(is_observable(scope, argument.value) for argument in text.arguments)


def _has_no_slots(scope: Scope, text: CallText) -> None:
    if text.entries:
        found = f"`{text.callee.span.text}` has no weights"
        scope.report(NothingToBind(span=text.callee.span, found=found))


def _query(scope: Scope, text: CallText, expected: Type | None) -> typed.Expr:
    from hqn.compiler.types.circuits import check_circuit

    _has_no_slots(scope, text)
    expr = ast.Call(text.callee, text.arguments, span=text.span)
    if text.piped is not None:
        scope.report(NotCallable(span=text.callee.span, found="a query takes qubits, and"))
        return unknown(text.span)
    return check_circuit.elaborate_query(scope, expr)


def _call_primitive(
    scope: Scope, text: CallText, head: ast.Name, items: tuple[ast.Argument, ...], expected: Type | None
) -> typed.Expr:
    if text.label:
        found = f"`{head.name}` has no weights"
        scope.report(LabelOnValue(span=text.label.span, found=found, name=text.label.name))
    _has_no_slots(scope, text)
    if head.name == "grad":
        from hqn.compiler.types.bodies.gradients import check_grad

        return check_grad(scope, text.arguments, text.span)
    args = arguments(scope, text)
    if any(isinstance(arg.type, UnknownType) for arg in args):
        return unknown(text.span)
    return prims.primitive(scope, PrimCall(head.name, items, tuple(args), text.span, expected))


def _call_instance(
    scope: Scope,
    text: CallText,
    binding: InstanceBinding,
    items: tuple[ast.Argument, ...] | None,
    expected: Type | None,
) -> typed.Expr:
    instance = binding.instance
    if items is not None:
        scope.report(
            NotCallable(span=text.callee.span, found=f"`{instance.name}` has its brackets already and")
        )
    if text.label:
        found = f"`{instance.name}` is an instance already"
        scope.report(LabelOnValue(span=text.label.span, found=found, name=text.label.name))
    site = Site(instance.name, text.callee.span, None, text.node, text.entries)
    args, names = arguments(scope, text), argument_names(text)
    return apply_application(
        scope, site, instance.application, args, names, text.span, expected, Claimed(instance, binding.turns)
    )


def _call_static(
    scope: Scope,
    text: CallText,
    head: ast.Name,
    binding: StaticBinding,
    items: tuple[ast.Argument, ...] | None,
    expected: Type | None,
) -> typed.Expr:
    """A layer-valued static: its declared signature is what the body may rely on."""
    value = binding.value
    if isinstance(value, Application) and value.shared and items is not None:
        found = f"`{head.name}` is an instance, has its brackets already and"
        scope.report(NotCallable(span=text.callee.span, found=found))
    elif isinstance(value, Application) and items is not None:
        given = give_statics(scope, value, items, text.callee.span)
        value = given if isinstance(given, Application) else value
    site = Site(head.name, text.callee.span, text.label, text.node, text.entries)
    args, names = arguments(scope, text), argument_names(text)
    if binding.signature is not None:
        return apply_slot(scope, site, binding, args, names, text.span)
    if isinstance(value, Application):
        return apply_application(scope, site, value, args, names, text.span, expected)
    if isinstance(value, PrimitiveValue):
        _has_no_slots(scope, text)
        return apply_primitive(scope, value, args, text.span, expected)
    if scope.concrete and not isinstance(value, UnknownStatic):
        scope.report(NotCallable(span=head.span, found=f"`{head.name}` is a number and"))
    return unknown(text.span)


def _apply(
    scope: Scope,
    text: CallText,
    name: str,
    application: Application,
    items: tuple[ast.Argument, ...] | None,
    expected: Type | None,
) -> typed.Expr:
    if items is not None:
        given = give_statics(scope, application, items, text.callee.span)
        if not isinstance(given, Application):
            return _arguments_only(scope, text)
        application = given
    site = Site(name, text.callee.span, text.label, text.node, text.entries)
    args, names = arguments(scope, text), argument_names(text)
    return apply_application(scope, site, application, args, names, text.span, expected)


def arguments(scope: Scope, text: CallText) -> list[typed.Expr]:
    """The arguments in the order of the text, the piped one first."""
    args = [elaborate_expr(scope, argument.value) for argument in text.arguments]
    return args if text.piped is None else [text.piped, *args]


def argument_names(text: CallText) -> list[ast.Ident | None]:
    names = [argument.name for argument in text.arguments]
    return names if text.piped is None else [None, *names]


def _arguments_only(scope: Scope, text: CallText) -> typed.Expr:
    """After a mistake in the callee: what is wrong in the arguments is still reported."""
    arguments(scope, text)
    return unknown(text.span)
