"""Types of the IR and what they say about the language's types.

What came before: concrete types of the typed program. What leaves: MLIR tensors, and shape and dtype
back from a value. Invariant: a tensor has static dimensions; there is no batch axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from hqn.compiler.ir.xdsl_api import (
    Attribute,
    ComplexType,
    SSAValue,
    TensorType,
    VerifyException,
    bf16,
    f16,
    f32,
    f64,
    i1,
    i8,
    i32,
)
from hqn.compiler.types import model
from hqn.compiler.types.model import DType

ELEMENTS: dict[DType, Attribute] = {
    DType.F16: f16,
    DType.BF16: bf16,
    DType.F32: f32,
    DType.F64: f64,
    DType.I8: i8,
    DType.I32: i32,
    DType.BOOL: i1,
    DType.C64: ComplexType(f32),
    DType.C128: ComplexType(f64),
}
_DTYPES = {element: dtype for dtype, element in ELEMENTS.items()}

INDEX = TensorType(i32, [])
"""The number of a turn."""


def tensor(dtype: DType, shape: Sequence[int] = ()) -> TensorType:
    return TensorType(ELEMENTS[dtype], list(shape))


def lower_type(type_: model.Type) -> tuple[Attribute, ...]:
    """The IR types of a value; a tuple or record is spread out, nothing (`UnitType`) is no value."""
    match type_:
        case model.TensorType():
            return (tensor(type_.dtype, [int(str(dim)) for dim in type_.shape]),)
        case model.TupleType():
            return tuple(leaf for item in type_.items for leaf in lower_type(item))
        case model.RecordType():
            return tuple(leaf for _, item in type_.fields for leaf in lower_type(item))
        case model.UnitType():
            return ()
    raise TypeError(f"{type_} has no form in the IR")


def shape(value: SSAValue | Attribute) -> tuple[int, ...]:
    """The shape of a tensor value or tensor type."""
    type_ = value.type if isinstance(value, SSAValue) else value
    if not isinstance(type_, TensorType):
        raise VerifyException(f"{type_} is not a tensor")
    return type_.get_shape()


def dtype(value: SSAValue | Attribute) -> DType:
    type_ = value.type if isinstance(value, SSAValue) else value
    if not isinstance(type_, TensorType) or type_.element_type not in _DTYPES:
        raise VerifyException(f"{type_} is not a tensor")
    return _DTYPES[type_.element_type]


def size(value: SSAValue | Attribute) -> int:
    """The number of elements."""
    return prod(shape(value))


def with_shape(type_: Attribute, new: Sequence[int]) -> TensorType:
    """The same elements in another shape."""
    if not isinstance(type_, TensorType):
        raise VerifyException(f"{type_} is not a tensor")
    return TensorType(type_.element_type, list(new))


def check(condition: bool, message: str) -> None:
    """What a verifier says when an operation is not well formed."""
    if not condition:
        raise VerifyException(message)
