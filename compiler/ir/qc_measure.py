"""What the dialect `qc` does to a register besides gates: measure, reset, discard, postselect, barrier.

What came before: a register. What leaves: the register after it; it keeps its wires. A measurement writes
classical bits, numbered per function, which gates under the modifiers `if` and `unless` read. Invariant:
between being measured or discarded and being reset, a wire is neither acted on nor read.
"""

from __future__ import annotations

from collections.abc import Sequence

from hqn.compiler.ir.properties import encode_all, ints, operation
from hqn.compiler.ir.qc_queries import verify_linear
from hqn.compiler.ir.qc_register import RegType, verify_wires, wire_count
from hqn.compiler.ir.tensors import check
from hqn.compiler.ir.xdsl_api import IRDLOperation, Pure, SSAValue, operand_def, result_def, traits_def


class _OnWires(IRDLOperation):
    """Base: an operation on some wires that gives the register back."""

    register = operand_def(RegType)
    wires: tuple[int, ...] = ints()
    result = result_def(RegType)

    traits = traits_def(Pure())

    def __init__(self, register: SSAValue, wires: Sequence[int], **more: object) -> None:
        super().__init__(
            operands=[register],
            properties=encode_all({"wires": tuple(wires), **more}),
            result_types=[register.type],
        )

    def verify_(self) -> None:
        verify_linear(self, self.register, self.result)
        verify_wires((self.wires,), len(self.wires), wire_count(self.register))


@operation
class MeasureOp(_OnWires):
    """Measures wires in the basis of Z; the outcome of `wires[i]` is written into bit `bits[i]`."""

    name = "qc.measure"

    bits: tuple[int, ...] = ints()

    def __init__(self, register: SSAValue, wires: Sequence[int], bits: Sequence[int]) -> None:
        super().__init__(register, wires, bits=tuple(bits))

    def verify_(self) -> None:
        super().verify_()
        check(len(self.bits) == len(self.wires), f"{len(self.wires)} wires but {len(self.bits)} bits")
        check(len(set(self.bits)) == len(self.bits), "a measurement writes a bit once")
        check(all(bit >= 0 for bit in self.bits), "a bit has a number from 0 on")


@operation
class ResetOp(_OnWires):
    """Brings wires back to |0>, whatever they were and whatever they are entangled with."""

    name = "qc.reset"


@operation
class DiscardOp(_OnWires):
    """Says that wires are used no more, until they are reset: they are traced out."""

    name = "qc.discard"


@operation
class PostselectOp(_OnWires):
    """Keeps the part of the state where each of `wires` reads its value, and normalises it."""

    name = "qc.postselect"

    values: tuple[int, ...] = ints()

    def __init__(self, register: SSAValue, wires: Sequence[int], values: Sequence[int]) -> None:
        super().__init__(register, wires, values=tuple(values))

    def verify_(self) -> None:
        super().verify_()
        check(len(self.values) == len(self.wires), f"{len(self.wires)} wires but {len(self.values)} values")
        check(set(self.values) <= {0, 1}, f"a wire reads 0 or 1, not {list(self.values)}")


@operation
class BarrierOp(_OnWires):
    """Changes nothing; passes move no gate across it."""

    name = "qc.barrier"


@operation
class MixedOp(IRDLOperation):
    """The register as a density matrix from here on; made by `plan.measurement`, for simulators only."""

    name = "qc.mixed"

    register = operand_def(RegType)
    result = result_def(RegType)

    traits = traits_def(Pure())

    def __init__(self, register: SSAValue) -> None:
        super().__init__(operands=[register], result_types=[register.type])

    def verify_(self) -> None:
        verify_linear(self, self.register, self.result)


OPERATIONS = (MeasureOp, ResetOp, DiscardOp, PostselectOp, BarrierOp)
NOT_UNITARY = (MeasureOp, ResetOp, DiscardOp, PostselectOp)
