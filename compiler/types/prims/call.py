"""What the typing rules of primitives share: the call, its options, and making the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import errors, typed
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.model import UNKNOWN, Dim, TensorType, Type
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.shapes import has_rest, show_type
from hqn.compiler.types.unsupported import refuse


@dataclass(frozen=True, slots=True)
class PrimCall:
    """A primitive with its bracket as written and its arguments elaborated."""

    name: str
    items: tuple[ast.Argument, ...]
    args: tuple[typed.Expr, ...]
    span: Span
    expected: Type | None = None


Rule: TypeAlias = Callable[[Scope, PrimCall], typed.Expr]


def unknown(call: PrimCall) -> typed.Expr:
    return typed.Expr(type=UNKNOWN, span=call.span)


def tensor(expr: typed.Expr) -> TensorType:
    assert isinstance(expr.type, TensorType)
    return expr.type


def shape_of(expr: typed.Expr) -> tuple[Dim, ...]:
    return tensor(expr).shape


def make(
    call: PrimCall, fn: str, args: tuple[typed.Expr, ...], type_: TensorType, *options: tuple[str, object]
) -> typed.Prim:
    return typed.Prim(fn, args, options, type=type_, span=call.span)


def options(scope: Scope, call: PrimCall, *names: str) -> dict[str, ast.Expr] | None:
    """Items of the bracket by name; None after a diagnostic."""
    given: dict[str, ast.Expr] = {}
    free = iter(names)
    for item in call.items:
        name = item.name.name if item.name else next((one for one in free if one not in given), None)
        if name is None or name not in names or name in given:
            what = f"`{name}`" if name else "so many items"
            why = f"`{call.name}` takes no {what} in brackets"
            hint = nearest(name, names) if name else None
            example = f"{call.name}[{hint or names[0]} = …](…)" if names else f"{call.name}(…)"
            scope.report(errors.BadOption(span=item.span, why=why, example=example))
            return None
        given[name] = item.value
    return given


def axis_option(scope: Scope, expr: ast.Expr | None, rank: int, default: int = -1) -> int | None:
    """One axis, counted from the front; None after a diagnostic."""
    if expr is None:
        return default % rank if rank else None
    value = check_static.static_value(scope, expr)
    return _axis(scope, value, expr.span, rank)


def axes_option(scope: Scope, expr: ast.Expr | None, rank: int) -> tuple[int, ...] | None:
    """Axes in increasing order; all of them where none are named."""
    if expr is None:
        return tuple(range(rank))
    value = check_static.static_value(scope, expr)
    found = [_axis(scope, one, expr.span, rank) for one in (value if isinstance(value, tuple) else (value,))]
    if None in found:
        return None
    axes = sorted(axis for axis in found if axis is not None)
    if len(set(axes)) != len(axes):
        scope.report(errors.BadOption(span=expr.span, why="one axis is named twice"))
        return None
    return tuple(axes)


def _axis(scope: Scope, value: object, span: Span, rank: int) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and -rank <= value < rank:
        return value % rank
    if isinstance(value, int):
        why = f"there is no axis {value}: the value has {rank} {'axis' if rank == 1 else 'axes'}"
        scope.report(errors.BadOption(span=span, why=why))
    return None


def needs_shape(scope: Scope, call: PrimCall, arg: typed.Expr, rank: int) -> bool:
    """Whether the argument has this many axes; a shape with `..` is left to the instance."""
    shape = shape_of(arg)
    if has_rest(shape):
        return False
    if len(shape) == rank:
        return True
    why = f"`{call.name}` takes a value of {rank} axes, and this is {show_type(arg.type)}"
    scope.report(errors.BadOption(span=arg.span, why=why))
    return False


def refuse_rest(scope: Scope, call: PrimCall) -> typed.Expr:
    """An operation that needs to know all axes: in a definition it is left to the instance."""
    if scope.concrete:
        refuse(scope, call.span, "rest axis")
    return unknown(call)
