"""Quantization as calls of the run time's `quant`.

What came before: operations of the dialect `quant`. What leaves: one expression each. Invariant: only options
that differ from what `quant` takes for granted are written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hqn.compiler.emit.jax.code import Code, call
from hqn.compiler.emit.jax.constants import shape_text
from hqn.compiler.emit.jax.values import Value, aligned, depth_of, joined
from hqn.compiler.emit.jax.writer import Writer
from hqn.compiler.ir import quant
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.xdsl_api import Operation, SSAValue


def fake(writer: Writer, op: quant.FakeOp) -> None:
    """Weights by their own range, activations and biases by given scales."""
    if op.scale is None:
        _bind(writer, op, "quant.weight", [op.x], weight_options(op.spec, op.x))
    elif op.role == "b":
        _bind(writer, op, "quant.bias", [op.x, op.scale], {})
    else:
        _bind(writer, op, "quant.activation", [op.x, op.scale, op.zero], _activation_options(op.spec))


def angle(writer: Writer, op: quant.AngleOp) -> None:
    _bind(writer, op, "quant.angle", [op.x], {}, str(op.bits))


def scale(writer: Writer, op: quant.ScaleOp) -> None:
    _bind(writer, op, "quant.weight_scale", [op.x], weight_options(op.spec, op.x))


def integers(writer: Writer, op: quant.IntegersOp) -> None:
    if op.scale is None:
        _bind(writer, op, "quant.weight_integers", [op.x], weight_options(op.spec, op.x))
    else:
        _bind(writer, op, "quant.integers", [op.x, op.scale, op.zero], {"bits": str(op.spec.bits)})


def dense(writer: Writer, op: quant.DenseOp) -> None:
    _bind(writer, op, "quant.dense", [op.x, op.weights, op.zero], {})


def conv2d(writer: Writer, op: quant.Conv2dOp) -> None:
    options = {"stride": shape_text(op.stride), "pad": shape_text(op.pad)}
    _bind(writer, op, "quant.conv2d", [op.x, op.weights, op.zero], options)


def weight_options(spec: quant.Spec, x: SSAValue) -> dict[str, str]:
    """The quantizer of a weight; axes count from the back."""
    options = {"bits": str(spec.bits)}
    if not spec.symmetric:
        options["symmetric"] = "False"
    if spec.per == "channel":
        options["axis"] = str(spec.axis - len(shape(x)))
    if spec.per == "group":
        options["group"] = str(spec.size)
    if spec.scale == "po2":
        options["po2"] = "True"
    if spec.percentile != 100.0:
        options["percentile"] = repr(spec.percentile)
    return options


def _activation_options(spec: quant.Spec) -> dict[str, str]:
    return {"bits": str(spec.bits)} | ({"symmetric": "True"} if spec.symmetric else {})


def _bind(
    writer: Writer,
    op: Operation,
    function: str,
    operands: list[SSAValue | None],
    options: dict[str, str],
    *more: str,
) -> None:
    values = [writer.value(operand).array() for operand in operands if operand is not None]
    depth = depth_of(values)
    codes: list[Code | str] = [aligned(value, depth) for value in values]
    (result,) = op.results
    code = call(function, *codes, *more, named=options)
    value: Value = joined(code, shape(result), dtype(result), values)
    writer.bind(result, value)


EMITTERS: dict[type[Operation], Callable[[Writer, Any], None]] = {
    quant.FakeOp: fake,
    quant.AngleOp: angle,
    quant.ScaleOp: scale,
    quant.IntegersOp: integers,
    quant.DenseOp: dense,
    quant.Conv2dOp: conv2d,
}
