"""Types of values, as the checker and every later stage see them.

While a definition is checked on its own, dimensions may be symbolic (`Size`, see `sizes.py`) and a
shape may begin with a `Rest`; in an instance every dimension is an int and there is no `Rest`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from hqn.compiler.types.sizes import Size


class DType(StrEnum):
    """Element types, by their hqn names."""

    F16 = "f16"
    BF16 = "bf16"
    F32 = "f32"
    F64 = "f64"
    I8 = "i8"
    I32 = "i32"
    BOOL = "bool"
    C64 = "c64"
    C128 = "c128"

    @property
    def bytes(self) -> int:
        """What one element takes in memory."""
        return _BYTES[self]


_BYTES = {
    DType.F16: 2,
    DType.BF16: 2,
    DType.F32: 4,
    DType.F64: 8,
    DType.I8: 1,
    DType.I32: 4,
    DType.BOOL: 1,
    DType.C64: 8,
    DType.C128: 16,
}


@dataclass(frozen=True, slots=True)
class Rest:
    """All leading axes, `..s`: only as the first entry of a symbolic shape."""

    name: str


Dim: TypeAlias = "int | Size | Rest"


class Type:
    """Base of all types."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class TensorType(Type):
    """An array. `bound` is set for `idx[n]`: integers (i32) from 0 up to `bound`, exclusive.

    `role` is "angle" for angles: f32 in radians that policies and QASM treat as angles; it takes no
    part in equality, so angles and f32 unify both ways.
    """

    dtype: DType
    shape: tuple[Dim, ...] = ()
    bound: Dim | None = None
    role: str | None = field(default=None, compare=False)

    @property
    def rank(self) -> int:
        return len(self.shape)


@dataclass(frozen=True, slots=True)
class TupleType(Type):
    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class RecordType(Type):
    fields: tuple[tuple[str, Type], ...]


@dataclass(frozen=True, slots=True)
class QubitType(Type):
    """A linear value: `size` qubits, or one qubit where `size` is None."""

    size: Dim | None


@dataclass(frozen=True, slots=True)
class ObservableType(Type):
    """An observable over placed qubits; `shape` is () for one, (n,) for `Z(q)` on a register."""

    shape: tuple[Dim, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitType(Type):
    """The result of a circuit that only acts on its qubit arguments."""


@dataclass(frozen=True, slots=True)
class UnknownType(Type):
    """The type of something already reported; anything computed from it is silent."""


UNIT = UnitType()
UNKNOWN = UnknownType()
