"""Matrices as gates: they are the matrix, phase included, with as few cx as Qiskit's criteria ask."""

from __future__ import annotations

from itertools import product
from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit.library import CXGate
from qiskit.quantum_info import Operator
from qiskit.synthesis import TwoQubitBasisDecomposer
from scipy.linalg import expm
from scipy.stats import unitary_group

from hqn.compiler.emit.qasm.scalar import Number
from hqn.compiler.emit.qasm.synthesis import synthesized
from support.whole import Numbers

X, Y, Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
CX_COUNT = TwoQubitBasisDecomposer(CXGate())
SPECIAL = [0, pi / 4, -pi / 4, pi / 2, 0.3]


def cx_of(matrix: Numbers, within: float = 1e-13) -> int:
    """How many cx the gates of a matrix have, which are the matrix."""
    qubits = len(matrix).bit_length() - 1
    circuit = QuantumCircuit(qubits)
    gates = synthesized(matrix, range(qubits), with_phase=True)
    for gate in gates:
        angles = [angle.value for angle in gate.angles if isinstance(angle, Number)]
        getattr(circuit, gate.name)(*angles, *(qubits - 1 - wire for wire in gate.wires))
    np.testing.assert_allclose(Operator(circuit).data, matrix, atol=within)
    return sum(gate.name == "cx" for gate in gates)


def local(random: np.random.Generator) -> Numbers:
    return np.kron(*(unitary_group.rvs(2, random_state=random) for _ in range(2)))


def interaction(*coordinates: float) -> Numbers:
    paulis = (factor * np.kron(p, p) for factor, p in zip(coordinates, (X, Y, Z), strict=True))
    return np.asarray(expm(1j * sum(paulis)))


@pytest.mark.parametrize("qubits", [1, 2, 3, 4])
def test_synthesis_is_the_matrix(qubits: int) -> None:
    """Random unitaries, and those with equal eigenvalues and zero blocks."""
    random, size = np.random.default_rng(qubits), 2**qubits
    plain = np.eye(size, dtype=complex)
    shuffled = plain[random.permutation(size)]
    phases = np.diag(np.exp(1j * random.normal(size=size)))
    matrices = [unitary_group.rvs(size, random_state=random), plain, -1j * plain, shuffled, phases]
    counts = [cx_of(matrix) for matrix in matrices]
    assert max(counts) <= {1: 0, 2: 3, 3: 24, 4: 120}[qubits] and counts[1] == counts[2] == 0


def test_two_qubits_take_no_more_cx_than_their_class() -> None:
    """Every corner, edge and face of the Weyl chamber, bare and between random matrices of single qubits."""
    random = np.random.default_rng(0)
    for coordinates in product(SPECIAL, repeat=3):
        bare = interaction(*coordinates)
        for matrix in (bare, local(random) @ bare @ local(random)):
            assert cx_of(matrix, 1e-11) == CX_COUNT.num_basis_gates(matrix), coordinates


@given(st.lists(st.sampled_from(SPECIAL), min_size=3, max_size=3), st.integers(-16, -3), st.integers(0, 99))
def test_nearly_equal_eigenvalues_are_exact_too(corner: list[float], size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    near = interaction(*(one + 10.0**size * random.normal() for one in corner))
    assert cx_of(local(random) @ near @ local(random), 1e-10) <= 3
