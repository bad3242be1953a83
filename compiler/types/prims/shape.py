"""Primitives that make, move and join axes.

What came before: a call with typed arguments. What leaves: the typed primitive with the shape of its
result. Invariant: a call that does not fit is a diagnostic, and its value unknown.
"""

from __future__ import annotations

from hqn.compiler.syntax import ast
from hqn.compiler.types import errors, sizes, typed
from hqn.compiler.types.bodies import check_static, elementwise
from hqn.compiler.types.bodies.literals import common, promote
from hqn.compiler.types.calls.signature import rest_axes
from hqn.compiler.types.model import Dim, DType, TensorType
from hqn.compiler.types.prims.call import (
    PrimCall,
    Rule,
    axis_option,
    make,
    options,
    refuse_rest,
    shape_of,
    tensor,
    unknown,
)
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.shapes import count, has_rest, same_shape, show_shape, show_type


def bracket_shape(scope: Scope, call: PrimCall) -> tuple[Dim, ...]:
    """The bracket of `zeros[4, n]` as a shape."""
    shape: list[Dim] = []
    for item in call.items:
        if (
            isinstance(item.value, ast.Range)
            and item.value.start is None
            and isinstance(item.value.stop, ast.Name)
        ):
            shape += rest_axes(scope, item.value.stop.name)
        else:
            shape.append(check_static.dimension(scope, item.value))
    return tuple(shape)


def _filled(value: float) -> Rule:
    def rule(scope: Scope, call: PrimCall) -> typed.Expr:
        return make(call, "full", (), TensorType(DType.F32, bracket_shape(scope, call)), ("value", value))

    return rule


def _full(scope: Scope, call: PrimCall) -> typed.Expr:
    """`full[4](v)`: a number over a shape."""
    arg = promote(call.args[0], TensorType(DType.F32))
    shape = (*bracket_shape(scope, call), *shape_of(arg))
    result = TensorType(tensor(arg).dtype, shape)
    if isinstance(arg, typed.Literal):
        return make(call, "full", (), result, ("value", arg.value))
    return make(call, "broadcast", (arg,), result)


def _iota(scope: Scope, call: PrimCall) -> typed.Expr:
    """`iota[n]`: 0, 1, … n - 1."""
    shape = bracket_shape(scope, call)
    if len(shape) != 1:
        scope.report(errors.BadOption(span=call.span, why="`iota` takes one size", example="iota[n]()"))
        return unknown(call)
    return make(call, "iota", (), TensorType(DType.I32, shape, shape[0]))


def _reshape(scope: Scope, call: PrimCall) -> typed.Expr:
    (arg,) = call.args
    shape = bracket_shape(scope, call)
    have, want = count(shape_of(arg)), count(shape)
    result = TensorType(tensor(arg).dtype, shape, tensor(arg).bound, tensor(arg).role)
    if sizes.equal(have, want) is False:
        scope.report(
            errors.ReshapeCount(
                span=call.span,
                found=show_type(arg.type),
                have=sizes.show(have),
                wanted=show_shape(shape),
                want=sizes.show(want),
            )
        )
    return make(call, "reshape", (arg,), result)


def _flatten(scope: Scope, call: PrimCall) -> typed.Expr:
    (arg,) = call.args
    found = tensor(arg)
    if len(found.shape) == 1 and not has_rest(found.shape):
        return arg
    return make(
        call, "reshape", (arg,), TensorType(found.dtype, (count(found.shape),), found.bound, found.role)
    )


def _scalar(scope: Scope, call: PrimCall) -> typed.Expr:
    """A value of one element as a number."""
    (arg,) = call.args
    found = tensor(arg)
    elements = count(found.shape)
    if sizes.equal(elements, 1) is False:
        why = f"`scalar` takes a value of one element, and this is {show_type(found)}"
        scope.report(errors.BadOption(span=arg.span, why=why))
        return unknown(call)
    return make(call, "reshape", (arg,), TensorType(found.dtype, (), found.bound, found.role))


