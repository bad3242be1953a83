"""Circuits that measure, as Qiskit's density matrices: one per outcome of the bits, with its probability."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import Gate
from qiskit.quantum_info import DensityMatrix, Operator, partial_trace

Bits = tuple[tuple[str, int], ...]
Condition = Callable[[dict[str, int]], bool]


@dataclass
class Branches:
    """`states[bits]` has the probability of the bits as its trace."""

    qubits: int
    states: dict[Bits, DensityMatrix] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.states = {(): DensityMatrix.from_label("0" * self.qubits)}

    def gate(self, gate: Gate, wires: tuple[int, ...], when: Condition = lambda _: True) -> None:
        self.states = {
            bits: state.evolve(Operator(gate), list(wires)) if when(dict(bits)) else state
            for bits, state in self.states.items()
        }

    def measure(self, wire: int, name: str) -> None:
        after: dict[Bits, DensityMatrix] = {}
        for bits, state in self.states.items():
            for value in (0, 1):
                known = tuple(sorted((dict(bits) | {name: value}).items()))
                part = state.evolve(Operator(np.diag([1 - value, value])), [wire])
                after[known] = after[known] + part if known in after else part
        self.states = after

    def reset(self, wire: int) -> None:
        lower = Operator(np.array([[0, 1], [0, 0]]))
        self.states = {
            bits: state.evolve(Operator(np.diag([1, 0])), [wire]) + state.evolve(lower, [wire])
            for bits, state in self.states.items()
        }

    def postselect(self, wire: int, value: int) -> None:
        keep = Operator(np.diag([1 - value, value]))
        parts = {bits: state.evolve(keep, [wire]) for bits, state in self.states.items()}
        total = sum(state.trace().real for state in parts.values())
        scale = 1 / total if total > 1e-6 else np.nan
        self.states = {bits: state * scale for bits, state in parts.items()}

    def density(self, wires: tuple[int, ...]) -> NDArray[np.complex128]:
        """Of some wires in ascending order, the first the most significant bit."""
        total = sum(state.data for state in self.states.values())
        rest = [wire for wire in range(self.qubits) if wire not in wires]
        reduced = partial_trace(DensityMatrix(total), rest)
        return np.asarray(reduced.reverse_qargs().data)
