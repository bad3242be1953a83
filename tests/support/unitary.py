"""What a circuit of the IR computes, with small NumPy matrices: the oracle of the passes.

Every function here is written from the definitions (OpenQASM 3, `stdgates.inc`), not from our code. Wire 0 is
the most significant bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hqn.compiler.ir import nn, qc
from hqn.compiler.ir.hqn import FuncOp, ReturnOp
from hqn.compiler.ir.instances import SlotOp
from hqn.compiler.ir.loops import LoopOp, YieldOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.nn_shape import ConcatOp, ReshapeOp
from hqn.compiler.ir.tensors import shape
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue

Matrix = NDArray[np.complex128]
I2, X, Y, Z = np.eye(2), np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
SWAP = np.eye(4)[[0, 2, 1, 3]]


def rotation(generator: Matrix, angle: float) -> Matrix:
    """exp(-i angle / 2 P) of a matrix with P P = 1."""
    return np.cos(angle / 2) * np.eye(len(generator)) - 1j * np.sin(angle / 2) * generator


def phase(angle: float) -> Matrix:
    return np.diag([1, np.exp(1j * angle)])


def u(theta: float, phi: float, lam: float) -> Matrix:
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    return np.array([[c, -np.exp(1j * lam) * s], [np.exp(1j * phi) * s, np.exp(1j * (phi + lam)) * c]])


def controlled(matrix: Matrix, on: int = 1) -> Matrix:
    """One control in front: the matrix where it is `on`, else nothing."""
    size = len(matrix)
    blocks = [np.eye(size, dtype=complex), matrix] if on else [matrix, np.eye(size, dtype=complex)]
    return np.block([[blocks[0], np.zeros((size, size))], [np.zeros((size, size)), blocks[1]]])


H, SX = (X + Z) / np.sqrt(2), np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2
FIXED: dict[str, Matrix] = {
    "id": I2, "x": X, "y": Y, "z": Z, "h": H, "sx": SX, "swap": SWAP,
    "s": phase(np.pi / 2), "sdg": phase(-np.pi / 2), "t": phase(np.pi / 4), "tdg": phase(-np.pi / 4),
    "cx": controlled(X), "cy": controlled(Y), "cz": controlled(Z), "ch": controlled(H),
    "ccx": controlled(controlled(X)), "cswap": controlled(SWAP),
    "iswap": rotation(np.kron(X, X), -np.pi / 2) @ rotation(np.kron(Y, Y), -np.pi / 2),
    "ecr": (np.kron(I2, X) - np.kron(X, Y)) / np.sqrt(2),
}  # fmt: skip


def gate_matrix(name: str, angles: Sequence[float]) -> Matrix:
    """The matrix of a gate, the first wire being the most significant."""
    a = list(angles)
    if name in FIXED:
        return FIXED[name]
    match name:
        case "rx" | "ry" | "rz":
            return rotation({"rx": X, "ry": Y, "rz": Z}[name], a[0])
        case "rxx" | "ryy" | "rzz" | "rzx":
            first, second = ({"x": X, "y": Y, "z": Z}[letter] for letter in name[1:])
            return rotation(np.kron(first, second), a[0])
        case "p" | "u1":
            return phase(a[0])
        case "u2":
            return u(np.pi / 2, a[0], a[1])
        case "u" | "u3":
            return u(*a)
        case "rot":
            return rotation(Z, a[2]) @ rotation(Y, a[1]) @ rotation(Z, a[0])
        case "cu":
            return controlled(np.exp(1j * a[3]) * u(*a[:3]))
    return controlled(gate_matrix(name[1:], a))


def modified(matrix: Matrix, mods: Sequence[qc.Mod]) -> Matrix:
    """Modifiers apply from the innermost, which stands last."""
    for mod in reversed(mods):
        match mod.kind:
            case "inv":
                matrix = matrix.conj().T
            case "pow":
                matrix = np.linalg.matrix_power(matrix, mod.value)
            case _:
                for _ in range(mod.value):
                    matrix = controlled(matrix, int(mod.kind == "ctrl"))
    return matrix


def embedded(matrix: Matrix, wires: Sequence[int], count: int) -> Matrix:
    """The matrix on some wires of `count`."""
    rest = [wire for wire in range(count) if wire not in wires]
    order = [*wires, *rest]
    whole = np.kron(matrix, np.eye(2 ** len(rest))).reshape((2,) * (2 * count))
    back = [order.index(wire) for wire in range(count)]
    return whole.transpose([*back, *(count + axis for axis in back)]).reshape(2**count, 2**count)


@dataclass
class Run:
    """A walk through one circuit: values of tensors, unitaries of registers, what queries saw."""

    module: Module
    values: dict[SSAValue, NDArray[np.float64]] = field(default_factory=dict)
    registers: dict[SSAValue, Matrix] = field(default_factory=dict)
    seen: dict[SSAValue, Matrix] = field(default_factory=dict)

    def block(self, block: Block) -> Operation:
        """Everything but the terminator, which is returned."""
        for op in block.ops:
            if isinstance(op, ReturnOp | YieldOp):
                return op
            self.step(op)
        raise AssertionError("a block ends in a terminator")

    def step(self, op: Operation) -> None:
        match op:
            case qc.AllocOp():
                self.registers[op.result] = np.eye(2 ** qc.wire_count(op.result), dtype=complex)
            case qc.GateOp():
                self.registers[op.result] = self.gate(op)
            case qc.ApplyOp():
                self.registers[op.result] = self.apply(op)
            case qc.ProbsOp():
                self.seen[op.result] = self.registers[op.register]
            case LoopOp():
                self.loop(op)
            case _:
                self.values[op.results[0]] = self.tensor(op)

    def gate(self, op: qc.GateOp) -> Matrix:
        state, count = self.registers[op.register], qc.wire_count(op.register)
        for row, wires in enumerate(op.wires):
            angles = [] if op.angles is None else self.values[op.angles][row]
            state = embedded(modified(gate_matrix(op.gate, angles), op.mods), wires, count) @ state
        return state

    def apply(self, op: qc.ApplyOp) -> Matrix:
        """The callee alone, modified, on the caller's wires."""
        callee = self.module[op.callee]
        inner = Run(self.module, dict(zip(callee.args[1:], (self.values[arg] for arg in op.args))))
        inner.registers[callee.args[0]] = np.eye(2 ** qc.wire_count(callee.args[0]), dtype=complex)
        alone = inner.registers[inner.block(callee.block).operands[-1]]
        count = qc.wire_count(op.register)
        return embedded(modified(alone, op.mods), op.wires, count) @ self.registers[op.register]

    def loop(self, op: LoopOp) -> None:
        state = self.registers[op.initial[0]]
        for turn in range(op.trips):
            self.values[op.index] = np.array(turn)
            self.registers[op.carries[0]] = state
            state = self.registers[self.block(op.block).operands[0]]
        self.registers[op.final[0]] = state

    def tensor(self, op: Operation) -> NDArray[np.float64]:
        given = [self.values[value] for value in op.operands]
        match op:
            case nn.ConstantOp():
                return np.resize(np.array(op.values, float), shape(op.result))
            case nn.MapOp() if op.fn == "add":
                return given[0] + given[1]
            case ConcatOp():
                return np.concatenate(given, op.axis)
            case ReshapeOp():
                return given[0].reshape(shape(op.result))
            case SlotOp():
                row = sum((given[0] * stride + offset for stride, offset in zip(op.strides, op.offsets)), 0)
                return np.sin(1.0 + row + np.arange(np.prod(shape(op.result)))).reshape(shape(op.result))
        raise AssertionError(f"{op.name} is not needed for circuits")


def unitaries(module: Module, name: str) -> list[Matrix]:
    """The unitary behind each returned query, of a circuit that makes its own register."""
    run = Run(module)
    function: FuncOp = module[name]
    end = run.block(function.block)
    assert isinstance(end, ReturnOp)
    return [run.seen[value] for value in end.operands]
