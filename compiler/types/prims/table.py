"""Primitives that follow no common signature: a table with one small typing rule each.

What came before: a call of a primitive with typed arguments. What leaves: `typed.Prim` (or a few of them).
Invariant: a primitive sees its arguments as they are written, for inside a body there is no batch; axes
count from the front in what leaves, while a user may count from the end.
"""

from __future__ import annotations

from collections.abc import Callable

from hqn.compiler.names.builtins import CASTS
from hqn.compiler.types import errors, sizes, typed
from hqn.compiler.types.bodies import elementwise
from hqn.compiler.types.bodies.brackets import count_text
from hqn.compiler.types.bodies.literals import common, is_literal, literal, promote
from hqn.compiler.types.model import Dim, DType, TensorType
from hqn.compiler.types.prims.call import PrimCall, Rule, make, shape_of, tensor, unknown
from hqn.compiler.types.prims.reduce import REDUCTIONS
from hqn.compiler.types.prims.shape import SHAPES
from hqn.compiler.types.prims.window import WINDOWS
from hqn.compiler.types.scope import FLOATS, Scope
from hqn.compiler.types.shapes import has_rest, same_shape, show_type


def primitive(scope: Scope, call: PrimCall) -> typed.Expr:
    """A call of any primitive or cast."""
    if call.name in CASTS:
        return _cast(scope, call)
    if call.name in ("min", "max") and len(call.args) == 2:
        return elementwise.elementwise(scope, f"{call.name}imum", call.args, call.span)
    if call.name in elementwise.ARITY:
        return _elementwise(scope, call)
    rule, least, most = RULES[call.name]
    if not least <= len(call.args) <= most:
        return wrong_count(scope, call, least, most)
    for arg in call.args:
        if not isinstance(arg.type, TensorType):
            scope.report(errors.TypesDiffer(span=arg.span, found=show_type(arg.type), wanted="a tensor"))
            return unknown(call)
    return rule(scope, call)


def wrong_count(scope: Scope, call: PrimCall, least: int, most: int) -> typed.Expr:
    takes = count_text(least, "argument") if least == most else f"at least {count_text(least, 'argument')}"
    given = f"{len(call.args)} {'is' if len(call.args) == 1 else 'are'}"
    scope.report(errors.WrongArgumentCount(span=call.span, callee=call.name, takes=takes, given=given))
    return unknown(call)


def _elementwise(scope: Scope, call: PrimCall) -> typed.Expr:
    arity = elementwise.ARITY[call.name]
    if len(call.args) != arity:
        return wrong_count(scope, call, arity, arity)
    if call.items:
        scope.report(errors.BadOption(span=call.items[0].span, why=f"`{call.name}` takes no brackets"))
    args = tuple(promote(arg, _FLOAT) if _needs_float(call, arg) else arg for arg in call.args)
    return elementwise.elementwise(scope, call.name, args, call.span)


_FLOAT = TensorType(DType.F32)


def _needs_float(call: PrimCall, arg: typed.Expr) -> bool:
    """`sin(1)`: a function of floats makes its whole number one."""
    return is_literal(arg) and call.name not in (
        "abs",
        "sign",
        "square",
        "minimum",
        "maximum",
        "clip",
        "select",
    )


def _cast(scope: Scope, call: PrimCall) -> typed.Expr:
    if len(call.args) != 1:
        return wrong_count(scope, call, 1, 1)
    (arg,) = call.args
    wanted = DType(call.name)
    if isinstance(arg, typed.Literal) and wanted in FLOATS:
        return promote(arg, TensorType(wanted))
    return make(call, "cast", (arg,), TensorType(wanted, tensor(arg).shape))


def _stop(scope: Scope, call: PrimCall) -> typed.Expr:
    return make(call, "stop", call.args, tensor(call.args[0]))


def _ste(scope: Scope, call: PrimCall) -> typed.Expr:
    """Value of the first argument, derivative of the second."""
    value, surrogate = common(call.args)
    if same_shape(shape_of(value), shape_of(surrogate)) is False:
        left, right = show_type(value.type), show_type(surrogate.type)
        ends = (elementwise.origin(scope, value), elementwise.origin(scope, surrogate))
        hint = "value and surrogate have the same shape"
        scope.report(
            errors.ShapesDiffer(span=call.span, op="ste", left=left, right=right, ends=ends, hint=hint)
        )
        return unknown(call)
    return make(call, "ste", (value, surrogate), tensor(value))


