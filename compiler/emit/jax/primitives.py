"""Structural primitives of `nn` as JAX expressions.

What came before: an operation with options that count axes from the front of one sample. What leaves: one
expression that counts them from the back, so that any leading axes pass through. Invariant: a value without
leading axes is never given any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hqn.compiler.emit.jax.code import Code, axes, call, index
from hqn.compiler.emit.jax.constants import filled, iota, shape_text
from hqn.compiler.emit.jax.elementwise import cast, dtype_name
from hqn.compiler.emit.jax.values import Value, aligned, depth_of, joined
from hqn.compiler.ir.nn_base import PrimOp
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.types.model import DType

Emit = Callable[[Any, Sequence[Value]], Code]
"""The expression of an operation (of its own class) with these operands, which have met."""

REDUCTIONS = {
    "sum": "jnp.sum", "mean": "jnp.mean", "max": "jnp.max", "min": "jnp.min", "prod": "jnp.prod",
    "any": "jnp.any", "all": "jnp.all", "std": "jnp.std", "var": "jnp.var", "logsumexp": "jax.nn.logsumexp",
}  # fmt: skip
ALONG = {"softmax": "jax.nn.softmax", "log_softmax": "jax.nn.log_softmax", "cumsum": "jnp.cumsum"}


def primitive(op: PrimOp, operands: Sequence[Value]) -> Value:
    """The value of `op`."""
    values = [value.array() for value in operands]
    if op.fn in WHOLE:
        return WHOLE[op.fn](op, values)
    depth = depth_of(values)
    met = [replace(value, code=aligned(value, depth)) for value in values]
    return joined(_expression(op, met), shape(op.result), dtype(op.result), values)


def _expression(op: Any, values: Sequence[Value]) -> Code:
    x = values[0]
    if op.fn in REDUCTIONS:
        if not op.axes:
            return x.code
        return call(REDUCTIONS[op.fn], x.code, named={"axis": axes([x.axis(axis) for axis in op.axes])})
    if op.fn in ALONG:
        return call(ALONG[op.fn], x.code, named={"axis": str(x.axis(op.axis))})
    return SPELLED[op.fn](op, values)


def _reshape(op: Any, values: Sequence[Value]) -> Code:
    x, dims = values[0], shape(op.result)
    if not x.leads:
        return call("jnp.reshape", x.code, shape_text(dims))
    return call("nn.reshape", x.code, str(x.rank), shape_text(dims))


def _transpose(op: Any, values: Sequence[Value]) -> Code:
    x, order = values[0], op.axes
    if order == tuple(range(x.rank)):
        return x.code
    if order == (*range(x.rank - 2), x.rank - 1, x.rank - 2):
        return call("jnp.matrix_transpose", x.code)
    return call("nn.transpose" if x.leads else "jnp.transpose", x.code, shape_text(order))


def _slice(op: Any, values: Sequence[Value]) -> Code:
    bounds = zip(op.starts, op.stops, op.steps, values[0].shape, strict=True)
    return _sliced(values[0], [range_text(*bound) for bound in bounds])


def _sliced(x: Value, subscripts: list[str]) -> Code:
    """Subscripts of a sample's axes; whole axes at the end need none where there is nothing in front."""
    if x.leads:
        return index(x.code, "...", *subscripts)
    while len(subscripts) > 1 and subscripts[-1] == ":":
        subscripts = subscripts[:-1]
    return index(x.code, *subscripts)


def range_text(start: int, stop: int, step: int, size: int) -> str:
    """Bounds as Python writes them, without those that say nothing."""
    text = f"{start or ''}:{stop if stop != size else ''}"
    return f"{text}:{step}" if step != 1 else text


def picked(x: Value, op: Any) -> Value:
    """A slice whose axes of one element are dropped: `x[..., 2, :]`."""
    bounds = zip(op.starts, op.stops, op.steps, x.shape, strict=True)
    subscripts = [
        str(start) if stop - start == 1 and size != 1 else range_text(start, stop, step, size)
        for start, stop, step, size in bounds
    ]
    return replace(x, code=_sliced(x, subscripts))


def _gather(op: Any, values: Sequence[Value]) -> Code:
    x, at = values
    behind = [":"] * (x.rank - op.axis - 1)
    if not at.leads:
        if at.rank == 0 and x.leads:
            return index(x.code, "...", at.text, *behind)
        if op.axis == 0 and not x.leads:
            return index(x.code, at.text)
        return call("jnp.take", x.code, at.code, named={"axis": str(x.axis(op.axis))})
    if not x.leads and op.axis == 0:
        return index(x.code, at.text)
    if x.rank == 1 and at.rank == 0:
        return call("nn.take_along", x.code, at.code, "1")
    axis = str(op.axis)
    return call("nn.gather", x.code, at.code, named={"axis": axis, "ranks": f"({x.rank}, {at.rank})"})


