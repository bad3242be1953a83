"""Calls of observable definitions: `tfim(q, g)`.

What came before: `observable tfim(q: qubit[n], g: f32) = …` and a call of it. What leaves: the observable on
the caller's wires. Invariant: the definition's body sees its own module, parameters and sizes, and nothing
of the caller.
"""

from __future__ import annotations

from dataclasses import replace

from hqn.compiler.diagnostics import Note
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.brackets import give_statics
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import promote
from hqn.compiler.types.calls.apply import fit, order_arguments
from hqn.compiler.types.calls.equations import Given, Match
from hqn.compiler.types.calls.signature import Parameter, Signature, signature_of
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC, Application, StaticValue
from hqn.compiler.types.circuits.check_observable import check_definition_body, not_observable, unknown
from hqn.compiler.types.circuits.qubits import QubitBinding, is_qubits, operand
from hqn.compiler.types.circuits.wires import Qubits
from hqn.compiler.types.model import QubitType, Type, UnknownType
from hqn.compiler.types.scope import AliasBinding, Frame, Scope, StaticBinding
from hqn.compiler.types.sizes import SizeError

_Places = dict[int, Qubits]
"""The qubits that an argument stands for, by its id."""


def call_observable(scope: Scope, call: ast.Call) -> typed.Expr:
    """The observable that a definition gives for these arguments."""
    application = _application(scope, call)
    if application is None:
        return unknown(call.span)
    signature = signature_of(scope.session, application.definition)
    places: _Places = {}
    args = [_argument(scope, argument.value, signature.name, places) for argument in call.arguments]
    names = [argument.name for argument in call.arguments]
    ordered = order_arguments(scope, signature, args, names, call.span)
    if ordered is None or any(isinstance(arg.type, UnknownType) for arg in ordered):
        return unknown(call.span)
    statics = dict(application.statics)
    given = [Given(arg.type, arg.span, isinstance(arg, typed.Literal)) for arg in ordered]
    match = fit(scope, signature, statics, given, call.span, None)
    if match is None:
        return unknown(call.span)
    if match.batch:
        return not_observable(scope, call.span, "an observable is not lifted over the axes of its arguments")
    inner = _inside(scope, call, signature, statics, match)
    for param, arg in zip(signature.params, ordered, strict=True):
        _bind(inner, param, arg, match, places)
    return _body(scope, inner, signature, call)


def _application(scope: Scope, call: ast.Call) -> Application | None:
    callee = call.callee
    brackets = callee if isinstance(callee, ast.Subscript) else None
    head = brackets.value if brackets else callee
    assert isinstance(head, ast.Name)
    named = scope.lookup_global(head.name)
    assert named is not None
    application = Application(named, span=head.span)
    if brackets is None:
        return application
    given = give_statics(scope, application, brackets.items, brackets.span)
    return given if isinstance(given, Application) else None


def _argument(scope: Scope, expr: ast.Expr, name: str, places: _Places) -> typed.Expr:
    if not is_qubits(scope, expr):
        return elaborate_expr(scope, expr)
    qubits = operand(scope, expr, name)
    if qubits is None:
        return unknown(expr.span)
    arg = typed.Expr(type=QubitType(qubits.count), span=expr.span)
    places[id(arg)] = qubits
    return arg


def _inside(
    scope: Scope, call: ast.Call, signature: Signature, statics: dict[str, StaticValue], match: Match
) -> Scope:
    """The block of the definition's body; what it computes goes into the caller's function."""
    chain: tuple[Note, ...] = scope.frame.chain
    if scope.concrete:
        chain = (Note(f"in `{signature.name}`, used here", call.span), *chain)
    frame = _frame(scope.frame, signature, chain)
    inner = Scope(frame, statements=scope.statements)
    for static in signature.definition.statics:
        value = statics.get(static.name.name, UNKNOWN_STATIC)
        inner.names[static.name.name] = StaticBinding(span=static.name.span, value=value)
    for name, symbol in signature.sizes.items():
        value = match.values.get(symbol, UNKNOWN_STATIC)
        origin = match.why(symbol) if symbol in match.fixed else None
        inner.names[name] = StaticBinding(span=signature.declared[name], value=value, origin=origin)
    return inner


def _frame(frame: Frame, signature: Signature, chain: tuple[Note, ...]) -> Frame:
    return replace(
        frame,
        module=signature.named.module,
        name=signature.name,
        definition=signature.definition,
        chain=chain,
        failed=False,
    )


def _bind(inner: Scope, param: Parameter, arg: typed.Expr, match: Match, places: _Places) -> None:
    ident = param.ident
    if id(arg) in places:
        qubits = replace(places[id(arg)], name=ident.name, declared=ident.span)
        inner.bind(ident, QubitBinding(span=ident.span, qubits=qubits))
        return
    value = promote(arg, _applied(match, param.type))
    inner.bind(ident, AliasBinding(span=ident.span, value=_named(inner, ident, value)))


def _applied(match: Match, type_: Type) -> Type:
    try:
        return match.apply(type_)
    except SizeError:
        return type_


def _named(inner: Scope, ident: ast.Ident, value: typed.Expr) -> typed.Expr:
    """The value under a name, so that no term computes it again."""
    if isinstance(value, typed.Literal | typed.Read | typed.SlotRead):
        return value
    local = inner.frame.fresh_local(ident.name, value.type, ident.span)
    inner.emit(typed.Assign(local=local, value=value, span=ident.span))
    return typed.Read(local=local, type=value.type, span=ident.span)


def _body(scope: Scope, inner: Scope, signature: Signature, call: ast.Call) -> typed.Expr:
    body = signature.definition.body
    assert isinstance(body, ast.Expr)
    value = check_definition_body(inner, signature.name, body)
    scope.frame.failed |= inner.frame.failed
    return unknown(call.span) if isinstance(value.type, UnknownType) else replace(value, span=call.span)
