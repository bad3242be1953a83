"""A matrix-vector product or convolution on integers, with its bias.

What came before: `add(op(fake(W), fake(x)), bias)` in float. What leaves: i8 x i8 -> i32, the bias added in
i32, and one multiplication by s_w * s_a at the end. Invariant: the result equals the float form bit for bit
wherever that is exact, which it is for power-of-two scales while sums stay below 2^24.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.ir import nn
from hqn.compiler.ir.instances import SlotOp
from hqn.compiler.ir.location import like
from hqn.compiler.ir.nn_shape import CastOp
from hqn.compiler.ir.nn_window import Conv2dOp
from hqn.compiler.ir.quant import Conv2dOp as IntegerConv2d
from hqn.compiler.ir.quant import DenseOp, FakeOp, IntegersOp, ScaleOp
from hqn.compiler.ir.tn import ContractOp
from hqn.compiler.ir.xdsl_api import Operation, SSAValue


@dataclass(frozen=True, slots=True)
class Products:
    """`op` sums products of one scale (per output); `add` adds the rounded `bias` to it, if there is one."""

    op: ContractOp | Conv2dOp
    weight: ScaleOp
    scale: SSAValue
    add: Operation | None
    bias: FakeOp | None


def run_on_integers(products: Products) -> bool:
    """Replaces a sum, with its bias; False, and nothing is changed, where it is neither `W x` nor a
    convolution without groups, or has channels that are not its outputs.
    """
    op, spec = products.op, products.weight.spec
    found = _operands(op)
    if found is None or not isinstance(found[0].owner, SlotOp) or not isinstance(found[1].owner, FakeOp):
        return False
    if spec.per == "channel" and spec.axis != (3 if isinstance(op, Conv2dOp) else 0):
        return False
    fake = found[1].owner
    zero = None if fake.spec.symmetric else fake.zero
    counted = IntegersOp(fake.x, fake.spec, fake.scale, zero)
    kernel = IntegersOp(found[0], spec)
    total = _product(op, counted.result, kernel.result, zero)
    end = products.add or op
    new: list[Operation] = [counted, kernel, total]
    if products.bias is not None:
        whole = IntegersOp(products.bias.x, products.bias.spec, products.scale)
        new += [whole, nn.MapOp("add", [total.result, whole.result], total.result.type)]
    back = CastOp.of(end.results[0].type, new[-1].results[0])
    scaled = nn.MapOp("mul", [back.result, products.scale], end.results[0].type)
    _put([*new, back, scaled], end)
    return True


def _put(new: list[Operation], end: Operation) -> None:
    """The operations in front of `end`, the last one in its place."""
    block = end.parent_block()
    assert block is not None
    for one in new:
        block.insert_op_before(like(one, end), end)
    new[-1].results[0].name_hint = end.results[0].name_hint
    end.results[0].replace_all_uses_with(new[-1].results[0])


def _operands(op: ContractOp | Conv2dOp) -> tuple[SSAValue, SSAValue] | None:
    """Weight and value, if the operation is `y[o] = W[o, i] * x[i]` or a convolution without groups."""
    if isinstance(op, Conv2dOp):
        return (op.args[1], op.args[0]) if op.groups == 1 else None
    if len(op.factors) != 2 or len(op.output) != 1 or op.rescale:
        return None
    (output,) = op.output
    for weight, value in (op.terms(), op.terms()[::-1]):
        inner = [position.plain for position in value.positions]
        outer = [position.plain for position in weight.positions]
        if len(inner) == 1 and inner[0] not in (None, output) and outer == [output, *inner]:
            return weight.value, value.value
    return None


def _product(
    op: ContractOp | Conv2dOp, x: SSAValue, weights: SSAValue, zero: SSAValue | None
) -> DenseOp | IntegerConv2d:
    if isinstance(op, ContractOp):
        return DenseOp(x, weights, zero)
    return IntegerConv2d(x, weights, zero, op.stride, op.pad)