def _transpose(scope: Scope, call: PrimCall) -> typed.Expr:
    """The last two axes exchanged, or `axes` as the new order."""
    (arg,) = call.args
    given = options(scope, call, "axes")
    rank = len(shape_of(arg))
    if given is None:
        return unknown(call)
    if has_rest(shape_of(arg)) and ("axes" in given or rank < 3):
        return refuse_rest(scope, call)
    if "axes" not in given:
        if rank < 2:
            why = f"`transpose` exchanges two axes, and this is {show_type(arg.type)}"
            scope.report(errors.BadOption(span=arg.span, why=why))
            return unknown(call)
        return permute(call, arg, (*range(rank - 2), rank - 1, rank - 2))
    order = check_static.static_value(scope, given["axes"])
    if not isinstance(order, tuple) or sorted(order, key=str) != sorted(range(rank), key=str):
        why = f"`axes` is an order of the axes 0 to {rank - 1}"
        scope.report(
            errors.BadOption(span=given["axes"].span, why=why, example="transpose[axes = (1, 0)](x)")
        )
        return unknown(call)
    return permute(call, arg, order)  # type: ignore[arg-type]


def permute(call: PrimCall, arg: typed.Expr, order: tuple[int, ...]) -> typed.Expr:
    found = tensor(arg)
    shape = tuple(found.shape[axis] for axis in order)
    return make(
        call, "transpose", (arg,), TensorType(found.dtype, shape, found.bound, found.role), ("axes", order)
    )


def _moveaxis(scope: Scope, call: PrimCall) -> typed.Expr:
    """`moveaxis(x, 0, -1)`: one axis moved to another place."""
    arg, *places = call.args
    rank = len(shape_of(arg))
    if has_rest(shape_of(arg)):
        return refuse_rest(scope, call)
    axes: list[int] = []
    for place in places:
        value = place.value if isinstance(place, typed.Literal) else None
        if not isinstance(value, int) or not -rank <= value < rank:
            why = f"this is not one of the {rank} axes"
            scope.report(errors.BadOption(span=place.span, why=why, example="moveaxis(x, 0, -1)"))
            return unknown(call)
        axes.append(value % rank)
    order = [axis for axis in range(rank) if axis != axes[0]]
    order.insert(axes[1], axes[0])
    return permute(call, arg, tuple(order))


def _concat(scope: Scope, call: PrimCall) -> typed.Expr:
    args = common(call.args)
    given = options(scope, call, "axis")
    rank = len(shape_of(args[0]))
    if given is None:
        return unknown(call)
    if any(has_rest(shape_of(arg)) for arg in args) or rank == 0:
        return refuse_rest(scope, call) if rank else _no_axis(scope, call)
    axis = axis_option(scope, given.get("axis"), rank)
    if axis is None:
        return unknown(call)
    total: Dim = 0
    first = shape_of(args[0])
    for arg in args:
        shape = shape_of(arg)
        others = (*shape[:axis], *shape[axis + 1 :]) if len(shape) == rank else None
        if (
            others is None
            or same_shape(others, (*first[:axis], *first[axis + 1 :])) is False
            or _mixed(args[0], arg)
        ):
            return join_error(scope, call, args[0], arg)
        total = sizes.add(total, shape[axis])  # type: ignore[arg-type]
    result = TensorType(tensor(args[0]).dtype, (*first[:axis], total, *first[axis + 1 :]))
    return make(call, "concat", args, result, ("axis", axis))


def _no_axis(scope: Scope, call: PrimCall) -> typed.Expr:
    scope.report(errors.BadOption(span=call.span, why="numbers have no axis to join; `stack` makes one"))
    return unknown(call)


def _mixed(a: typed.Expr, b: typed.Expr) -> bool:
    return tensor(a).dtype != tensor(b).dtype


def join_error(scope: Scope, call: PrimCall, first: typed.Expr, other: typed.Expr) -> typed.Expr:
    ends = (elementwise.origin(scope, first), elementwise.origin(scope, other))
    left, right = show_type(first.type), show_type(other.type)
    hint = "all values have one type, and shapes that are equal but for the axis they are joined on"
    if call.name == "stack":
        hint = "all values have one type and one shape"
    scope.report(
        errors.ShapesDiffer(span=call.span, op=call.name, left=left, right=right, ends=ends, hint=hint)
    )
    return unknown(call)


