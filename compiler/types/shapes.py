"""Shapes: comparing, joining and showing them.

What came before: dimensions. What leaves: answers in three values, True, False or None where only an
instance can tell. Invariant: nothing ever stretches an axis of size 1.
"""

from __future__ import annotations

from collections.abc import Iterable

from hqn.compiler.types import sizes
from hqn.compiler.types.model import (
    Dim,
    ObservableType,
    QubitType,
    RecordType,
    Rest,
    TensorType,
    TupleType,
    Type,
    UnitType,
)

Shape = tuple[Dim, ...]


def show_dim(dim: Dim) -> str:
    return f"..{dim.name}" if isinstance(dim, Rest) else sizes.show(dim)


def show_shape(shape: Iterable[Dim]) -> str:
    return f"[{', '.join(show_dim(dim) for dim in shape)}]"


def show_type(type_: Type) -> str:
    """A type as a user would write it."""
    match type_:
        case TensorType(bound=None):
            name = type_.role or type_.dtype.value
            return name + (show_shape(type_.shape) if type_.shape else "")
        case TensorType(bound=bound) if bound is not None:
            return f"idx[{show_dim(bound)}]" + (show_shape(type_.shape) if type_.shape else "")
        case QubitType():
            return "qubit" if type_.size is None else f"qubit[{show_dim(type_.size)}]"
        case TupleType():
            return f"({', '.join(show_type(item) for item in type_.items)})"
        case RecordType():
            return f"({', '.join(f'{name}: {show_type(item)}' for name, item in type_.fields)})"
        case ObservableType():
            return "an observable"
        case UnitType():
            return "nothing"
        case _:
            return "?"


def same_dim(a: Dim, b: Dim) -> bool | None:
    if isinstance(a, Rest) or isinstance(b, Rest):
        return True if a == b else None
    return sizes.equal(a, b)


def same_shape(a: Shape, b: Shape) -> bool | None:
    """Whether two shapes agree axis by axis."""
    if has_rest(a) != has_rest(b):
        explicit, open_ = (b, a) if has_rest(a) else (a, b)
        return False if len(explicit) < len(open_) - 1 else None
    if len(a) != len(b):
        return None if has_rest(a) else False
    answers = [same_dim(x, y) for x, y in zip(a, b)]
    if False in answers:
        return False
    return None if None in answers else True


def has_rest(shape: Shape) -> bool:
    return bool(shape) and isinstance(shape[0], Rest)


def join(a: Shape, b: Shape) -> Shape | None:
    """The shape of an elementwise result: equal shapes, a scalar, or one a suffix of the other."""
    long, short = (a, b) if len(a) >= len(b) else (b, a)
    if has_rest(short) and not has_rest(long):
        return long  # undecided: the instance checks it
    if len(long) == len(short):
        return None if same_shape(long, short) is False else long
    suffix = long[len(long) - len(short) :]
    return None if same_shape(suffix, short) is False else long


def count(shape: Shape) -> sizes.Dim:
    """The number of elements."""
    total: sizes.Dim = 1
    for dim in shape:
        total = sizes.mul(total, sizes.unknown() if isinstance(dim, Rest) else dim)
    return total
