"""Indexing of values: `x[i]`, `x[-1]`, `x[a..b]`, `x[.., c]`, `x[:, new]`, `E[tokens]`.

What came before: a subscript whose value is a value. What leaves: `slice`, `gather` and `reshape`.
Invariant: an index that is known while checking is in range; one that is not has a bound, which is checked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies import check_static, elementwise
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import literal
from hqn.compiler.types.calls.statics import Application
from hqn.compiler.types.errors import BadIndex, IndexOutOfRange
from hqn.compiler.types.intervals import interval
from hqn.compiler.types.model import UNKNOWN, Dim, DType, TensorType, Type, UnknownType
from hqn.compiler.types.scope import InstanceBinding, Scope, StaticBinding
from hqn.compiler.types.shapes import has_rest, same_shape, show_dim, show_type
from hqn.compiler.types.sizes import Size, SizeError
from hqn.compiler.types.unsupported import refuse


@dataclass(slots=True)
class Axis:
    """What becomes of one axis: a piece `start, stop, step`, one element (`drop`), or gathered by `at`."""

    size: Dim
    start: Dim = 0
    stop: Dim | None = None
    step: int = 1
    drop: bool = False
    at: typed.Expr | None = None
    new: bool = False


def _unknown(span: Span) -> typed.Expr:
    return typed.Expr(type=UNKNOWN, span=span)


def check_subscript(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    """An index; brackets of a definition are no value by themselves."""
    assert isinstance(expr, ast.Subscript)
    if _is_application(scope, expr.value):
        hint = f"call it with its arguments, if it has any: `{expr.span.text}(…)`"
        scope.report(BadIndex(span=expr.span, why="a layer with its brackets is no value", hint=hint))
        return _unknown(expr.span)
    if _is_filled(scope, expr.value):
        call = ast.Call(expr, (), span=expr.span)
        return elaborate_expr(scope, call, expected)
    value = elaborate_expr(scope, expr.value)
    if isinstance(value.type, UnknownType):
        return _unknown(expr.span)
    if not isinstance(value.type, TensorType):
        scope.report(BadIndex(span=expr.span, why=f"{show_type(value.type)} has no axes"))
        return _unknown(expr.span)
    axes = _read(scope, expr, value)
    return _unknown(expr.span) if axes is None else _build(scope, value, axes, expr.span)


def _is_application(scope: Scope, head: ast.Expr) -> bool:
    if not isinstance(head, ast.Name):
        return False
    binding = scope.lookup(head.name)
    if binding is None:
        found = scope.lookup_global(head.name)
        return found is not None and found.definition is not None
    return isinstance(binding, InstanceBinding) or (
        isinstance(binding, StaticBinding) and isinstance(binding.value, Application)
    )


def _is_filled(scope: Scope, head: ast.Expr) -> bool:
    """`zeros[4]`, `ones[n]`, `iota[n]`: primitives that need no argument are complete with their bracket."""
    if not isinstance(head, ast.Name) or head.name not in ("zeros", "ones", "iota"):
        return False
    return scope.lookup(head.name) is None and scope.lookup_global(head.name) is None


def _read(scope: Scope, expr: ast.Subscript, value: typed.Expr) -> list[Axis] | None:
    """One entry per axis of the value, and one per new axis."""
    assert isinstance(value.type, TensorType)
    shape = list(value.type.shape)
    items = [item.value for item in expr.items]
    used = sum(not isinstance(item, ast.NewAxis) and not _is_rest(item) for item in items)
    if has_rest(value.type.shape):
        return None
    if used > len(shape):
        why = f"{used} indices for {show_type(value.type)}, which has {len(shape)} axes"
        scope.report(BadIndex(span=expr.span, why=why))
        return None
    if sum(map(_is_rest, items)) > 1:
        scope.report(BadIndex(span=expr.span, why="`..` stands once in an index"))
        return None
    if not any(map(_is_rest, items)):
        items.append(ast.Range(None, None, span=expr.span))
    axes: list[Axis] = []
    for item in items:
        if _is_rest(item):
            axes += [Axis(shape.pop(0)) for _ in range(len(shape) - _remaining(items, item))]
        elif isinstance(item, ast.NewAxis):
            axes.append(Axis(1, new=True))
        else:
            axis = _axis(scope, item, shape.pop(0), value)
            if axis is None:
                return None
            axes.append(axis)
    return axes


def _is_rest(item: ast.Expr) -> bool:
    return isinstance(item, ast.Range) and item.start is None and item.stop is None and item.step is None


def _remaining(items: list[ast.Expr], rest: ast.Expr) -> int:
    """Indices behind `..`."""
    behind = items[next(i for i, item in enumerate(items) if item is rest) + 1 :]
    return sum(not isinstance(item, ast.NewAxis) for item in behind)


def _axis(scope: Scope, item: ast.Expr, size: Dim, value: typed.Expr) -> Axis | None:
    if isinstance(item, ast.Whole):
        return Axis(size)
    if isinstance(item, ast.Range):
        return _piece(scope, item, size, value)
    index = elaborate_expr(scope, item)
    if isinstance(index.type, UnknownType):
        return None
    if isinstance(index, typed.Literal) and isinstance(index.value, int | Size):
        return _element(scope, item, index.value, size, value)
    return _gathered(scope, item, index, size, value)


def _element(scope: Scope, item: ast.Expr, at: Dim, size: Dim, value: typed.Expr) -> Axis | None:
    if isinstance(at, int) and at < 0:
        at = sizes.add(size, at)  # type: ignore[arg-type]
    low, high = (at if isinstance(at, int) else 0), sizes.sub(size, at)  # type: ignore[arg-type]
    if low < 0 or (isinstance(high, int) and high < 1):
        return _out_of_range(scope, item, item.span.text, size, value)
    return Axis(size, at, sizes.add(at, 1), drop=True)  # type: ignore[arg-type]


def _out_of_range(scope: Scope, item: ast.Expr, index: str, size: Dim, value: typed.Expr) -> Axis | None:
    ends = (elementwise.origin(scope, value),)
    scope.report(IndexOutOfRange(span=item.span, index=index, size=show_dim(size), ends=ends))
    return None


def _piece(scope: Scope, item: ast.Range, size: Dim, value: typed.Expr) -> Axis | None:
    """`a..b step c`; missing ends are those of the axis, negative ones count from the end."""
    start = _end(scope, item.start, 0, size)
    stop = _end(scope, item.stop, size, size)
    step = check_static.size(scope, item.step) if item.step else 1
    if not isinstance(step, int) or step < 1:
        if isinstance(step, int):
            scope.report(BadIndex(span=item.span, why=f"a step is at least 1, and this is {step}"))
        return None
    beyond = sizes.sub(size, stop)  # type: ignore[arg-type]
    if (isinstance(beyond, int) and beyond < 0) or (isinstance(start, int) and start < 0):
        return _out_of_range(scope, item, f"the piece {item.span.text}", size, value)
    empty = sizes.sub(stop, start)
    if isinstance(empty, int) and empty < 1:
        scope.report(BadIndex(span=item.span, why=f"the piece {start}..{stop} is empty"))
        return None
    return Axis(size, start, stop, step)


def _end(scope: Scope, expr: ast.Expr | None, default: Dim, size: Dim) -> sizes.Dim:
    if expr is None:
        return default  # type: ignore[return-value]
    value = check_static.size(scope, expr)
    return sizes.add(size, value) if isinstance(value, int) and value < 0 else value  # type: ignore[arg-type]


def _gathered(scope: Scope, item: ast.Expr, index: typed.Expr, size: Dim, value: typed.Expr) -> Axis | None:
    if not isinstance(index.type, TensorType) or index.type.dtype not in (DType.I32, DType.I8):
        why = f"this is {show_type(index.type)}, and an index is a whole number"
        scope.report(BadIndex(span=item.span, why=why))
        return None
    found = interval(scope, index)
    if found is None:
        hint = "declare it as `idx[n]`, an integer below n"
        why = f"nothing says that this {show_type(index.type)} is below {show_dim(size)}"
        scope.report(BadIndex(span=item.span, why=why, hint=hint))
        return None
    low, high = found
    room = sizes.sub(size, high)  # type: ignore[arg-type]
    if isinstance(room, int) and room < 1:
        return _out_of_range(scope, item, f"`{item.span.text}` goes up to {high}, and {high}", size, value)
    if isinstance(low, int) and low < 0:
        return _out_of_range(scope, item, f"`{item.span.text}` begins at {low}, and that", size, value)
    return Axis(size, at=index)


def _build(scope: Scope, value: typed.Expr, axes: list[Axis], span: Span) -> typed.Expr:
    arrays = [place for place, axis in enumerate(axes) if _rank(axis)]
    if arrays and arrays[-1] - arrays[0] >= len(arrays):
        refuse(scope, span, "array index")
        return _unknown(span)
    try:
        value = _sliced(value, [axis for axis in axes if not axis.new], span)
    except SizeError as error:
        scope.report(BadIndex(span=span, why=str(error)))
        return _unknown(span)
    if len(arrays) > 1:
        axes, merged = _together(scope, value, axes, arrays, span)
        if merged is None:
            return _unknown(span)
        value = merged
    position = 0
    for axis in [axis for axis in axes if not axis.new]:
        if axis.at is not None:
            value, width = _gather(value, axis.at, position, span)
            position += width
        else:
            position += 1
    return _reshaped(value, axes, span)


def _rank(axis: Axis) -> int:
    """The axes of what an axis is gathered by."""
    return len(axis.at.type.shape) if axis.at is not None and isinstance(axis.at.type, TensorType) else 0


def _together(
    scope: Scope, value: typed.Expr, axes: list[Axis], arrays: list[int], span: Span
) -> tuple[list[Axis], typed.Expr | None]:
    """`x[i, j]` with arrays of one shape: element by element, as one axis that is gathered once."""
    indices = [axis.at for axis in axes if _rank(axis) and axis.at is not None]
    shapes = [show_type(index.type) for index in indices]
    found = value.type
    assert isinstance(found, TensorType)
    first = sum(not axis.new for axis in axes[: arrays[0]])
    last = first + len(arrays)
    flat, size = indices[0], found.shape[first]
    for index, dim in zip(indices[1:], found.shape[first + 1 : last]):
        if not isinstance(index.type, TensorType) or not isinstance(flat.type, TensorType):
            return axes, None
        if same_shape(index.type.shape, flat.type.shape) is False:
            why = (
                f"indices of one value go together, element by element, and these are {' and '.join(shapes)}"
            )
            scope.report(BadIndex(span=span, why=why))
            return axes, None
        type_ = TensorType(DType.I32, flat.type.shape)
        scaled = typed.Elementwise("mul", (flat, literal(dim, span)), type=type_, span=span)  # type: ignore[arg-type]
        flat = typed.Elementwise("add", (scaled, index), type=type_, span=span)
        size = sizes.mul(size, dim)  # type: ignore[arg-type]
    shape = (*found.shape[:first], size, *found.shape[last:])
    whole = typed.Prim("reshape", (value,), (), type=replace(found, shape=shape), span=span)
    return [*axes[: arrays[0]], Axis(size, at=flat), *axes[arrays[-1] + 1 :]], whole


def _sliced(value: typed.Expr, axes: list[Axis], span: Span) -> typed.Expr:
    found = value.type
    assert isinstance(found, TensorType)
    if all(axis.stop is None for axis in axes):
        return value
    starts = tuple(axis.start for axis in axes)
    stops = tuple(axis.size if axis.stop is None else axis.stop for axis in axes)
    steps = tuple(axis.step for axis in axes)
    shape = tuple(_length(start, stop, step) for start, stop, step in zip(starts, stops, steps))
    options = (("starts", starts), ("stops", stops), ("steps", steps))
    type_ = TensorType(found.dtype, shape, found.bound, found.role)
    return typed.Prim("slice", (value,), options, type=type_, span=span)


def _length(start: Dim, stop: Dim, step: int) -> Dim:
    room = sizes.sub(stop, start)  # type: ignore[arg-type]
    return room if step == 1 else sizes.floordiv(sizes.add(room, step - 1), step)


def _gather(value: typed.Expr, at: typed.Expr, axis: int, span: Span) -> tuple[typed.Expr, int]:
    found, index = value.type, at.type
    assert isinstance(found, TensorType) and isinstance(index, TensorType)
    shape = (*found.shape[:axis], *index.shape, *found.shape[axis + 1 :])
    type_ = TensorType(found.dtype, shape, found.bound, found.role)
    return typed.Prim("gather", (value, at), (("axis", axis),), type=type_, span=span), len(index.shape)


def _reshaped(value: typed.Expr, axes: list[Axis], span: Span) -> typed.Expr:
    """Without the axes of single elements, with the new ones."""
    if not any(axis.drop or axis.new for axis in axes):
        return value
    found = value.type
    assert isinstance(found, TensorType)
    rest = list(found.shape)
    shape: list[Dim] = []
    for axis in axes:
        if axis.new:
            shape.append(1)
        elif axis.at is not None:
            width = len(axis.at.type.shape)  # type: ignore[attr-defined]
            shape += [rest.pop(0) for _ in range(width)]
        elif axis.drop:
            rest.pop(0)
        else:
            shape.append(rest.pop(0))
    type_ = TensorType(found.dtype, tuple(shape), found.bound, found.role)
    return typed.Prim("reshape", (value,), (), type=type_, span=span)
