"""One function under a policy: quantizers on its weights, and where activations meet them.

What came before: a function of its own for one treatment. What leaves: the same function with `quant`
operations, and two more slots for each quantized activation: scale and zero point, which calibration fills.
Invariants: only what the policy's table names is touched; a weight is quantized where it is read, so that the
slot stays the latent float; an activation is quantized right before the contraction or convolution in which
it meets a quantized weight, or, where none meets one directly, as the function receives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hqn.compiler.ir import nn
from hqn.compiler.ir.declarations import Slot, SlotAttr
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import SlotOp
from hqn.compiler.ir.location import like
from hqn.compiler.ir.nn_window import Conv2dOp
from hqn.compiler.ir.properties import attributes
from hqn.compiler.ir.quant import AngleOp, FakeOp, ScaleOp
from hqn.compiler.ir.quant import Spec as IrSpec
from hqn.compiler.ir.tensors import dtype, shape, tensor
from hqn.compiler.ir.tn import ContractOp
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue
from hqn.compiler.passes.integers import Products, run_on_integers
from hqn.compiler.types.model import DType
from hqn.compiler.types.policies.specs import Spec

CALIBRATED = "calibration"
"""The role of slots that calibration fills."""
_FLOATS = (DType.F32, DType.F64)
Find = Callable[[str, str], Spec]
"""The treatment of a slot of this function by name, or of its activations (""), in a role."""


@dataclass(frozen=True, slots=True)
class Site:
    """A quantized activation: the names of its two slots, how it is quantized."""

    scale: str
    zero: str
    spec: Spec


@dataclass(slots=True)
class Quantizer:
    """One function while quantizers are put in."""

    func: FuncOp
    find: Find
    on_integers: bool
    sites: list[Site] = field(default_factory=list)
    made: dict[tuple[SSAValue, Block | None], Activation] = field(default_factory=dict)

    def quantize(self) -> list[Site]:
        """Rewrites the function; the activations that it quantizes."""
        reads = [op for op in self.func.walk() if isinstance(op, SlotOp)]
        met = list(self._meetings())
        for op in reads:
            self._angle(op)
        for meeting in met:
            self._meet(meeting)
        if not met:
            self._parameters(reads)
        for op in reads:
            self._weight(op)
        return self.sites

    # --- weights and angles ---

    def _angle(self, op: SlotOp) -> None:
        spec = self.find(op.slot, "angle")
        if spec.bits is not None:
            _replace(op.result, AngleOp(op.result, spec.bits), op)

    def _weight(self, op: SlotOp) -> None:
        spec = self.find(op.slot, "w")
        if spec.bits is not None and op.result.uses:
            _replace(op.result, FakeOp(op.result, weight_spec(spec, op), "w"), op)

    # --- activations ---

    def _meetings(self) -> Iterator[Meeting]:
        """Contractions and convolutions of a weight with values that vary."""
        for op in self.func.walk():
            if isinstance(op, ContractOp | Conv2dOp):
                reads = [(operand, self._read(operand)) for operand in op.operands]
                weight = next((read for _, read in reads if read is not None), None)
                values = [operand for operand, read in reads if read is None and _varies(operand)]
                if weight is not None and values:
                    yield Meeting(op, weight, values)

    def _read(self, value: SSAValue) -> SlotOp | None:
        """The read of a weight that a value is computed from, and from no argument."""
        owner = value.owner
        if isinstance(owner, SlotOp):
            return owner if self._is_weight(owner) else None
        if isinstance(owner, Block) or _varies(value):
            return None
        return next((found for one in owner.operands if (found := self._read(one))), None)

    def _is_weight(self, read: SlotOp) -> bool:
        """Whether a slot has the role `w`, as in the policy's table."""
        slot = self.func.slot(read.slot)
        return slot is not None and slot.kind != "state" and not slot.role and len(shape(slot.type)) >= 2

    def _meet(self, meeting: Meeting) -> None:
        spec = self.find("", "a")
        if spec.bits is None:
            return
        for value in meeting.values:
            found = self._activation(value, meeting.op, meeting.weight, spec)
            for place, operand in enumerate(meeting.op.operands):
                if operand is value:
                    meeting.op.operands[place] = found.fake
        self._products(meeting)

    def _activation(self, value: SSAValue, op: Operation, weight: SlotOp, spec: Spec) -> Activation:
        key = value, op.parent_block()
        if key not in self.made:
            declared = self.func.slot(weight.slot)
            assert declared is not None
            self.made[key] = self._calibrated(value, op, spec, declared.loops, weight.turns)
        return self.made[key]

    def _calibrated(
        self,
        value: SSAValue,
        before: Operation,
        spec: Spec,
        loops: tuple[int, ...] = (),
        turns: tuple[Turn, ...] = (),
    ) -> Activation:
        """A fake quantization with slots of its own, one pair per turn of the `loops`."""
        hint = value.name_hint or "x"
        site = Site(self._free(f"{hint}_scale"), self._free(f"{hint}_zero"), spec)
        scalar = tensor(dtype(value))
        for name, start in ((site.scale, "ones"), (site.zero, "zeros")):
            self._declare(Slot(name, "frozen weight", loops, scalar, start, (), CALIBRATED))
        scale, zero = (SlotOp(name, scalar, turns) for name in (site.scale, site.zero))
        fake = FakeOp(value, activation_spec(spec), "a", None, scale.result, zero.result)
        fake.result.name_hint = value.name_hint
        for op in (scale, zero, fake):
            _insert(like(op, before), before)
        self.sites.append(site)
        return Activation(fake.result, scale.result)

    def _parameters(self, reads: list[SlotOp]) -> None:
        """Where no value meets a weight directly, the function's own inputs are its activations."""
        spec = self.find("", "a")
        first = self.func.block.first_op
        if spec.bits is None or first is None or not any(self._is_weight(op) for op in reads):
            return
        for name, value in zip(self.func.arg_names, self.func.args, strict=True):
            if value.uses and hasattr(value.type, "get_shape") and dtype(value) in _FLOATS:
                value.name_hint = value.name_hint or name
                uses = list(value.uses)
                found = self._calibrated(value, first, spec)
                for use in uses:
                    use.operation.operands[use.index] = found.fake

    # --- sums of products ---

    def _products(self, meeting: Meeting) -> None:
        """Where every product has one scale, s_w * s_a: the bias is rounded to their grid, and the sum may
        run on integers.
        """
        weight, op = meeting.weight, meeting.op
        treated = self.find(weight.slot, "w")
        spec = weight_spec(treated, weight)
        direct = len(meeting.values) == 1 and any(operand is weight.result for operand in op.operands)
        is_one_scale = treated.bits is not None and spec.symmetric and spec.per != "group"
        if not direct or not is_one_scale or dtype(weight.result) is not DType.F32:
            return
        value = self.made[meeting.values[0], op.parent_block()]
        scale = ScaleOp(weight.result, spec)
        product = nn.MapOp("mul", [scale.result, value.scale], scale.result.type)
        product.result.name_hint = "scale"
        for new in (scale, product):
            _insert(like(new, op), op)
        total = Products(op, scale, product.result, *self._rounded_bias(op, product.result))
        if self.on_integers:
            run_on_integers(total)

    def _rounded_bias(self, op: Operation, scale: SSAValue) -> tuple[Operation | None, FakeOp | None]:
        """The addition of the bias and the bias on the grid, where one is added and quantized."""
        bias = self._added(op)
        if bias is None or shape(scale) not in ((), shape(bias.result)):
            return None, None
        rounded = FakeOp(bias.result, IrSpec("int32"), "b", None, scale)
        add = next(iter(op.results[0].uses)).operation
        _insert(like(rounded, add), add)
        for place, operand in enumerate(add.operands):
            if operand is bias.result:
                add.operands[place] = rounded.result
        return add, rounded

    def _added(self, op: Operation) -> SlotOp | None:
        """The bias that is added to what an operation gives, if nothing else is done with it."""
        (result,) = op.results
        users = [use.operation for use in result.uses]
        if len(users) != 1 or not isinstance(users[0], nn.MapOp) or users[0].fn != "add":
            return None
        other = next((one.owner for one in users[0].args if one is not result), None)
        if isinstance(other, SlotOp) and self.find(other.slot, "b").bits is not None:
            return other
        return None

    # --- slots ---

    def _free(self, name: str) -> str:
        known = {slot.name for slot in self.func.slots} | {child.name for child in self.func.children}
        known |= {part for site in self.sites for part in (site.scale, site.zero)}
        chosen, number = name, 2
        while chosen in known:
            chosen, number = f"{name}_{number}", number + 1
        return chosen

    def _declare(self, slot: Slot) -> None:
        slots = [SlotAttr(one) for one in (*self.func.slots, slot)]
        self.func.properties["slots"] = attributes(slots)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A weight and the values it meets in one operation."""

    op: ContractOp | Conv2dOp
    weight: SlotOp
    values: list[SSAValue]


@dataclass(frozen=True, slots=True)
class Activation:
    """A quantized activation and the scale that it was given."""

    fake: SSAValue
    scale: SSAValue


def weight_spec(spec: Spec, read: SlotOp) -> IrSpec:
    """The quantizer of a weight, with the axis of its channels."""
    axis = channel_axis(read) if spec.per == "channel" else 0
    return IrSpec(f"int{spec.bits}", spec.per, spec.symmetric, axis, spec.size, spec.scale, _range_text(spec))


def activation_spec(spec: Spec) -> IrSpec:
    return IrSpec(f"int{spec.bits}", "tensor", spec.symmetric, 0, 0, spec.scale, _range_text(spec))


def _range_text(spec: Spec) -> str:
    return f"percentile({spec.percentile})" if spec.range == "percentile" else spec.range


def channel_axis(read: SlotOp) -> int:
    """The axis along which a scale commutes with the sum: outputs, else a fixed position, else the first."""
    for use in read.result.uses:
        op = use.operation
        if isinstance(op, Conv2dOp) and use.index == 1:
            return 3
        if isinstance(op, ContractOp):
            positions = op.positions[use.index]
            for axis, position in enumerate(positions):
                if position.plain is not None and position.plain in op.output:
                    return axis
            return next((axis for axis, position in enumerate(positions) if not position.terms), 0)
    return 0


def _varies(value: SSAValue) -> bool:
    """Whether a value is computed from arguments, loops or draws rather than from slots and constants."""
    pending, seen = [value], set()
    while pending:
        one = pending.pop()
        if isinstance(one.owner, Block) or one.owner.name in ("hqn.draw", "hqn.call"):
            return True
        if one not in seen and not isinstance(one.owner, SlotOp):
            seen.add(one)
            pending += one.owner.operands
    return False


def _replace(old: SSAValue, op: AngleOp | FakeOp, behind: Operation) -> None:
    """Puts `op`, which reads `old`, behind an operation, in the place of `old` everywhere else."""
    uses = [use for use in old.uses if use.operation is not op and not isinstance(use.operation, ScaleOp)]
    uses = [use for use in uses if use.operation.name != "quant.integers"]
    block = behind.parent_block()
    assert block is not None
    block.insert_op_after(like(op, behind), behind)
    op.result.name_hint = old.name_hint
    for use in uses:
        use.operation.operands[use.index] = op.result


def _insert(op: Operation, before: Operation) -> None:
    block = before.parent_block()
    assert block is not None
    block.insert_op_before(op, before)
