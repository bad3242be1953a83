"""Projectors, fidelities and variances of matrices against Qiskit, in f64."""

from __future__ import annotations

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import DensityMatrix, Statevector, partial_trace

from support.whole import Numbers, apply, model

X, K = np.array([0.4, 1.1]), np.array(2, np.int32)
M = np.random.default_rng(2).normal(size=(4, 4))
H = M + M.T
V = np.array([0.3, -1.2])
TEXT = """
circuit other(x: f32[2]) -> c64[4] {
  qubits q[2]
  ry(x) q
  cx q[0], q[1]
  return state(q)
}
circuit c(x: f32[2], k: idx[4], m: f32[4, 4], v: f32[2]) -> f32[9] {
  qubits q[3]
  rx(x[0]) q
  cx q[0], q[1]
  cx q[1], q[2]
  ry(x[1]) q
  s = m + transpose(m)
  return [fidelity(q[1..3], other(x)), fidelity(q[2], v), fidelity(q[0], 0.0 * v),
    expect(P0(q[0]) * P1(q[2])), expect(P1(q))[1], expect(projector(k, q[2], q[0])),
    var(projector(2, q[0..2])), expect(hermitian(s, q[0..2])), var(hermitian(s, q[0..2]))]
}
circuit d(x: f32[2], k: idx[4], m: f32[4, 4], v: f32[2]) -> f32[4] {
  qubits q[2]
  repeat 2 {
    ry(x) q
    cx q[0], q[1]
    reset q[0]
    rx(x) q
  }
  s = m + transpose(m)
  return [fidelity(q, other(x)), fidelity(q[1], v), var(hermitian(s, q)), entropy(q[0])]
}
model net(x: f32[2], k: idx[4], m: f32[4, 4], v: f32[2]) -> f32[13] {
  weight one: f32 = ones
  return concat(c(one * x, k, m, v), d(one * x, k, m, v))
}
"""


def density(circuit: QuantumCircuit, *wires: int) -> Numbers:
    """Of some wires, the first the most significant bit."""
    rest = [wire for wire in range(circuit.num_qubits) if wire not in wires]
    found = partial_trace(DensityMatrix(circuit), rest).reverse_qargs()
    return swapped(found.data) if wires != tuple(sorted(wires)) else found.data


def swapped(rho: Numbers) -> Numbers:
    return rho.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)


def pure() -> QuantumCircuit:
    circuit = QuantumCircuit(3)
    circuit.rx(X[0], range(3))
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.ry(X[1], range(3))
    return circuit


def reset_twice() -> DensityMatrix:
    state = DensityMatrix.from_label("00")
    turn = QuantumCircuit(2)
    turn.ry(X[0], 0)
    turn.ry(X[1], 1)
    turn.cx(0, 1)
    after = QuantumCircuit(2)
    after.rx(X[0], 0)
    after.rx(X[1], 1)
    for _ in range(2):
        state = state.evolve(turn).reset([0]).evolve(after)
    return state


def other() -> Numbers:
    circuit = QuantumCircuit(2)
    circuit.ry(X[0], 0)
    circuit.ry(X[1], 1)
    circuit.cx(0, 1)
    return Statevector(circuit).reverse_qargs().data


def variance(rho: Numbers, matrix: Numbers) -> float:
    return float((np.trace(rho @ matrix @ matrix) - np.trace(rho @ matrix) ** 2).real)


def overlap(rho: Numbers, vector: Numbers) -> float:
    return float((vector.conj() @ rho @ vector).real / (vector.conj() @ vector).real)


def test_projectors_fidelities_and_variances() -> None:
    circuit = pure()
    probabilities = np.diag(density(circuit, 0, 2)).real
    first = density(circuit, 0, 1)
    p = first[2, 2].real
    one = [
        overlap(density(circuit, 1, 2), other()),
        overlap(partial_trace(DensityMatrix(circuit), [0, 1]).data, V),
        0.0,
        probabilities[1],
        partial_trace(DensityMatrix(circuit), [0, 2]).data[1, 1].real,
        np.diag(density(circuit, 2, 0)).real[2],
        p - p**2,
        np.trace(first @ H).real,
        variance(first, H),
    ]
    state = reset_twice()
    rho = state.reverse_qargs().data
    values = np.linalg.eigvalsh(partial_trace(state, [1]).data)
    two = [
        overlap(rho, other()),
        overlap(partial_trace(state, [0]).data, V),
        variance(rho, H),
        -sum(v * np.log(v) for v in values if v > 0),
    ]
    np.testing.assert_allclose(apply(model(TEXT), [X, K, M, V]), [*one, *two], atol=1e-10)
