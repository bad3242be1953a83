"""Kernels against Qiskit: every gate, modifier and result on random circuits, in f64."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator, Pauli, Statevector

from hqn.runtime import circuit as qc
from hqn.runtime.circuit.gates import CONSTANTS, GATES
from support.qiskit_gates import QISKIT, qiskit_gate

KNOWN = sorted({*CONSTANTS, *GATES} & QISKIT.keys())


@pytest.fixture(autouse=True)
def double() -> object:
    with jax.enable_x64(True):
        yield


def matrix(circuit: QuantumCircuit) -> np.ndarray:
    """The unitary with qubit 0 the most significant bit."""
    return Operator(circuit.reverse_bits()).data


def alone(gate: object, qubits: int) -> np.ndarray:
    circuit = QuantumCircuit(qubits)
    circuit.append(gate, range(qubits))
    return matrix(circuit)


@pytest.mark.parametrize("name", sorted(CONSTANTS))
def test_constant(name: str) -> None:
    ours = qc.gate(name)
    np.testing.assert_allclose(ours, alone(QISKIT[name](), len(ours).bit_length() - 1), atol=1e-12)


@pytest.mark.parametrize("name", sorted(GATES.keys() & QISKIT.keys()))
def test_parametrised(name: str) -> None:
    angles = np.random.default_rng(0).uniform(-7, 7, (3, GATES[name][0]))
    ours = np.asarray(qc.gate(name, angles))
    for row, angle in zip(ours, angles):
        np.testing.assert_allclose(row, alone(QISKIT[name](*angle), len(row).bit_length() - 1), atol=1e-12)


@pytest.mark.parametrize("name", ["u2", "u3", "u", "rot"])
def test_general_rotations(name: str) -> None:
    w = np.random.default_rng(1).uniform(-7, 7, GATES[name][0])
    np.testing.assert_allclose(qc.gate(name, w), alone(qiskit_gate(name, w), 1), atol=1e-12)


# --- random circuits ------------------------------------------------------------------------------

Gate = tuple[str, tuple[int, ...], tuple[float, ...], str]
N = 4


@st.composite
def gates(draw: st.DrawFn) -> Gate:
    name = draw(st.sampled_from(sorted({*KNOWN} - {"sxdg"})))
    kind = draw(st.sampled_from(["", "", "", "inv", "pow", "ctrl", "negctrl"]))
    size = len(CONSTANTS[name]) if name in CONSTANTS else 2 ** QISKIT[name](*[0] * GATES[name][0]).num_qubits
    width = size.bit_length() - 1 + (kind in ("ctrl", "negctrl"))
    wires = tuple(draw(st.permutations(range(N)))[:width])
    count = 0 if name in CONSTANTS else GATES[name][0]
    angles = tuple(draw(st.floats(-6, 6)) for _ in range(count))
    return name, wires, angles, kind


def reference(circuit: list[Gate]) -> np.ndarray:
    whole = QuantumCircuit(N)
    for name, wires, angles, kind in circuit:
        gate = QISKIT[name](*angles)
        if kind == "inv":
            gate = gate.inverse()
        elif kind == "pow":
            width = gate.num_qubits
            twice = QuantumCircuit(width)
            twice.append(gate, range(width))
            twice.append(gate, range(width))
            gate = twice.to_gate()
        elif kind:
            gate = gate.control(1, ctrl_state=int(kind == "ctrl"))
        whole.append(gate, wires)
    return Statevector(whole.reverse_bits()).data


def modified(name: str, angles: tuple[float, ...], kind: str) -> np.ndarray:
    u = qc.gate(name, np.array(angles) if angles else None)
    return {
        "": lambda: u,
        "inv": lambda: qc.inverse(u),
        "pow": lambda: qc.power(u, 2),
        "ctrl": lambda: qc.control(u),
        "negctrl": lambda: qc.control(u, (0,)),
    }[kind]()


DIAGONAL = {"z", "s", "sdg", "t", "tdg", "cz", "id", "rz", "p", "u1", "rzz", "crz", "cp"}
MOVES = {"x", "cx", "ccx", "swap", "cswap"}


def step(q: qc.State, gate: Gate) -> qc.State:
    """One gate through the kernel made for it."""
    name, wires, angles, kind = gate
    on = {"ctrl": (1,), "negctrl": (0,)}.get(kind, ())
    if name in MOVES:
        twice = 2 if kind == "pow" else 1
        rest = 1 if name in ("cx", "cswap") else 2 if name == "ccx" else 0
        return qc.permute(q, qc.permutation(N, *[(name, (wires,), (*on, *(1,) * rest))] * twice))
    if name in DIAGONAL:
        scale = {"inv": -1.0, "pow": 2.0}.get(kind, 1.0)
        values = np.array([angles[0]]) if angles else None
        return qc.phase(q, qc.diagonal(name, (wires,), values, on=on, scale=scale))
    return qc.block(q, modified(name, angles, kind), wires)


def fidelity(a: np.ndarray, b: np.ndarray) -> float:
    return float(abs(np.vdot(a, b)) ** 2)


@settings(max_examples=40, deadline=None)
@given(st.lists(gates(), min_size=1, max_size=12))
def test_random_circuits(circuit: list[Gate]) -> None:
    q = qc.zero_state(N, like=np.float64(0))
    for gate in circuit:
        q = step(q, gate)
    ours, theirs = np.asarray(qc.state(q)), reference(circuit)
    np.testing.assert_allclose(ours, theirs * np.exp(1j * np.angle(np.vdot(theirs, ours))), atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.lists(gates(), min_size=1, max_size=8))
def test_fused_block_is_the_circuit(circuit: list[Gate]) -> None:
    steps = []
    for name, wires, angles, kind in circuit:
        if name in MOVES and kind == "":
            on = (1,) * {"cx": 1, "ccx": 2, "cswap": 1}.get(name, 0)
            local = tuple(range(len(wires)))
            steps.append((qc.permutation(len(wires), (name, (local,), on)), wires))
        else:
            steps.append((modified(name, angles, kind), wires))
    q = qc.block(qc.zero_state(N, like=np.float64(0)), qc.fuse(N, *steps), range(N))
    ours, theirs = np.asarray(qc.state(q)), reference(circuit)
    np.testing.assert_allclose(ours, theirs * np.exp(1j * np.angle(np.vdot(theirs, ours))), atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(gates(), max_size=6),
    st.lists(st.text("IXYZ", min_size=N, max_size=N), min_size=1, max_size=8),
    st.permutations(range(N)).flatmap(lambda order: st.integers(1, N).map(lambda k: order[:k])),
)
def test_results(circuit: list[Gate], words: list[str], wires: list[int]) -> None:
    q = qc.zero_state(N, like=np.float64(0))
    for gate in circuit:
        q = step(q, gate)
    theirs = Statevector(reference(circuit))  # wire 0 is Qiskit's highest
    paulis = [theirs.expectation_value(Pauli(word)).real for word in words]
    np.testing.assert_allclose(qc.expect(q, words), paulis, atol=1e-9)
    zs = [theirs.expectation_value(Pauli("I" * i + "Z" + "I" * (N - 1 - i))).real for i in range(N)]
    np.testing.assert_allclose(qc.expect_z(q), zs, atol=1e-9)
    places = [N - 1 - wire for wire in reversed(wires)]
    np.testing.assert_allclose(qc.probs(q, wires), theirs.probabilities(places), atol=1e-9)


def test_sums_of_words() -> None:
    q = qc.product_state(2, (qc.rx(np.array([0.3, 1.1])), (0, 1)))
    one = np.asarray(qc.expect(q, ("ZI", "IZ", "YZ")))
    both = qc.expect(q, ("ZI", "IZ", "YZ"), coefficients=(2.0, -1.0, 0.5), outputs=(1, 0, 1))
    np.testing.assert_allclose(both, [-one[1], 2 * one[0] + 0.5 * one[2]], atol=1e-12)