def stack(scope: Scope, call: PrimCall) -> typed.Expr:
    """Values of one shape along a new axis, the last unless `axis` says otherwise."""
    args = common(call.args)
    given = options(scope, call, "axis")
    first = shape_of(args[0])
    if given is None:
        return unknown(call)
    if has_rest(first) and given:
        return refuse_rest(scope, call)
    axis = axis_option(scope, given.get("axis"), len(first) + 1)
    if axis is None:
        return unknown(call)
    for arg in args[1:]:
        if same_shape(shape_of(arg), first) is False or _mixed(args[0], arg):
            return join_error(scope, call, args[0], arg)
    shape = (*first[:axis], len(args), *first[axis:])
    return make(call, "stack", args, TensorType(tensor(args[0]).dtype, shape), ("axis", axis))


def _pad(scope: Scope, call: PrimCall) -> typed.Expr:
    """`pad[0..1, 0..1](x)`: zeros in front of and behind the last axes."""
    (arg,) = call.args
    shape = shape_of(arg)
    widths: list[tuple[Dim, Dim]] = []
    for item in call.items:
        if not isinstance(item.value, ast.Range) or item.value.start is None or item.value.stop is None:
            why = "each item is `before..behind`"
            scope.report(errors.BadOption(span=item.span, why=why, example="pad[0..1, 0..1](x)"))
            return unknown(call)
        widths.append((check_static.size(scope, item.value.start), check_static.size(scope, item.value.stop)))
    if has_rest(shape) or len(widths) > len(shape):
        return refuse_rest(scope, call)
    return padded(call, arg, [(0, 0)] * (len(shape) - len(widths)) + widths)


def padded(call: PrimCall, arg: typed.Expr, widths: list[tuple[Dim, Dim]]) -> typed.Expr:
    found = tensor(arg)
    shape = tuple(
        sizes.add(sizes.add(dim, low), high)  # type: ignore[arg-type]
        for dim, (low, high) in zip(found.shape, widths)
    )
    low, high = tuple(one for one, _ in widths), tuple(one for _, one in widths)
    return make(call, "pad", (arg,), TensorType(found.dtype, shape), ("low", low), ("high", high))


def _pad_to(scope: Scope, call: PrimCall) -> typed.Expr:
    """`pad_to[n](x)`: zeros behind the last axis up to n."""
    (arg,) = call.args
    shape, wanted = shape_of(arg), bracket_shape(scope, call)
    if len(wanted) != 1 or not shape:
        why = "`pad_to` takes the new size of the last axis"
        scope.report(errors.BadOption(span=call.span, why=why, example="pad_to[16](x)"))
        return unknown(call)
    missing = sizes.sub(wanted[0], shape[-1])  # type: ignore[arg-type]
    if isinstance(missing, int) and missing < 0:
        why = f"this is {show_type(arg.type)} already, longer than {wanted[0]}"
        scope.report(errors.BadOption(span=arg.span, why=why))
        return unknown(call)
    return padded(call, arg, [(0, 0)] * (len(shape) - 1) + [(0, missing)])


_MOST = 1 << 16
SHAPES: dict[str, tuple[Rule, int, int]] = {
    "zeros": (_filled(0.0), 0, 0),
    "ones": (_filled(1.0), 0, 0),
    "full": (_full, 1, 1),
    "iota": (_iota, 0, 0),
    "reshape": (_reshape, 1, 1),
    "flatten": (_flatten, 1, 1),
    "scalar": (_scalar, 1, 1),
    "transpose": (_transpose, 1, 1),
    "moveaxis": (_moveaxis, 3, 3),
    "concat": (_concat, 1, _MOST),
    "stack": (stack, 1, _MOST),
    "pad": (_pad, 1, 1),
    "pad_to": (_pad_to, 1, 1),
}
