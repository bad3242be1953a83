"""Numbers of the .hqn text as Python expressions.

What came before: `nn.constant`, `nn.full` and `nn.iota`. What leaves: literals and array constructors.
Invariant: an element type is named only where it is not the float of the run's precision.
"""

from __future__ import annotations

from itertools import product
from math import pi, prod

from hqn.compiler.emit.jax.code import ATOM, PRODUCT, Code, binary, call, negative, sequence
from hqn.compiler.emit.jax.elementwise import dtype_name
from hqn.compiler.emit.jax.values import Value
from hqn.compiler.emit.text import number
from hqn.compiler.types.model import DType

Number = int | float | bool | complex
LARGEST_INLINE = 64

_FLOATS = (DType.F32, DType.F64, DType.F16, DType.BF16)
_ANGLES = {pi: "jnp.pi", 2 * pi: "2 * jnp.pi", pi / 2: "jnp.pi / 2", pi / 4: "jnp.pi / 4"}


def scalar(value: Number, dtype: DType) -> Value:
    """A bare number; one of a type that Python does not have is an array."""
    code = _number(value, dtype)
    if dtype in (DType.F32, DType.I32, DType.BOOL, DType.C64):
        return Value(code, (), dtype, bare=True)
    return Value(call("jnp.asarray", code, dtype_name(dtype)), (), dtype)


def _number(value: Number, dtype: DType) -> Code:
    if dtype is DType.BOOL:
        return Code(repr(bool(value)))
    if isinstance(value, complex):
        real = _number(value.real, DType.F64)
        return binary("-" if value.imag < 0 else "+", real, Code(f"{abs(value.imag)!r}j"))
    if value < 0:
        return negative(_number(-value, dtype))
    if value in _ANGLES and dtype in _FLOATS:
        return Code(_ANGLES[value], PRODUCT if " " in _ANGLES[value] else ATOM)
    return Code(number(float(value)) if dtype in _FLOATS else str(int(value)))


def filled(value: Number, shape: tuple[int, ...], dtype: DType) -> Value:
    """An array of one number."""
    dims = shape_text(shape)
    names = {} if dtype is DType.F32 else {"dtype": dtype_name(dtype)}
    if dtype is DType.BOOL or value not in (0, 1):
        named = {} if dtype in (DType.F32, DType.BOOL) else names
        return Value(call("jnp.full", dims, _number(value, dtype), named=named), shape, dtype)
    return Value(call("jnp.ones" if value == 1 else "jnp.zeros", dims, named=names), shape, dtype)


def table(values: tuple[Number, ...], shape: tuple[int, ...], dtype: DType, name: str | None = None) -> Value:
    """An array of several numbers; `name` is that of a module-level tuple holding them, if there is one."""
    given = name or nested(values, shape, dtype, "[]")
    named = {} if dtype in (DType.F32, DType.BOOL) else {"dtype": dtype_name(dtype)}
    if dtype is DType.F32:
        named = {"dtype": "float"}
    return Value(call("jnp.array", given, named=named), shape, dtype)


def nested(values: tuple[Number, ...], shape: tuple[int, ...], dtype: DType, brackets: str) -> str:
    """Numbers in row-major order as nested sequences."""
    if not shape:
        return _number(values[0], dtype).text
    step = prod(shape[1:])
    rows = [nested(values[i * step : (i + 1) * step], shape[1:], dtype, brackets) for i in range(shape[0])]
    if brackets == "()":
        return sequence(rows) if rows else "()"
    return f"[{', '.join(rows)}]"


def progression(values: tuple[Number, ...], shape: tuple[int, ...]) -> tuple[tuple[int, ...], int] | None:
    """The steps along each axis and the first number, where a table of whole numbers is a sum of these."""
    whole = [int(value.real) for value in values]
    strides = [prod(shape[axis + 1 :]) for axis in range(len(shape))]
    steps = [whole[stride] - whole[0] if dim > 1 else 0 for stride, dim in zip(strides, shape)]
    expected = [
        whole[0] + sum(step * place for step, place in zip(steps, places, strict=True))
        for places in product(*map(range, shape))
    ]
    return (tuple(steps), whole[0]) if whole == expected else None


def positions(steps: tuple[int, ...], start: int, shape: tuple[int, ...]) -> Value:
    """A table of whole numbers that grow evenly along every axis."""
    sizes, factors = (sequence([str(number) for number in numbers]) for numbers in (shape, steps))
    code = call("jnp.asarray", call("tn.positions", sizes, factors, str(start)))
    return Value(code, shape, DType.I32)


def iota(count: int, dtype: DType) -> Value:
    if dtype is DType.I32:
        return Value(call("nn.turns", str(count)), (count,), dtype)
    return Value(call("jnp.arange", str(count), named={"dtype": dtype_name(dtype)}), (count,), dtype)


def shape_text(shape: tuple[int, ...]) -> str:
    return sequence([str(dim) for dim in shape]) if shape else "()"