def _batch_mean(scope: Scope, call: PrimCall) -> typed.Expr:
    """The mean over the samples of a step; in evaluation there is no batch, so the mode matters."""
    return make(call, "batch_mean", call.args, tensor(call.args[0]))


def _channel_mean(scope: Scope, call: PrimCall) -> typed.Expr:
    """The mean over the batch and all axes but the last."""
    (arg,) = call.args
    shape = shape_of(arg)
    if not shape:
        scope.report(errors.BadOption(span=arg.span, why="`channel_mean` needs an axis of channels"))
        return unknown(call)
    result = TensorType(tensor(arg).dtype, shape[-1:])
    axes = tuple(range(len(shape) - 1))
    inner = arg if not axes else make(call, "mean", (arg,), result, ("axes", axes))
    return make(call, "batch_mean", (inner,), result)


def _product(output: str, left: str, right: str) -> Rule:
    """`dot` and `outer` as contractions."""

    def rule(scope: Scope, call: PrimCall) -> typed.Expr:
        a, b = common(call.args)
        sizes_: dict[str, Dim] = {}
        for arg, name in ((a, left), (b, right)):
            if len(shape_of(arg)) != 1:
                if has_rest(shape_of(arg)):
                    return unknown(call)
                why = f"`{call.name}` takes two vectors, and this is {show_type(arg.type)}"
                scope.report(errors.BadOption(span=arg.span, why=why))
                return unknown(call)
            sizes_.setdefault(name, shape_of(arg)[0])
        if tensor(a).dtype != tensor(b).dtype or (
            left == right and same_shape(shape_of(a), shape_of(b)) is False
        ):
            ends = (elementwise.origin(scope, a), elementwise.origin(scope, b))
            left_text, right_text = show_type(a.type), show_type(b.type)
            hint = "`dot` takes two vectors of one length and type, `outer` two of one type"
            scope.report(
                errors.ShapesDiffer(
                    span=call.span, op=call.name, left=left_text, right=right_text, ends=ends, hint=hint
                )
            )
            return unknown(call)
        factors = tuple(
            typed.Factor(arg, (typed.Affine(((name, 1),)),)) for arg, name in ((a, left), (b, right))
        )
        return typed.Contraction(
            output=tuple(output),
            ranges=tuple(sizes_.items()),  # type: ignore[arg-type]
            factors=factors,
            type=TensorType(tensor(a).dtype, tuple(sizes_[name] for name in output)),
            span=call.span,
        )

    return rule


def _len(scope: Scope, call: PrimCall) -> typed.Expr:
    shape = shape_of(call.args[0])
    if not shape:
        scope.report(errors.BadOption(span=call.span, why="a number has no length"))
        return unknown(call)
    return literal(sizes.unknown() if has_rest(shape) else shape[0], call.span)  # type: ignore[arg-type]


def _log2(scope: Scope, call: PrimCall) -> typed.Expr:
    from hqn.compiler.types.bodies.check_static import apply_log2

    (arg,) = call.args
    if not isinstance(arg, typed.Literal):
        scope.report(errors.NotStatic(span=arg.span, found="this is a value", place="`log2` of a size"))
        return unknown(call)
    return literal(apply_log2(scope, arg.value, call.span), call.span)


def _div(scope: Scope, call: PrimCall) -> typed.Expr:
    return elementwise.elementwise(scope, "floordiv", call.args, call.span)


def _one_hot(scope: Scope, call: PrimCall) -> typed.Expr:
    (arg,) = call.args
    found = tensor(arg)
    if found.bound is None:
        wanted = "idx[n], an integer below n,"
        scope.report(errors.TypesDiffer(span=arg.span, found=show_type(found), wanted=wanted))
        return unknown(call)
    return make(call, "one_hot", (arg,), TensorType(DType.F32, (*found.shape, found.bound)))


_MOST = 1 << 16
RULES: dict[str, tuple[Callable[[Scope, PrimCall], typed.Expr], int, int]] = {
    **SHAPES,
    **REDUCTIONS,
    **WINDOWS,
    "stop": (_stop, 1, 1),
    "ste": (_ste, 2, 2),
    "batch_mean": (_batch_mean, 1, 1),
    "channel_mean": (_channel_mean, 1, 1),
    "dot": (_product("", "i", "i"), 2, 2),
    "outer": (_product("ij", "i", "j"), 2, 2),
    "len": (_len, 1, 1),
    "log2": (_log2, 1, 1),
    "div": (_div, 2, 2),
    "one_hot": (_one_hot, 1, 1),
}
"""Rule, least and greatest number of arguments of each irregular primitive."""
