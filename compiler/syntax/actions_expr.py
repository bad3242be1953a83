"""Actions for expressions and types."""

from __future__ import annotations

import math
import re
from typing import Any

from hqn.compiler.syntax import ast
from hqn.compiler.syntax.actions import Place, action
from hqn.compiler.syntax.errors import BadType, MixedRecord, NumberTooLarge

LARGEST = 2**63 - 1


@action
def list_(place: Place, *children: Any) -> tuple[Any, ...]:
    return children


@action
def concat(place: Place, *children: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(item for child in children for item in child)


@action
def unwrap(place: Place, child: Any) -> Any:
    return child


@action
def int_(place: Place, text: str) -> ast.Int:
    digits = text.lstrip("0") or "0"
    if len(digits) > 19 or int(digits) > LARGEST:
        place.report(NumberTooLarge(span=place.span, what="integers are smaller than 2^63"))
        return ast.Int(0, span=place.span)
    return ast.Int(int(digits), span=place.span)


@action
def float_(place: Place, text: str) -> ast.Float:
    if math.isinf(float(text)):
        place.report(NumberTooLarge(span=place.span, what="this is beyond every floating-point number"))
        return ast.Float("0.0", span=place.span)
    return ast.Float(text, span=place.span)


@action
def bool_(place: Place, text: str) -> ast.Bool:
    return ast.Bool(text == "true", span=place.span)


@action
def string(place: Place, text: str) -> ast.String:
    return ast.String(re.sub(r"\\(.)", r"\1", text[1:-1]), span=place.span)


@action
def binary(place: Place, left: ast.Expr, op: str, right: ast.Expr) -> ast.Binary:
    return ast.Binary(op, left, right, span=place.span)


@action
def group(place: Place, arguments: tuple[ast.Argument, ...]) -> ast.Expr:
    """`(a)` is `a`, `(a, b)` a tuple, `(x = a)` a record."""
    named = tuple(argument for argument in arguments if argument.name)
    if not named:
        values = tuple(argument.value for argument in arguments)
        return values[0] if len(values) == 1 else ast.Tuple(values, span=place.span)
    if len(named) < len(arguments):
        place.report(MixedRecord(span=place.span))
    return ast.Record(named, span=place.span)


@action
def attribute(place: Place, value: ast.Expr, name: ast.Ident) -> ast.Expr:
    """After `::` dots belong to the tap's path."""
    if isinstance(value, ast.Tap) and place.source.text[value.span.end] == ".":
        return ast.Tap(value.value, (*value.path, name), span=place.span)
    return ast.Attribute(value, name, span=place.span)


@action
def tap(place: Place, value: ast.Expr, name: ast.Ident) -> ast.Tap:
    return ast.Tap(value, (name,), span=place.span)


@action
def item(place: Place, value: ast.Expr) -> ast.Argument:
    return ast.Argument(None, value, span=place.span)


@action
def whole_item(place: Place) -> ast.Argument:
    return item(place, ast.Whole(span=place.span))


@action
def new_axis_item(place: Place) -> ast.Argument:
    return item(place, ast.NewAxis(span=place.span))


@action
def range_from(place: Place, start: ast.Expr, step: ast.Expr | None) -> ast.Range:
    return ast.Range(start, None, step, span=place.span)


@action
def range_to(place: Place, stop: ast.Expr, step: ast.Expr | None) -> ast.Range:
    return ast.Range(None, stop, step, span=place.span)


@action
def range_all(place: Place, step: ast.Expr | None) -> ast.Range:
    return ast.Range(None, None, step, span=place.span)


Take = ast.Expr | None
Carries = tuple[ast.Carry, ...] | None


@action
def loop_over(
    place: Place, kind: Any, binder: ast.Binder, take: Take, carry: Carries, body: ast.Block
) -> ast.Loop:
    return ast.Loop(kind, binder, None, take, carry or (), body, span=place.span)


@action
def loop_stage(
    place: Place, kind: Any, name: ast.Ident, take: Take, carry: Carries, body: ast.Block
) -> ast.Loop:
    return ast.Loop(kind, None, name, take, carry or (), body, span=place.span)


@action
def repeat_over(place: Place, binder: ast.Binder, take: Take, carry: Carries, body: ast.Block) -> ast.Loop:
    return loop_over(place, "repeat", binder, take, carry, body)


@action
def repeat_times(place: Place, domain: ast.Expr, take: Take, carry: Carries, body: ast.Block) -> ast.Loop:
    return loop_over(place, "repeat", ast.Binder(None, domain, span=domain.span), take, carry, body)


Shape = tuple[ast.Expr | ast.Spread, ...] | None


@action
def plain_type(place: Place, dtype: ast.Ident, first: Shape, second: Shape) -> ast.TypeExpr:
    """`f32[n, m]`; only `idx` has a bound in brackets of its own before the shape."""
    if dtype.name != "idx":
        if second is not None:
            what = f"`{dtype.name}` takes one pair of brackets"
            place.report(BadType(span=place.span, what=what, hint=f"write `{dtype.name}[a, b]`"))
        return ast.TensorTypeExpr(dtype, first or (), span=place.span)
    if first is None or len(first) != 1 or isinstance(first[0], ast.Spread):
        hint = "write `idx[10]` for an integer below 10, `idx[10][n]` for n of them"
        place.report(BadType(span=place.span, what="`idx` needs one bound in brackets", hint=hint))
        return ast.TensorTypeExpr(dtype, (), span=place.span)
    return ast.IndexTypeExpr(first[0], second or (), span=place.span)
