"""The dialect `quant`: what a policy does to values.

What came before: a resolved policy. What leaves: fake quantization (quantize and dequantize with a
straight-through derivative), the angle grid, and integer arithmetic. Invariant: a quantized value has the
type of the float that it stands for; only the integer operations have i8 operands and i32 results. A weight
finds its scale in itself; an activation has a scale and a zero point that calibration found; a bias has the
scale of the products that it is added to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hqn.compiler.ir.nn_window import windows
from hqn.compiler.ir.properties import encode_all, integer, ints, operation, optional_string, raw, string
from hqn.compiler.ir.record import RecordAttr
from hqn.compiler.ir.tensors import check, dtype, shape, tensor
from hqn.compiler.ir.xdsl_api import (
    AttrSizedOperandSegments,
    IRDLOperation,
    Pure,
    SSAValue,
    irdl_attr_definition,
    operand_def,
    opt_operand_def,
    result_def,
    traits_def,
)
from hqn.compiler.types.model import DType

GRAINS = ("tensor", "channel", "group", "bucket", "core", "gate")


@dataclass(frozen=True, slots=True)
class Spec:
    """One tensor's quantizer: `dtype` as a policy writes it ("int8"), `per` one of `GRAINS` with `size`
    elements for groups and buckets, `axis` of the channels; `scale`, `range`, `round` as written."""

    dtype: str
    per: str = "tensor"
    symmetric: bool = True
    axis: int = -1
    size: int = 0
    scale: str = "f32"
    range: str = "absmax"
    round: str = "nearest"

    @property
    def bits(self) -> int:
        return int(self.dtype.removeprefix("int"))

    @property
    def percentile(self) -> float:
        """Percent of the values that the range covers; 100 unless it is `percentile(p)`."""
        word, _, number = self.range.partition("(")
        return float(number.rstrip(")")) if word == "percentile" else 100.0


@irdl_attr_definition
class SpecAttr(RecordAttr[Spec]):
    """`#quant.spec<"int8", "channel", true, 0, 0, "f32", "absmax", "nearest">`."""

    name = "quant.spec"
    HOLDS: ClassVar[type] = Spec


@operation
class FakeOp(IRDLOperation):
    """Quantize and dequantize. Without `scale` the range is that of the value itself (weights, dynamic)."""

    name = "quant.fake"

    x = operand_def()
    scale = opt_operand_def()
    zero = opt_operand_def()
    spec: Spec = raw(SpecAttr)
    role: str = string()
    path: str | None = optional_string()
    result = result_def()

    irdl_options = (AttrSizedOperandSegments(as_property=True),)
    traits = traits_def(Pure())

    def __init__(
        self,
        x: SSAValue,
        spec: Spec,
        role: str,
        path: str | None = None,
        scale: SSAValue | None = None,
        zero: SSAValue | None = None,
    ) -> None:
        properties = encode_all({"spec": SpecAttr(spec), "role": role, "path": path})
        super().__init__(operands=[x, scale, zero], properties=properties, result_types=[x.type])

    def verify_(self) -> None:
        spec = self.spec
        check(self.result.type == self.x.type, "a quantized value has the type of the float")
        check(spec.per in GRAINS, f"`per {spec.per}` means nothing")
        check(spec.per != "channel" or 0 <= spec.axis < len(shape(self.x)), f"no axis {spec.axis}")
        check(self.zero is None or self.scale is not None, "a zero point needs a scale")


@operation
class AngleOp(IRDLOperation):
    """Angles rounded to the grid 2 pi / 2^bits, with a straight-through derivative."""

    name = "quant.angle"

    x = operand_def()
    bits: int = integer()
    result = result_def()

    traits = traits_def(Pure())

    def __init__(self, x: SSAValue, bits: int) -> None:
        super().__init__(operands=[x], properties=encode_all({"bits": bits}), result_types=[x.type])

    def verify_(self) -> None:
        check(self.result.type == self.x.type, "rounded angles have the type of the angles")
        check(1 <= self.bits <= 32, f"an angle of {self.bits} bits")


@operation
class ScaleOp(IRDLOperation):
    """The scale that a weight finds in itself: `[c]` per channel, `[]` for the whole."""

    name = "quant.scale"

    x = operand_def()
    spec: Spec = raw(SpecAttr)
    result = result_def()

    traits = traits_def(Pure())

    def __init__(self, x: SSAValue, spec: Spec) -> None:
        dims = shape(x)[spec.axis : spec.axis + 1] if spec.per == "channel" else ()
        properties = encode_all({"spec": SpecAttr(spec)})
        super().__init__(operands=[x], properties=properties, result_types=[tensor(dtype(x), dims)])

    def verify_(self) -> None:
        check(self.spec.per in ("tensor", "channel"), "groups have no scale of their own")


@operation
class IntegersOp(IRDLOperation):
    """The integers of a tensor, i8 or for biases i32; without `scale` those of a weight by its own range."""

    name = "quant.integers"

    x = operand_def()
    scale = opt_operand_def()
    zero = opt_operand_def()
    spec: Spec = raw(SpecAttr)
    result = result_def()

    irdl_options = (AttrSizedOperandSegments(as_property=True),)
    traits = traits_def(Pure())

    def __init__(
        self, x: SSAValue, spec: Spec, scale: SSAValue | None = None, zero: SSAValue | None = None
    ) -> None:
        kind = DType.I8 if spec.bits <= 8 else DType.I32
        properties = encode_all({"spec": SpecAttr(spec)})
        result = tensor(kind, shape(x))
        super().__init__(operands=[x, scale, zero], properties=properties, result_types=[result])

    def verify_(self) -> None:
        check(shape(self.result) == shape(self.x), "integers have the shape of the floats")
        check(self.zero is None or self.scale is not None, "a zero point needs a scale")


@operation
class DenseOp(IRDLOperation):
    """`y[o] = sum_i W[o, i] * (x[i] - zero)` in i32, of i8 weights and activations."""

    name = "quant.dense"

    x = operand_def()
    weights = operand_def()
    zero = opt_operand_def()
    result = result_def()

    traits = traits_def(Pure())

    def __init__(self, x: SSAValue, weights: SSAValue, zero: SSAValue | None = None) -> None:
        result = tensor(DType.I32, shape(weights)[:1])
        super().__init__(operands=[x, weights, zero], result_types=[result])

    def verify_(self) -> None:
        _verify_integers(self.x, self.weights, self.result)
        check(shape(self.weights) == (*shape(self.result), *shape(self.x)), "sizes do not match")


@operation
class Conv2dOp(IRDLOperation):
    """`nn.conv2d` of `x - zero` in i32, of an i8 image and kernel; the border holds zero points."""

    name = "quant.conv2d"

    x = operand_def()
    weights = operand_def()
    zero = opt_operand_def()
    stride: tuple[int, ...] = ints()
    pad: tuple[int, ...] = ints()
    groups: int = integer()
    result = result_def()

    traits = traits_def(Pure())

    def __init__(
        self,
        x: SSAValue,
        weights: SSAValue,
        zero: SSAValue | None,
        stride: tuple[int, ...],
        pad: tuple[int, ...],
    ) -> None:
        properties = encode_all({"stride": stride, "pad": pad, "groups": 1})
        kernel = shape(weights)
        spatial = windows(shape(x), kernel[:2], stride, pad)
        result = tensor(DType.I32, (*spatial, kernel[3]))
        super().__init__(operands=[x, weights, zero], properties=properties, result_types=[result])

    def verify_(self) -> None:
        _verify_integers(self.x, self.weights, self.result)
        kernel = shape(self.weights)
        spatial = windows(shape(self.x), kernel[:2], self.stride, self.pad)
        check(shape(self.result) == (*spatial, kernel[3]), f"{spatial} windows: {self.result.type}")


def _verify_integers(x: SSAValue, weights: SSAValue, result: SSAValue) -> None:
    kinds = dtype(x), dtype(weights), dtype(result)
    check(kinds == (DType.I8, DType.I8, DType.I32), f"i8 times i8 gives i32, not {kinds}")
