"""Primitives of `nn` along axes (reductions, softmax, cumsum) and those that only steer derivatives."""

from __future__ import annotations

from typing import ClassVar

from hqn.compiler.ir.nn_base import PrimOp, Shape, check_axes
from hqn.compiler.ir.properties import integer, ints, operation
from hqn.compiler.ir.tensors import check, shape
from hqn.compiler.types.model import DType


class ReduceOp(PrimOp):
    """Base of reductions: the axes are gone from the result."""

    axes: tuple[int, ...] = ints()

    def expected(self) -> Shape:
        dims = shape(self.x)
        check_axes(self.axes, len(dims))
        return tuple(dim for axis, dim in enumerate(dims) if axis not in self.axes)


def _reduction(fn: str, gives: DType | None = None) -> type[ReduceOp]:
    """The operation `nn.<fn>`; reductions differ in name and in what they give."""
    members = {"name": f"nn.{fn}", "GIVES": gives, "__annotations__": {"GIVES": "ClassVar[DType | None]"}}
    members |= {"__module__": __name__, "__doc__": f"`{fn}` over `axes`."}
    return operation(type(f"{fn.title().replace('_', '')}Op", (ReduceOp,), members))


SumOp = _reduction("sum")
MeanOp = _reduction("mean")
MaxOp = _reduction("max")
MinOp = _reduction("min")
ProdOp = _reduction("prod")
StdOp = _reduction("std")
VarOp = _reduction("var")
NormOp = _reduction("norm")
LogsumexpOp = _reduction("logsumexp")
AnyOp = _reduction("any", DType.BOOL)
AllOp = _reduction("all", DType.BOOL)
ArgmaxOp = _reduction("argmax", DType.I32)
ArgminOp = _reduction("argmin", DType.I32)


class AlongOp(PrimOp):
    """Base of what keeps the shape and works along one axis."""

    axis: int = integer()

    def expected(self) -> Shape:
        check_axes((self.axis,), len(shape(self.x)))
        return shape(self.x)


@operation
class SoftmaxOp(AlongOp):
    name = "nn.softmax"


@operation
class LogSoftmaxOp(AlongOp):
    name = "nn.log_softmax"


@operation
class CumsumOp(AlongOp):
    name = "nn.cumsum"


@operation
class StopOp(PrimOp):
    """The value, with no derivative."""

    name = "nn.stop"


@operation
class SteOp(PrimOp):
    """The value of the first argument with the derivative of the second."""

    name = "nn.ste"
    ARITY: ClassVar[int] = 2

    def expected(self) -> Shape:
        check(shape(self.args[0]) == shape(self.args[1]), "value and surrogate have one shape")
        return shape(self.x)


@operation
class BatchMeanOp(PrimOp):
    """The mean over the samples of a batch: the one operation that sees the sample axis."""

    name = "nn.batch_mean"


REDUCE = (
    SumOp,
    MeanOp,
    MaxOp,
    MinOp,
    ProdOp,
    StdOp,
    VarOp,
    NormOp,
    LogsumexpOp,
    AnyOp,
    AllOp,
    ArgmaxOp,
    ArgminOp,
    SoftmaxOp,
    LogSoftmaxOp,
    CumsumOp,
    StopOp,
    SteOp,
    BatchMeanOp,
)
