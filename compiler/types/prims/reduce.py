"""Reductions and what runs along an axis.

What came before: a call with typed arguments. What leaves: the typed primitive with the shape of its
result. Invariant: a call that does not fit is a diagnostic, and its value unknown.
"""

from __future__ import annotations

from hqn.compiler.types import errors, typed
from hqn.compiler.types.model import DType, TensorType
from hqn.compiler.types.prims.call import (
    PrimCall,
    Rule,
    axes_option,
    axis_option,
    make,
    options,
    shape_of,
    tensor,
    unknown,
)
from hqn.compiler.types.scope import FLOATS, Scope
from hqn.compiler.types.shapes import has_rest, show_type


def _reduction(fn: str, wants: str) -> Rule:
    """`sum(x)` over all axes, `sum[axes = (0, 1)](x)` over some."""

    def rule(scope: Scope, call: PrimCall) -> typed.Expr:
        (arg,) = call.args
        given = options(scope, call, "axes")
        if given is None or not _element(scope, arg, wants):
            return unknown(call)
        shape = shape_of(arg)
        if has_rest(shape):
            return _open(call, result_dtype(fn, arg), whole="axes" not in given)
        axes = axes_option(scope, given.get("axes"), len(shape))
        if axes is None:
            return unknown(call)
        kept = tuple(dim for axis, dim in enumerate(shape) if axis not in axes)
        if not axes and fn != "norm":
            return arg
        return make(call, fn, (arg,), TensorType(result_dtype(fn, arg), kept), ("axes", axes))

    return rule


def result_dtype(fn: str, arg: typed.Expr) -> DType:
    return DType.BOOL if fn in ("any", "all") else tensor(arg).dtype


def _open(call: PrimCall, dtype: DType, whole: bool) -> typed.Expr:
    """Over a shape that begins with `..`: a whole reduction has a known type all the same."""
    return typed.Expr(type=TensorType(dtype), span=call.span) if whole else unknown(call)


def _element(scope: Scope, arg: typed.Expr, wants: str) -> bool:
    dtype = tensor(arg).dtype
    good = {"number": dtype != DType.BOOL, "float": dtype in FLOATS, "bool": dtype == DType.BOOL}[wants]
    if not good:
        wanted = {"number": "a number", "float": "a float", "bool": "a truth value"}[wants]
        cast = "f32" if wants != "bool" else None
        scope.report(errors.TypesDiffer(span=arg.span, found=show_type(arg.type), wanted=wanted, cast=cast))
    return good


def _position(fn: str) -> Rule:
    """`argmax(x)` along the last axis: idx[n]."""

    def rule(scope: Scope, call: PrimCall) -> typed.Expr:
        (arg,) = call.args
        given = options(scope, call, "axis")
        shape = shape_of(arg)
        if given is None or not _element(scope, arg, "number"):
            return unknown(call)
        if has_rest(shape) and (given or len(shape) == 1):
            return unknown(call)
        axis = axis_option(scope, given.get("axis"), len(shape)) if shape else None
        if axis is None:
            if not shape:
                scope.report(errors.BadOption(span=arg.span, why=f"`{fn}` needs an axis"))
            return unknown(call)
        kept = tuple(dim for i, dim in enumerate(shape) if i != axis)
        return make(call, fn, (arg,), TensorType(DType.I32, kept, shape[axis]), ("axes", (axis,)))

    return rule


def _along(fn: str, wants: str) -> Rule:
    """`softmax(x)` along the last axis; the shape stays."""

    def rule(scope: Scope, call: PrimCall) -> typed.Expr:
        (arg,) = call.args
        given = options(scope, call, "axis")
        shape = shape_of(arg)
        if given is None or not _element(scope, arg, wants):
            return unknown(call)
        if not shape:
            scope.report(errors.BadOption(span=arg.span, why=f"`{fn}` needs an axis, and this is a number"))
            return unknown(call)
        if has_rest(shape) and given:
            return unknown(call)
        axis = axis_option(scope, given.get("axis"), len(shape))
        if axis is None:
            return unknown(call)
        return make(call, fn, (arg,), TensorType(tensor(arg).dtype, shape), ("axis", axis))

    return rule


REDUCTIONS: dict[str, tuple[Rule, int, int]] = {
    **{fn: (_reduction(fn, "number"), 1, 1) for fn in ("sum", "prod", "max", "min")},
    **{fn: (_reduction(fn, "float"), 1, 1) for fn in ("mean", "std", "var", "norm", "logsumexp")},
    **{fn: (_reduction(fn, "bool"), 1, 1) for fn in ("any", "all")},
    **{fn: (_position(fn), 1, 1) for fn in ("argmax", "argmin")},
    **{fn: (_along(fn, "float"), 1, 1) for fn in ("softmax", "log_softmax")},
    "cumsum": (_along("cumsum", "number"), 1, 1),
}
