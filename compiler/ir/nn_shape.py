"""Primitives of `nn` that arrange elements: reshape, transpose, slice, gather, concat, pad and the like."""

from __future__ import annotations

from math import prod
from typing import ClassVar

from hqn.compiler.ir.nn_base import PrimOp, Shape, check_axes
from hqn.compiler.ir.properties import integer, ints, operation, raw
from hqn.compiler.ir.tensors import check, dtype, shape
from hqn.compiler.ir.xdsl_api import Attribute
from hqn.compiler.types.model import DType


@operation
class ReshapeOp(PrimOp):
    name = "nn.reshape"

    def expected(self) -> Shape:
        result = shape(self.result)
        check(prod(result) == prod(shape(self.x)), f"{self.x.type} does not have {prod(result)} elements")
        return result


@operation
class TransposeOp(PrimOp):
    name = "nn.transpose"
    axes: tuple[int, ...] = ints()

    def expected(self) -> Shape:
        dims = shape(self.x)
        check(sorted(self.axes) == list(range(len(dims))), f"{self.axes} does not order {len(dims)} axes")
        return tuple(dims[axis] for axis in self.axes)


@operation
class SliceOp(PrimOp):
    """Elements `start, start + step, …` below `stop` of each axis."""

    name = "nn.slice"
    starts: tuple[int, ...] = ints()
    stops: tuple[int, ...] = ints()
    steps: tuple[int, ...] = ints()

    def expected(self) -> Shape:
        dims = shape(self.x)
        lengths = {len(self.starts), len(self.stops), len(self.steps), len(dims)}
        check(len(lengths) == 1, "a slice gives start, stop and step of every axis")
        inside = zip(self.starts, self.stops, self.steps, dims)
        check(all(0 <= a <= b <= dim and step > 0 for a, b, step, dim in inside), "a slice leaves its axis")
        return tuple(len(range(*bounds)) for bounds in zip(self.starts, self.stops, self.steps))


@operation
class GatherOp(PrimOp):
    """Elements of one axis by an array of indices, whose shape takes the axis's place."""

    name = "nn.gather"
    ARITY: ClassVar[int] = 2
    axis: int = integer()

    def expected(self) -> Shape:
        dims, index = shape(self.x), shape(self.args[1])
        check_axes((self.axis,), len(dims))
        check(dtype(self.args[1]) is DType.I32, "indices are i32")
        return (*dims[: self.axis], *index, *dims[self.axis + 1 :])


@operation
class TakeAlongOp(PrimOp):
    """From each row along the last axis, the element that its index names."""

    name = "nn.take_along"
    ARITY: ClassVar[int] = 2

    def expected(self) -> Shape:
        dims, index = shape(self.x), shape(self.args[1])
        check(dtype(self.args[1]) is DType.I32, "indices are i32")
        check(index == dims[:-1], f"indices of {self.x.type} are {self.args[1].type}")
        return index


@operation
class ConcatOp(PrimOp):
    name = "nn.concat"
    ARITY: ClassVar[None] = None
    axis: int = integer()

    def expected(self) -> Shape:
        shapes, axis = [shape(arg) for arg in self.args], self.axis
        check_axes((axis,), len(shapes[0]))
        others = {(*dims[:axis], *dims[axis + 1 :]) for dims in shapes}
        check(len(others) == 1, "all but the joined axis are equal")
        return (*shapes[0][:axis], sum(dims[axis] for dims in shapes), *shapes[0][axis + 1 :])


@operation
class StackOp(PrimOp):
    name = "nn.stack"
    ARITY: ClassVar[None] = None
    axis: int = integer()

    def expected(self) -> Shape:
        shapes, axis = {shape(arg) for arg in self.args}, self.axis
        check(len(shapes) == 1, "what is stacked has one shape")
        dims = shapes.pop()
        check_axes((axis,), len(dims) + 1)
        return (*dims[:axis], len(self.args), *dims[axis:])


@operation
class BroadcastOp(PrimOp):
    """Repeats a scalar or a suffix."""

    name = "nn.broadcast"

    def expected(self) -> Shape:
        dims, result = shape(self.x), shape(self.result)
        fits = dims == result[len(result) - len(dims) :]
        check(fits, f"{self.x.type} is not a suffix of {self.result.type}")
        return result


@operation
class FullOp(PrimOp):
    name = "nn.full"
    ARITY: ClassVar[int] = 0
    value: float = raw(Attribute)

    def expected(self) -> Shape:
        return shape(self.result)


@operation
class IotaOp(PrimOp):
    """0, 1, 2, …"""

    name = "nn.iota"
    ARITY: ClassVar[int] = 0

    def expected(self) -> Shape:
        check(len(shape(self.result)) == 1, "iota has one axis")
        return shape(self.result)


@operation
class OneHotOp(PrimOp):
    """A new last axis with a one at the index."""

    name = "nn.one_hot"
    CASTS: ClassVar[bool] = True

    def expected(self) -> Shape:
        check(dtype(self.x) is DType.I32, "indices are i32")
        return (*shape(self.x), *shape(self.result)[-1:])


@operation
class CastOp(PrimOp):
    name = "nn.cast"
    CASTS: ClassVar[bool] = True


@operation
class PadOp(PrimOp):
    """Zeros before and after each axis."""

    name = "nn.pad"
    low: tuple[int, ...] = ints()
    high: tuple[int, ...] = ints()

    def expected(self) -> Shape:
        dims = shape(self.x)
        check(len(self.low) == len(self.high) == len(dims), "padding is given for every axis")
        return tuple(low + dim + high for low, dim, high in zip(self.low, dims, self.high))


ARRANGE = (
    ReshapeOp,
    TransposeOp,
    SliceOp,
    GatherOp,
    TakeAlongOp,
    ConcatOp,
    StackOp,
    BroadcastOp,
    FullOp,
    IotaOp,
    OneHotOp,
    CastOp,
    PadOp,
)
