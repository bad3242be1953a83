"""Static arguments: brackets and what they fill.

What came before: `L[a, k = b]`. What leaves: an `Application` with values by name; defaults are filled in
when it is called. Invariant: a name is given at most once, and never a size that arguments determine.
"""

from __future__ import annotations

from dataclasses import replace

from hqn.compiler.names.resolve import Global, nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.calls.signature import Signature, signature_of, used_in_sizes
from hqn.compiler.types.calls.statics import (
    UNKNOWN_STATIC,
    Application,
    PrimitiveValue,
    StaticValue,
    UnknownStatic,
    is_size,
    show_static,
)
from hqn.compiler.types.errors import BadArgument, WrongArgumentCount, WrongStatic
from hqn.compiler.types.scope import Frame, Scope, StaticBinding


def give_statics(
    scope: Scope, application: Application, items: tuple[ast.Argument, ...], span: Span
) -> StaticValue:
    """The application with the items of a bracket; `UNKNOWN_STATIC` where they are wrong."""
    signature = signature_of(scope.session, application.definition)
    given = dict(application.statics)
    names = [static.name.name for static in signature.definition.statics]
    good = True
    for item in items:
        name = item.name.name if item.name else next((one for one in names if one not in given), None)
        if name is None:
            _too_many(scope, signature, items, span)
            return UNKNOWN_STATIC
        if not _may_give(scope, signature, given, name, item):
            good = False
            continue
        given[name] = _value(scope, signature, name, item.value)
    if not good:
        return UNKNOWN_STATIC
    return replace(application, statics=tuple(sorted(given.items())), span=span)


def _value(scope: Scope, signature: Signature, name: str, expr: ast.Expr) -> StaticValue:
    value = check_static.static_value(scope, expr)
    static = next(static for static in signature.definition.statics if static.name.name == name)
    wants_layer = isinstance(static.type, ast.ArrowTypeExpr)
    in_size = signature.statics[name] in used_in_sizes(signature)
    if isinstance(value, UnknownStatic) or (wants_layer and isinstance(value, Application | PrimitiveValue)):
        return value
    if not wants_layer and (is_size(value) or not in_size):
        return value
    wanted = "a layer" if wants_layer else "a whole number"
    found = f"`{show_static(value)}`"
    scope.report(WrongStatic(span=expr.span, found=found, wanted=wanted, declared=static.name.span))
    return UNKNOWN_STATIC


def _may_give(
    scope: Scope, signature: Signature, given: dict[str, StaticValue], name: str, item: ast.Argument
) -> bool:
    span = item.name.span if item.name else item.span
    if name in given:
        scope.report(BadArgument(span=span, why=f"`{name}` is given twice"))
        return False
    if name in signature.statics:
        return True
    inferred = name if name in signature.sizes else None
    scope.report(
        BadArgument(
            span=span,
            why=f"`{signature.name}` has no static `{name}`",
            declared=signature.definition.name.span,
            nearest=None if inferred else nearest(name, signature.statics),
            inferred=inferred,
        )
    )
    return False


def _too_many(scope: Scope, signature: Signature, items: tuple[ast.Argument, ...], span: Span) -> None:
    scope.report(
        WrongArgumentCount(
            span=span,
            callee=signature.name,
            takes=count_text(len(signature.statics), "static argument"),
            given=f"{len(items)} {'are' if len(items) > 1 else 'is'}",
            declared=signature.definition.name.span,
        )
    )


def count_text(number: int, what: str) -> str:
    return f"{'no' if number == 0 else number} {what}{'' if number == 1 else 's'}"


def fill_defaults(caller: Scope, signature: Signature, given: dict[str, StaticValue]) -> None:
    """Add the defaults of statics that are not given; later ones may use earlier ones."""
    scope = defaults_scope(caller, signature.named, given)
    for static in signature.definition.statics:
        name = static.name.name
        if name in given:
            continue
        if static.default is not None:
            given[name] = check_static.static_value(scope, static.default)
            scope.names[name] = StaticBinding(span=static.name.span, value=given[name])


def defaults_scope(caller: Scope, named: Global, given: dict[str, StaticValue]) -> Scope:
    """Where defaults are evaluated: the callee's module and the statics given so far."""
    frame = Frame(
        session=caller.session,
        module=named.module,
        name=named.name,
        kind="layer",
        span=named.item.name.span,
        concrete=caller.concrete,
        chain=caller.frame.chain,
    )
    scope = Scope(frame)
    for name, value in given.items():
        scope.names[name] = StaticBinding(span=frame.span, value=value)
    return scope
