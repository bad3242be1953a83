"""Circuits without weights become part of the circuits that apply them, so that their gates meet.

What came before: `qc.call` of library circuits such as `cx_ring`. What leaves: their gates on the caller's
wires. Invariant: a circuit that owns weights or instances stays a call, since its slots are read by its own
paths; so do one applied under `inv` or `pow`, and amplitude encodings whose state is written down.
"""

from __future__ import annotations

from collections.abc import Mapping

from hqn.compiler.ir import qc
from hqn.compiler.ir.amplitudes import writes_amplitudes
from hqn.compiler.ir.hqn import FuncOp, ReturnOp
from hqn.compiler.ir.location import like
from hqn.compiler.ir.loops import LoopOp, YieldOp
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue
from hqn.compiler.passes.chain import erase
from hqn.compiler.passes.eliminate_dead import drop_uncalled

_PUSHED = ("ctrl", "negctrl", *qc.CONDITIONS)


def inline_circuits(built: Built) -> None:
    """Replaces applications of circuits without weights by their gates."""
    functions = dict(built.module.functions)
    for function in functions.values():
        for call in list(function.walk()):
            if isinstance(call, qc.ApplyOp) and _fits(call, functions[call.callee]):
                _inline(call, functions[call.callee], _bits(function))
    drop_uncalled(built)


def _fits(call: qc.ApplyOp, callee: FuncOp) -> bool:
    owns = callee.slots or callee.children or len(callee.returns) != 1
    known = (qc.GateOp, LoopOp, YieldOp, ReturnOp, *qc.OPERATIONS)
    simple = all(isinstance(op, known) for op in callee.walk() if _threads(op))
    pushed = all(mod.kind in _PUSHED for mod in call.mods)
    return not owns and simple and pushed and not writes_amplitudes(call, callee)


def _threads(op: Operation) -> bool:
    """Whether an operation takes a register."""
    return any(isinstance(value.type, qc.RegType) for value in op.operands)


def _bits(function: FuncOp) -> int:
    """How many classical bits a circuit has."""
    measured = (op for op in function.walk() if isinstance(op, qc.MeasureOp))
    return max((bit + 1 for op in measured for bit in op.bits), default=0)


def _inline(call: qc.ApplyOp, callee: FuncOp, bits: int) -> None:
    controls = qc.controls(call.mods)
    inliner = _Inliner(call, call.wires[:controls], call.wires[controls:], bits)
    values: dict[SSAValue, SSAValue] = dict(zip(callee.args, (call.register, *call.args)))
    block = call.parent_block()
    assert block is not None
    end = inliner.copy(callee.block, values, block, call)
    call.result.replace_all_uses_with(values[end.operands[0]])
    erase(call)


class _Inliner:
    """Copies operations, with wires and modifiers as the caller has them; its bits come before theirs."""

    def __init__(
        self, call: qc.ApplyOp, controls: tuple[int, ...], wires: tuple[int, ...], bits: int
    ) -> None:
        self.call, self.controls, self.wires, self.bits = call, controls, wires, bits

    def copy(
        self, source: Block, values: dict[SSAValue, SSAValue], to: Block, before: Operation | None
    ) -> Operation:
        """Copies all but the terminator, which is returned."""
        for op in source.ops:
            if op.next_op is None:
                break
            made = self._copied(op, values)
            if before is None:
                to.add_op(made)
            else:
                to.insert_op_before(made, before)
            values.update(zip(op.results, made.results))
        last = source.last_op
        assert last is not None
        return last

    def _copied(self, op: Operation, values: dict[SSAValue, SSAValue]) -> Operation:
        if isinstance(op, qc.GateOp):
            return like(self._gate(op, values), op)
        if isinstance(op, qc.OPERATIONS):
            return like(self._operation(op, values), op)
        if isinstance(op, LoopOp) and _threads(op):
            return like(self._loop(op, values), op)
        return op.clone(dict(values))

    def _gate(self, gate: qc.GateOp, values: Mapping[SSAValue, SSAValue]) -> qc.GateOp:
        wires = [(*self.controls, *(self.wires[wire] for wire in one)) for one in gate.wires]
        angles = None if gate.angles is None else values.get(gate.angles, gate.angles)
        mods = [
            qc.Mod(mod.kind, mod.value + self.bits) if mod.kind in qc.CONDITIONS else mod for mod in gate.mods
        ]
        return qc.GateOp(gate.gate, values[gate.register], wires, angles, (*self.call.mods, *mods))

    def _operation(self, op: Operation, values: Mapping[SSAValue, SSAValue]) -> Operation:
        wires = [self.wires[wire] for wire in op.wires]  # type: ignore[attr-defined]
        register = values[op.operands[0]]
        match op:
            case qc.MeasureOp():
                return qc.MeasureOp(register, wires, [bit + self.bits for bit in op.bits])
            case qc.PostselectOp():
                return qc.PostselectOp(register, wires, op.values)
            case qc.ResetOp() | qc.DiscardOp() | qc.BarrierOp():
                return type(op)(register, wires)
        raise AssertionError(op.name)

    def _loop(self, loop: LoopOp, values: Mapping[SSAValue, SSAValue]) -> LoopOp:
        inside = dict(values)
        register = self.call.register.type
        types = [register if isinstance(arg.type, qc.RegType) else arg.type for arg in loop.block.args]
        body = Block(arg_types=types)
        inside.update(zip(loop.block.args, body.args))
        end = self.copy(loop.block, inside, body, None)
        body.add_op(YieldOp([inside.get(value, value) for value in end.operands]))
        operands = [[values.get(value, value) for value in group] for group in (loop.domains, loop.initial)]
        take = None if loop.take is None else values.get(loop.take, loop.take)
        return type(loop)(loop.trips, operands[0], operands[1], body, take)
