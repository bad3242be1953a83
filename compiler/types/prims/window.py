"""Convolution, pooling and patches: windows over the first two axes of [h, w, c].

What came before: a call with typed arguments. What leaves: the typed primitive with the shape of its
result. Invariant: a call that does not fit is a diagnostic, and its value unknown.
"""

from __future__ import annotations

from hqn.compiler.diagnostics import Note
from hqn.compiler.types import errors, sizes, typed
from hqn.compiler.types.bodies import check_static, elementwise
from hqn.compiler.types.model import Dim, TensorType
from hqn.compiler.types.prims.call import (
    PrimCall,
    Rule,
    make,
    needs_shape,
    options,
    shape_of,
    tensor,
    unknown,
)
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.shapes import same_dim, show_type
from hqn.compiler.types.sizes import SizeError


def places(length: Dim, size: Dim, stride: Dim, pad: Dim = 0) -> Dim:
    """How many windows fit: (length + 2 pad - size) // stride + 1."""
    room = sizes.sub(sizes.add(length, sizes.mul(2, pad)), size)  # type: ignore[arg-type]
    return sizes.add(sizes.floordiv(room, stride), 1)  # type: ignore[arg-type]


def _numbers(scope: Scope, call: PrimCall, defaults: dict[str, int | None]) -> dict[str, Dim] | None:
    """The options of a window; one whose default is None is `size`."""
    given = options(scope, call, *defaults)
    if given is None:
        return None
    values: dict[str, Dim] = {}
    for name, default in defaults.items():
        if name in given:
            values[name] = check_static.size(scope, given[name])
        elif default is not None:
            values[name] = default
        elif "size" in values:
            values[name] = values["size"]
        else:
            scope.report(errors.BadOption(span=call.span, why=f"`{call.name}` needs `{name}`"))
            return None
        least = 0 if name == "pad" else 1
        value = values[name]
        if isinstance(value, int) and value < least:
            why = f"`{name}` is at least {least}, and this is {value}"
            scope.report(errors.BadOption(span=given[name].span if name in given else call.span, why=why))
            return None
    return values


def _fits(scope: Scope, call: PrimCall, result: tuple[Dim, ...]) -> bool:
    if any(isinstance(dim, int) and dim < 1 for dim in result):
        why = f"the window is larger than {show_type(call.args[0].type)}"
        scope.report(errors.BadOption(span=call.span, why=why))
        return False
    return True


def _convolve2d(scope: Scope, call: PrimCall) -> typed.Expr:
    """`convolve2d[stride, pad](x[h, w, ci], k[kh, kw, ci, co])`: cross-correlation, [h', w', co]."""
    x, kernel = call.args
    if not needs_shape(scope, call, x, 3) or not needs_shape(scope, call, kernel, 4):
        return unknown(call)
    values = _numbers(scope, call, {"stride": 1, "pad": 0})
    if values is None:
        return unknown(call)
    height, width, channels = shape_of(x)
    rows, columns, inputs, outputs = shape_of(kernel)
    if same_dim(channels, inputs) is False or tensor(x).dtype != tensor(kernel).dtype:
        ends: tuple[Note, ...] = (elementwise.origin(scope, x), elementwise.origin(scope, kernel))
        shown = show_type(x.type), show_type(kernel.type)
        hint = "the image is [h, w, inputs], the kernel [kh, kw, inputs, outputs], of one type"
        scope.report(
            errors.ShapesDiffer(
                span=call.span, op=call.name, left=shown[0], right=shown[1], ends=ends, hint=hint
            )
        )
        return unknown(call)
    stride, pad = values["stride"], values["pad"]
    try:
        shape = (places(height, rows, stride, pad), places(width, columns, stride, pad), outputs)
    except SizeError:
        return unknown(call)
    if not _fits(scope, call, shape):
        return unknown(call)
    result = TensorType(tensor(x).dtype, shape)
    return make(call, "conv2d", (x, kernel), result, ("stride", stride), ("pad", pad), ("groups", 1))


def _pool(fn: str) -> Rule:
    """`maxpool2d[size, stride](x[h, w, c])`: [h', w', c]."""

    def rule(scope: Scope, call: PrimCall) -> typed.Expr:
        (x,) = call.args
        if not needs_shape(scope, call, x, 3):
            return unknown(call)
        values = _numbers(scope, call, {"size": None, "stride": None})
        if values is None:
            return unknown(call)
        height, width, channels = shape_of(x)
        size, stride = values["size"], values["stride"]
        shape = (places(height, size, stride), places(width, size, stride), channels)
        if not _fits(scope, call, shape):
            return unknown(call)
        result = TensorType(tensor(x).dtype, shape)
        return make(call, fn, (x,), result, ("size", size), ("stride", stride))

    return rule


def _patches(scope: Scope, call: PrimCall) -> typed.Expr:
    """`patches[size, stride](x[h, w, c])`: every window, [h', w', c, size, size]."""
    (x,) = call.args
    if not needs_shape(scope, call, x, 3):
        return unknown(call)
    values = _numbers(scope, call, {"size": None, "stride": 1})
    if values is None:
        return unknown(call)
    height, width, channels = shape_of(x)
    size, stride = values["size"], values["stride"]
    shape = (places(height, size, stride), places(width, size, stride), channels, size, size)
    if not _fits(scope, call, shape):
        return unknown(call)
    return make(call, "patches", (x,), TensorType(tensor(x).dtype, shape), ("size", size), ("stride", stride))


WINDOWS: dict[str, tuple[Rule, int, int]] = {
    "convolve2d": (_convolve2d, 2, 2),
    "maxpool2d": (_pool("maxpool2d"), 1, 1),
    "avgpool2d": (_pool("avgpool2d"), 1, 1),
    "patches": (_patches, 1, 1),
}
