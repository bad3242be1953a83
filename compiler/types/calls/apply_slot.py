"""Calls through a layer-valued static: `gate(v)` where the brackets say `gate: f32[a] -> f32[b]`.

What came before: a static with a declared signature, and typed arguments. What leaves: the call of the layer,
instance or primitive that was given. Invariant: the arguments fit what was declared, and so does the result,
whatever was given.
"""

from __future__ import annotations

from collections.abc import Callable

from hqn.compiler.names.builtins import ELEMENTWISE
from hqn.compiler.names.resolve import Global
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.claims import Site
from hqn.compiler.types.body_errors import SlotNotMet
from hqn.compiler.types.calls.apply import apply_application, as_given, no_value, order_arguments
from hqn.compiler.types.calls.equations import Match
from hqn.compiler.types.calls.match import check_equations, match_arguments
from hqn.compiler.types.calls.signature import Parameter, Signature, elaborate_type, signature_of
from hqn.compiler.types.calls.statics import Application, PrimitiveValue, StaticValue, show_static
from hqn.compiler.types.model import Dim, DType, TensorType, Type, UnknownType
from hqn.compiler.types.prims import table as prims
from hqn.compiler.types.prims.call import PrimCall
from hqn.compiler.types.scope import Scope, StaticBinding
from hqn.compiler.types.shapes import same_shape, show_type


def apply_slot(
    scope: Scope,
    site: Site,
    binding: StaticBinding,
    args: list[typed.Expr],
    names: list[ast.Ident | None],
    span: Span,
) -> typed.Expr:
    """A call through a slot: the arguments fit what was declared, and the layer gives what was declared."""
    arrow = binding.signature
    assert arrow is not None
    declared = _slot_signature(scope, site.name, arrow)
    ordered = order_arguments(scope, declared, args, [None] * len(args), span)
    if ordered is None:
        return no_value(span)
    given = [as_given(arg) for arg in ordered]
    match = match_arguments(declared, {}, given, scope.report)
    strict = not scope.frame.has_where
    if match is None or not check_equations(match, declared, given, scope.report, strict):
        return no_value(span)
    wanted = match.lift(match.apply(declared.result))
    value = binding.value
    if isinstance(value, PrimitiveValue):
        result = apply_primitive(scope, value, ordered, span, wanted, match)
    elif isinstance(value, Application):
        result = apply_application(scope, site, value, ordered, names, span, wanted, through_slot=True)
    else:
        return typed.Expr(type=wanted, span=span)
    return result if _slot_is_met(scope, site, binding, match, declared, result) else no_value(span)


def _slot_signature(scope: Scope, name: str, arrow: ast.ArrowTypeExpr) -> Signature:
    definition = scope.frame.definition
    assert definition is not None
    signature = Signature(Global(name, definition, scope.frame.module), definition, scope)
    named = scope.frame.named
    if named is not None:
        own = signature_of(scope.session, named)
        signature.sizes = {size: own.sizes[size] for size in own.in_slots_only}
    signature.params = tuple(
        Parameter(ast.Ident(f"argument {i + 1}", span=one.span), elaborate_type(scope, one), one)
        for i, one in enumerate(arrow.params)
    )
    signature.result = elaborate_type(scope, arrow.result)
    return signature


def _slot_is_met(
    scope: Scope, site: Site, binding: StaticBinding, match: Match, declared: Signature, result: typed.Expr
) -> bool:
    wanted = match.lift(match.apply(declared.result))
    if not isinstance(result.type, TensorType) or not isinstance(wanted, TensorType):
        return True
    if same_shape(result.type.shape, wanted.shape) is not False and result.type.dtype == wanted.dtype:
        return True
    value = binding.value
    assert isinstance(value, Application | PrimitiveValue)
    scope.report(
        SlotNotMet(
            span=site.span,
            slot=site.name,
            layer=show_static(value),
            found=show_type(result.type),
            wanted=show_type(wanted),
            declared=binding.span,
            given=value.span,
        )
    )
    return False


# --- primitives ------------------------------------------------------------------------------------


def apply_primitive(
    scope: Scope,
    value: PrimitiveValue,
    args: list[typed.Expr],
    span: Span,
    expected: Type | None = None,
    match: Match | None = None,
) -> typed.Expr:
    """A primitive in place of a layer; `match` says which axes are the batch of a declared slot."""
    items = [_item(name, static, span) for name, static in value.items]
    if None in items or any(isinstance(arg.type, UnknownType) for arg in args):
        return no_value(span)
    brackets = tuple(item for item in items if item is not None)

    def call(given: list[typed.Expr]) -> typed.Expr:
        return prims.primitive(scope, PrimCall(value.name, brackets, tuple(given), span, expected))

    if match is None or value.name in ELEMENTWISE:
        return call(args)
    return _mapped(scope, args, match.lifted, match.batch, call, span)


def _item(name: str | None, value: StaticValue, span: Span) -> ast.Argument | None:
    """An item of the bracket, as if it were written where the primitive is called; None where it is open."""
    ident = ast.Ident(name, span=span) if name else None
    written = _written(value, span)
    return None if written is None else ast.Argument(ident, written, span=span)


def _written(value: StaticValue, span: Span) -> ast.Expr | None:
    match value:
        case bool():
            return ast.Bool(value, span=span)
        case int() if value < 0:
            return ast.Unary("-", ast.Int(-value, span=span), span=span)
        case int():
            return ast.Int(value, span=span)
        case float():
            return ast.Float(repr(value), span=span)
        case tuple():
            items = [_written(item, span) for item in value]
            found = tuple(item for item in items if item is not None)
            return ast.Tuple(found, span=span) if len(found) == len(items) else None
    return None


def _mapped(
    scope: Scope,
    args: list[typed.Expr],
    lifted: list[bool],
    batch: tuple[Dim, ...],
    call: Callable[[list[typed.Expr]], typed.Expr],
    span: Span,
) -> typed.Expr:
    """The call for every element of the batch: lifting is nested `map`."""
    if not batch:
        return call(args)
    trips, *rest = batch
    index = scope.frame.fresh_local("turn", TensorType(DType.I32, (), trips), span)
    domains = tuple(arg for arg, up in zip(args, lifted) if up)
    elements = tuple(scope.frame.fresh_local("x", _element(domain.type), span) for domain in domains)
    inside = iter(elements)
    given = [_read(next(inside), span) if up else arg for arg, up in zip(args, lifted)]
    value = _mapped(scope, given, lifted, tuple(rest), call, span)
    if not isinstance(value.type, TensorType):
        return no_value(span)
    found = value.type
    return typed.Loop(
        kind="map",
        trips=trips,  # type: ignore[arg-type]
        index=index,
        domains=domains,
        elements=elements,
        carries=(),
        initial=(),
        body=typed.Body((), (), value),
        type=TensorType(found.dtype, (trips, *found.shape), found.bound, found.role),
        span=span,
    )


def _element(type_: Type) -> Type:
    assert isinstance(type_, TensorType)
    return TensorType(type_.dtype, type_.shape[1:], type_.bound, type_.role)


def _read(local: typed.Local, span: Span) -> typed.Expr:
    return typed.Read(local, type=local.type, span=span)
