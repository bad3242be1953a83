"""The dialect `nn`: classical arithmetic. Constants and elementwise work; the rest is in `nn_*.py`.

What came before: literals and `typed.Elementwise`. What leaves: `nn.constant` and `nn.map {fn}`, one
operation for all element functions. Invariant: a constant keeps its numbers as they were written (f64 or
the integer), whatever its type, so that a run in f64 sees them unrounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from hqn.compiler.ir.properties import encode_all, operation, raw, string
from hqn.compiler.ir.tensors import check, dtype, shape, tensor
from hqn.compiler.ir.xdsl_api import (
    Attribute,
    ComplexType,
    DenseIntOrFPElementsAttr,
    IRDLOperation,
    Pure,
    SSAValue,
    TensorType,
    f64,
    i1,
    i64,
    result_def,
    traits_def,
    var_operand_def,
)
from hqn.compiler.types.model import DType

Number = int | float | bool | complex

COMPARISONS = frozenset(["eq", "ne", "lt", "le", "gt", "ge"])
LOGICAL = frozenset(["and", "or", "not"])
_ARITIES: dict[int, str] = {
    1: """neg not abs sign exp log sqrt sin cos tan tanh sinh cosh asin acos atan sigmoid relu gelu silu
          softplus floor ceil round square reciprocal erf""",
    2: "add sub mul div floordiv mod pow eq ne lt le gt ge and or minimum maximum atan2",
    3: "select clip",
}
ARITY: dict[str, int] = {fn: count for count, names in _ARITIES.items() for fn in names.split()}
"""Every element function with its number of arguments."""


@operation
class ConstantOp(IRDLOperation):
    """A scalar or small table of numbers."""

    name = "nn.constant"

    value: DenseIntOrFPElementsAttr = raw(DenseIntOrFPElementsAttr)
    result = result_def()

    traits = traits_def(Pure())

    def __init__(self, values: Sequence[Number] | Number, type_: Attribute) -> None:
        """`values` in row-major order; one number fills a table."""
        flat = list(values) if isinstance(values, Sequence) else [values]
        properties = encode_all({"value": _dense(flat, type_)})
        super().__init__(properties=properties, result_types=[type_])

    @property
    def values(self) -> tuple[Number, ...]:
        """All elements in row-major order."""
        kind = dtype(self.result)
        values: tuple[Any, ...] = self.value.get_values()
        if kind in (DType.C64, DType.C128):
            return tuple(complex(*pair) for pair in values)
        return tuple(map(bool, values)) if kind is DType.BOOL else tuple(values)

    @property
    def scalar(self) -> Number | None:
        """The number that all elements are, if they are one."""
        values = set(self.values)
        return values.pop() if len(values) == 1 else None

    def verify_(self) -> None:
        check(self.value.get_shape() == shape(self.result), f"{self.result.type} of {self.value.type}")
        check(self.value.get_element_type() == _stored(self.result.type), "numbers are stored unrounded")


def _stored(type_: Attribute) -> Attribute:
    """How the numbers of a type are kept."""
    kind = dtype(type_)
    if kind in (DType.C64, DType.C128):
        return ComplexType(f64)
    if kind is DType.BOOL:
        return i1
    return i64 if kind in (DType.I8, DType.I32) else f64


def _dense(values: Sequence[Number], type_: Attribute) -> DenseIntOrFPElementsAttr:
    stored = _stored(type_)
    if isinstance(stored, ComplexType):
        numbers = [complex(value) for value in values]
        data: list[Any] = [(number.real, number.imag) for number in numbers]
    else:
        number = float if stored == f64 else int
        data = [number(value) for value in cast("Sequence[float]", values)]
    kept: TensorType[Any] = TensorType(stored, list(shape(type_)))
    return cast("DenseIntOrFPElementsAttr", DenseIntOrFPElementsAttr.from_list(kept, data))


@operation
class MapOp(IRDLOperation):
    """`fn` of its arguments, element by element; shapes are equal, scalar, or a suffix of the result's."""

    name = "nn.map"

    args = var_operand_def()
    fn: str = string()
    result = result_def()

    traits = traits_def(Pure())

    def __init__(self, fn: str, args: Sequence[SSAValue], type_: Attribute | None = None) -> None:
        kind = type_ or _result_type(fn, args)
        super().__init__(operands=[list(args)], properties=encode_all({"fn": fn}), result_types=[kind])

    def verify_(self) -> None:
        check(self.fn in ARITY, f"no element function is called {self.fn}")
        check(len(self.args) == ARITY[self.fn], f"{self.fn} takes {ARITY[self.fn]} arguments")
        result = shape(self.result)
        for arg in self.args:
            dims = shape(arg)
            fits = dims == result[len(result) - len(dims) :]
            check(fits, f"{arg.type} is not a suffix of {self.result.type}")
        if self.fn in COMPARISONS | LOGICAL:
            check(dtype(self.result) is DType.BOOL, f"{self.fn} gives a truth value, not {self.result.type}")
        if self.fn in LOGICAL:
            check(all(dtype(arg) is DType.BOOL for arg in self.args), f"{self.fn} takes truth values")


def _result_type(fn: str, args: Sequence[SSAValue]) -> TensorType:
    longest = max((shape(arg) for arg in args), key=len)
    kind = DType.BOOL if fn in COMPARISONS else dtype(args[-1])
    return tensor(kind, longest)