def _joint(function: str) -> Emit:
    """`concat` and `stack`."""

    def spelled(op: Any, values: Sequence[Value]) -> Code:
        parts = f"[{', '.join(value.text for value in values)}]"
        axis = op.axis - len(shape(op.result))
        if not any(value.leads for value in values):
            plain = {"nn.concat": "jnp.concatenate", "nn.stack": "jnp.stack"}[function]
            return call(plain, parts, named={"axis": str(op.axis)})
        return call(function, parts, str(values[0].rank), named={"axis": str(axis)})

    return spelled


def _broadcast(op: Any, values: Sequence[Value]) -> Code:
    return broadcast(values[0], shape(op.result)).code


def broadcast(x: Value, dims: tuple[int, ...]) -> Value:
    """`x` repeated to a shape of which its own is a suffix."""
    if x.shape == dims:
        return x
    if not x.leads:
        return replace(x, code=call("jnp.broadcast_to", x.code, shape_text(dims)), shape=dims, bare=False)
    return replace(x, code=call("nn.broadcast", x.code, str(x.rank), shape_text(dims)), shape=dims)


def _one_hot(op: Any, values: Sequence[Value]) -> Code:
    kind = dtype(op.result)
    named = {} if kind is DType.F32 else {"dtype": dtype_name(kind)}
    return call("jax.nn.one_hot", values[0].code, str(shape(op.result)[-1]), named=named)


def _extreme(function: str) -> Emit:
    """`argmax` and `argmin`; both mean the first place of several equal elements."""

    def spelled(op: Any, values: Sequence[Value]) -> Code:
        x = values[0]
        if len(op.axes) == 1:
            return call(f"jnp.{function}", x.code, named={"axis": str(x.axis(op.axes[0]))})
        source = x.code if function == "argmax" else Code(f"-{x.code.atom}")
        return call("nn.argmax", source, str(x.rank), shape_text(op.axes))

    return spelled


def _norm(op: Any, values: Sequence[Value]) -> Code:
    x = values[0]
    return call("nn.norm", x.code, shape_text(tuple(x.axis(axis) for axis in op.axes)))


def _pool(function: str) -> Emit:
    def spelled(op: Any, values: Sequence[Value]) -> Code:
        return call(function, values[0].code, shape_text(op.size), shape_text(op.stride))

    return spelled


def _conv2d(op: Any, values: Sequence[Value]) -> Code:
    named = {"stride": shape_text(op.stride), "pad": shape_text(op.pad)}
    if op.groups != 1:
        named["groups"] = str(op.groups)
    return call("nn.conv2d", values[0].code, values[1].code, named=named)


SPELLED: dict[str, Emit] = {
    "reshape": _reshape,
    "transpose": _transpose,
    "slice": _slice,
    "gather": _gather,
    "take_along": lambda op, v: call("nn.take_along", v[0].code, v[1].code, str(v[0].rank)),
    "concat": _joint("nn.concat"),
    "stack": _joint("nn.stack"),
    "broadcast": _broadcast,
    "one_hot": _one_hot,
    "stop": lambda op, v: call("jax.lax.stop_gradient", v[0].code),
    "ste": lambda op, v: call("nn.ste", v[0].code, v[1].code),
    "pad": lambda op, v: call("nn.pad", v[0].code, shape_text(op.low), shape_text(op.high)),
    "argmax": _extreme("argmax"),
    "argmin": _extreme("argmin"),
    "norm": _norm,
    "conv2d": _conv2d,
    "maxpool2d": _pool("nn.max_pool"),
    "avgpool2d": _pool("nn.avg_pool"),
    "patches": lambda op, v: call(
        "nn.patches", v[0].code, shape_text(op.size), shape_text(op.stride), shape_text(shape(op.result))
    ),
    "su": lambda op, v: call("qc.su", v[0].code),
    "pauli_sum": lambda op, v: call("qc.pauli_sum", v[0].code, f'"{op.words}".split()'),
    "evolution": lambda op, v: call("qc.evolution", v[0].code, v[1].code),
}


def _batch_mean(op: Any, values: Sequence[Value]) -> Value:
    """The mean over the batch axes; those of loops and of the sample stay."""
    (x,) = values
    if 0 not in x.levels:
        return x
    code = call("nn.batch_mean", x.code, str(x.rank + x.depth))
    rest = frozenset(mark for mark in x.sure if isinstance(mark, int))
    return replace(x, code=code, levels=x.levels - {0}, sure=rest)


WHOLE: dict[str, Callable[[Any, Sequence[Value]], Value]] = {
    "full": lambda op, v: filled(op.value, shape(op.result), dtype(op.result)),
    "iota": lambda op, v: iota(shape(op.result)[0], dtype(op.result)),
    "cast": lambda op, v: cast(v[0], dtype(op.result)),
    "batch_mean": _batch_mean,
}
"""Primitives that decide more than the expression."""
