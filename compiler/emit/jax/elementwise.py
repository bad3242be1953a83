"""Elementwise functions as JAX expressions.

What came before: `nn.map` with operands of equal, scalar or suffix shapes. What leaves: one expression.
Invariant: an operand gets `[..., None]` only where it has leading axes and too few of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hqn.compiler.emit.jax.code import Code, binary, call, negative
from hqn.compiler.emit.jax.values import Value, aligned, depth_of, joined
from hqn.compiler.types.model import DType

BINARY = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
}  # fmt: skip

NAMED = {
    "and": "jnp.logical_and", "or": "jnp.logical_or", "not": "jnp.logical_not", "select": "jnp.where",
    "abs": "jnp.abs", "sign": "jnp.sign", "exp": "jnp.exp", "log": "jnp.log", "sqrt": "jnp.sqrt",
    "sin": "jnp.sin", "cos": "jnp.cos", "tan": "jnp.tan", "tanh": "jnp.tanh", "sinh": "jnp.sinh",
    "cosh": "jnp.cosh", "asin": "jnp.asin", "acos": "jnp.acos", "atan": "jnp.atan", "atan2": "jnp.atan2",
    "sigmoid": "jax.nn.sigmoid", "relu": "jax.nn.relu", "gelu": "nn.gelu", "silu": "jax.nn.silu",
    "softplus": "jax.nn.softplus", "floor": "jnp.floor", "ceil": "jnp.ceil", "round": "jnp.round",
    "minimum": "jnp.minimum", "maximum": "jnp.maximum", "clip": "jnp.clip", "square": "jnp.square",
    "reciprocal": "jnp.reciprocal", "erf": "jax.lax.erf",
}  # fmt: skip


def map_elements(fn: str, args: Sequence[Value], shape: tuple[int, ...], dtype: DType) -> Value:
    """`fn` of `args`, broadcast to `shape`."""
    values = list(args)
    if all(value.bare for value in values):
        values[0] = values[0].array()
    depth = depth_of(values)
    codes = [aligned(value, depth, len(shape) if value.leads else None) for value in values]
    return joined(_spelled(fn, codes), shape, dtype, values)


def _spelled(fn: str, codes: list[Code]) -> Code:
    if fn in BINARY:
        return binary(BINARY[fn], codes[0], codes[1])
    if fn == "neg":
        return negative(codes[0])
    return call(NAMED[fn], *codes)


def cast(value: Value, dtype: DType) -> Value:
    """The same numbers in another element type."""
    if value.dtype == dtype:
        return value
    source = value.array()
    return replace(source, code=Code(f"{source.code.atom}.astype({dtype_name(dtype)})"), dtype=dtype)


_DTYPES = {
    DType.F32: "float", DType.F64: "jnp.float64", DType.F16: "jnp.float16", DType.BF16: "jnp.bfloat16",
    DType.I8: "jnp.int8", DType.I32: "jnp.int32", DType.BOOL: "bool", DType.C64: "nn.complex_",
    DType.C128: "jnp.complex128",
}  # fmt: skip


def dtype_name(dtype: DType) -> str:
    """How emitted text names an element type. f32 and c64 follow the precision of the run."""
    return _DTYPES[dtype]
