"""Properties of operations, read as Python values.

What came before: xDSL's accessors, which give attributes (`op.axes.get_values()`). What leaves: field
declarations whose accessors give ints, strings and tuples (`op.axes`), and `encode` for the way back.
Invariant: the attribute in `op.properties` is the only copy; accessors decode it.

    @operation
    class SumOp(IRDLOperation):
        name = "nn.sum"
        axes: tuple[int, ...] = ints()
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from hqn.compiler.ir.xdsl_api import (
    ArrayAttr,
    Attribute,
    Data,
    DenseArrayBase,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    IRDLOperation,
    StringAttr,
    SymbolRefAttr,
    UnitAttr,
    f64,
    i1,
    i64,
    irdl_op_definition,
    opt_prop_def,
    prop_def,
)

OpClass = TypeVar("OpClass", bound=type[IRDLOperation])


def ints(name: str | None = None) -> tuple[int, ...]:
    """`array<i64: …>`."""
    return cast("tuple[int, ...]", prop_def(DenseArrayBase, prop_name=name))


def floats(name: str | None = None) -> tuple[float, ...]:
    """`array<f64: …>`."""
    return cast("tuple[float, ...]", prop_def(DenseArrayBase, prop_name=name))


def flags(name: str | None = None) -> tuple[bool, ...]:
    """`array<i1: …>`."""
    return cast("tuple[bool, ...]", prop_def(DenseArrayBase, prop_name=name))


def string(name: str | None = None) -> str:
    return cast("str", prop_def(StringAttr, prop_name=name))


def optional_string(name: str | None = None) -> str | None:
    return cast("str | None", opt_prop_def(StringAttr, prop_name=name))


def strings(name: str | None = None) -> tuple[str, ...]:
    return cast("tuple[str, ...]", prop_def(ArrayAttr, prop_name=name))


def integer(name: str | None = None) -> int:
    return cast("int", prop_def(IntegerAttr, prop_name=name))


def optional_integer(name: str | None = None) -> int | None:
    return cast("int | None", opt_prop_def(IntegerAttr, prop_name=name))


def number(name: str | None = None) -> float:
    """A float, kept in f64."""
    return cast("float", prop_def(FloatAttr, prop_name=name))


def flag(name: str | None = None) -> bool:
    """A unit attribute: there or not."""
    return cast("bool", opt_prop_def(UnitAttr, prop_name=name))


def symbol(name: str | None = None) -> str:
    """`@name` of a function."""
    return cast("str", prop_def(SymbolRefAttr, prop_name=name))


def records(name: str | None = None) -> tuple[Any, ...]:
    """An array of `RecordAttr`s."""
    return cast("tuple[Any, ...]", prop_def(ArrayAttr, prop_name=name))


def optional_records(name: str | None = None) -> tuple[Any, ...]:
    """An array of `RecordAttr`s, left out where it is empty."""
    return cast("tuple[Any, ...]", opt_prop_def(ArrayAttr, prop_name=name))


def raw(kind: type[Attribute], name: str | None = None) -> Any:
    """An attribute class of ours; one that is `Data` reads as its data, another as itself."""
    return prop_def(kind, prop_name=name)


def operation(cls: OpClass) -> OpClass:
    """`irdl_op_definition`, with accessors of properties that decode."""
    defined: type[IRDLOperation] = irdl_op_definition(cls)
    definition = defined.get_irdl_definition()
    for accessor, (name, _) in definition.accessor_names.items():
        is_flag = UnitAttr in (definition.properties[name].constr.get_bases() or ())
        setattr(defined, accessor, _Decoded(name, False if is_flag else None))
    return cast("OpClass", defined)


@dataclass(frozen=True)
class _Decoded:
    """The accessor of one property."""

    name: str
    absent: object

    def __get__(self, op: IRDLOperation | None, owner: type | None = None) -> object:
        if op is None:
            return self
        found = op.properties.get(self.name)
        return self.absent if found is None else decode(found)


def decode(attribute: Attribute) -> Any:
    """An attribute as the Python value it stands for; types and unknown attributes are themselves."""
    match attribute:
        case IntegerAttr():
            return bool(attribute.value.data) if attribute.type == i1 else attribute.value.data
        case DenseArrayBase():
            values = attribute.get_values()
            return tuple(map(bool, values)) if attribute.elt_type == i1 else values
        case ArrayAttr():
            return tuple(decode(item) for item in attribute.data)
        case SymbolRefAttr():
            return attribute.root_reference.data
        case FloatAttr():
            return attribute.value.data
        case UnitAttr():
            return True
        case Data():
            return attribute.data
        case _:
            return attribute


def encode(value: object) -> Attribute:
    """A Python value as an attribute; `()` is an empty list of ints."""
    match value:
        case Attribute():
            return value
        case bool():
            return IntegerAttr(int(value), i1)
        case int():
            return IntegerAttr(value, i64)
        case float():
            return FloatAttr(value, f64)
        case str():
            return StringAttr(value)
        case tuple() | list():
            return _encode_sequence(tuple(value))
    raise TypeError(f"no attribute stands for {value!r}")


def _encode_sequence(items: tuple[Any, ...]) -> Attribute:
    if items and all(isinstance(item, bool) for item in items):
        return array(i1, items)
    if all(isinstance(item, int) for item in items):
        return array(i64, items)
    if all(isinstance(item, int | float) for item in items):
        return DenseArrayBase.from_list(f64, [float(item) for item in items])
    return attributes(items)


def attributes(items: Iterable[object]) -> ArrayAttr[Attribute]:
    """An array of attributes, also where it is empty."""
    return ArrayAttr([encode(item) for item in items])


def array(kind: IntegerType, items: tuple[int, ...]) -> DenseArrayBase:
    return DenseArrayBase.from_list(kind, items)


def encode_all(values: Mapping[str, object]) -> dict[str, Attribute]:
    """Properties from keyword arguments: None and False leave the property out, True is a unit."""
    return {
        name: UnitAttr() if value is True else encode(value)
        for name, value in values.items()
        if value is not None and value is not False
    }
