"""Primitives of `nn` over windows of an image `[height, width, channels]`: convolution, pooling, patches."""

from __future__ import annotations

from math import prod
from typing import ClassVar

from hqn.compiler.ir.nn_base import PrimOp, Shape
from hqn.compiler.ir.properties import integer, ints, operation
from hqn.compiler.ir.tensors import check, shape


def windows(dims: Shape, size: Shape, stride: Shape, pad: Shape = (0, 0, 0, 0)) -> Shape:
    """How many windows fit, down and across; `pad` is top, bottom, left, right."""
    check(len(dims) == 3, f"an image is [height, width, channels], not {dims}")
    check(len(size) == len(stride) == 2 and len(pad) == 4, "windows have two sizes, two strides, four pads")
    check(min(stride) > 0 and min(pad) >= 0, "strides are positive, pads are not negative")
    height, width = dims[0] + pad[0] + pad[1], dims[1] + pad[2] + pad[3]
    check(size[0] <= height and size[1] <= width, f"a window of {size} is larger than {height, width}")
    return (height - size[0]) // stride[0] + 1, (width - size[1]) // stride[1] + 1


@operation
class Conv2dOp(PrimOp):
    """Cross-correlation with a kernel `[kh, kw, channels / groups, out]`."""

    name = "nn.conv2d"
    ARITY: ClassVar[int] = 2
    stride: tuple[int, ...] = ints()
    pad: tuple[int, ...] = ints()
    groups: int = integer()

    def expected(self) -> Shape:
        image, kernel = shape(self.args[0]), shape(self.args[1])
        check(len(kernel) == 4, f"a kernel has four axes, not {self.args[1].type}")
        groups, channels = self.groups, image[2]
        check(groups >= 1 and kernel[3] % groups == 0, f"{kernel[3]} outputs in {groups} groups")
        spatial = windows(image, kernel[:2], self.stride, self.pad)
        check(kernel[2] * groups == channels, f"{channels} channels in {groups} groups of {kernel[2]}")
        return (*spatial, kernel[3])


class PoolOp(PrimOp):
    """Base of pooling: one value per window and channel."""

    size: tuple[int, ...] = ints()
    stride: tuple[int, ...] = ints()

    def expected(self) -> Shape:
        dims = shape(self.x)
        return (*windows(dims, self.size, self.stride), dims[2])


@operation
class Maxpool2dOp(PoolOp):
    name = "nn.maxpool2d"


@operation
class Avgpool2dOp(PoolOp):
    name = "nn.avgpool2d"


@operation
class PatchesOp(PrimOp):
    """Every window, its elements in row-major order (height, width, channel)."""

    name = "nn.patches"
    size: tuple[int, ...] = ints()
    stride: tuple[int, ...] = ints()

    def expected(self) -> Shape:
        dims, result = shape(self.x), shape(self.result)
        spatial = windows(dims, self.size, self.stride)
        elements = prod(self.size) * dims[2]
        fits = result[:2] == spatial and prod(result[2:]) == elements
        check(fits, f"{spatial} windows of {elements} elements")
        return result


WINDOW = (Conv2dOp, Maxpool2dOp, Avgpool2dOp, PatchesOp)
