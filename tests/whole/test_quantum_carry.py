"""Qubits carried through loops, and qubits of their own in loops and circuits, against Qiskit, in f64."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np
import pytest
from jax.test_util import check_grads
from qiskit import QuantumCircuit
from qiskit.circuit.library import CRXGate, CXGate, HGate, RXGate, RYGate, RZGate, XGate
from qiskit.quantum_info import SparsePauliOp, Statevector

from support.branches import Branches
from support.whole import Numbers, apply, model

STAIRCASE = """
circuit word(w: angle[3], q: qubit) {
  rx(w[0]) q
  rz(w[1]) q
  rx(w[2]) q
}
circuit box(c: qubit, w: qubit) {
  weight th: angle[4] = normal(0.5)
  ry(th[0]) c
  ry(th[1]) w
  cx c, w
  ry(th[2]) c
  ry(th[3]) w
}
circuit ptn[vocab](toks: idx[vocab][len], n: i32) -> f32 {
  weight E: angle[vocab, 3] = uniform(-pi, pi)
  qubits s
  out = scan t in toks take n carry (c = s) {
    qubits w
    word(E[t]) w
    box c, w
    discard c
    next c = w
  }
  return expect(Z(out))
}
model net(toks: idx[5][6], n: i32) -> f32 { return ptn[5](toks, n) }
"""


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def staircase(tokens: Numbers, angles: Numbers, theta: Numbers) -> float:
    """Every token has a qubit of its own, and nothing is discarded."""
    circuit = QuantumCircuit(len(tokens) + 1)
    for turn, token in enumerate(tokens):
        carry, fresh = turn, turn + 1
        for gate, angle in zip((circuit.rx, circuit.rz, circuit.rx), angles[token]):
            gate(angle, fresh)
        circuit.ry(theta[0], carry)
        circuit.ry(theta[1], fresh)
        circuit.cx(carry, fresh)
        circuit.ry(theta[2], carry)
        circuit.ry(theta[3], fresh)
    last = SparsePauliOp.from_sparse_list([("Z", [len(tokens)], 1)], len(tokens) + 1)
    return float(Statevector(circuit).expectation_value(last).real)


def test_a_staircase_with_discards_is_the_circuit_with_a_qubit_per_token() -> None:
    net = model(STAIRCASE)
    variables = net.init(3, "f64")
    tokens = np.array([[0, 4, 2, 1, 1, 3], [3, 3, 0, 2, 4, 1], [1, 0, 0, 0, 2, 2]])
    counts = np.array([6, 3, 0])
    slots = variables.params["ptn"]
    found = jax.jit(net.apply)(variables, tokens, counts)
    expected = [
        staircase(row[:n], np.asarray(slots["E"]), np.asarray(slots["box"]["th"]))
        for row, n in zip(tokens, counts)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-10)
    check_grads(jax.jit(lambda v: net.apply(v, tokens, counts).sum()), (variables,), 1, ["rev"], eps=1e-5)


OWN = """
circuit parity(q: qubit[n]) {
  qubits a
  repeat i in 0..n { cx q[i], a }
  b = measure a
  if b { x q[0] }
}
circuit blur(q: qubit[n]) {
  weight w: angle[n] = uniform(0, pi)
  qubits a
  ry(0.7) a
  repeat i in 0..n { crx(w[i]) a, q[i] }
  discard a
}
circuit pool(a: qubit, b: qubit) {
  weight w: angle[2] = uniform(0, pi)
  m = measure a
  if m { rz(w[0]) b } else { rx(w[1]) b }
}
circuit c(x: f32[3]) -> f32[8] {
  qubits q[3]
  ry(x) q
  blur q as first
  h q[1]
  parity q
  repeat 2 { blur q as again
    rx(x) q }
  return probs(q)
}
circuit d(x: f32[3]) -> f32[2] {
  qubits q[3]
  ry(x) q
  cx q[0], q[1]
  pool q[0], q[1] as one
  h q[2]
  pool q[2], q[1] as two
  return probs(q[1])
}
model net(x: f32[3]) -> f32[10] { return concat(c(x), d(x)) }
"""


def blurred(branches: Branches, angles: Numbers) -> None:
    branches.reset(3)
    branches.gate(RYGate(0.7), (3,))
    for wire, angle in enumerate(angles):
        branches.gate(CRXGate(angle), (3, wire))


def test_circuits_with_qubits_of_their_own() -> None:
    net, x = model(OWN), np.array([0.4, 1.3, -0.8])
    variables = net.init(1, "f64")
    found = np.asarray(jax.jit(net.apply)(variables, x))
    slots = variables.params["c"]
    branches = Branches(4)
    for wire in range(3):
        branches.gate(RYGate(x[wire]), (wire,))
    blurred(branches, np.asarray(slots["first"]["w"]))
    branches.gate(HGate(), (1,))
    branches.reset(3)
    for wire in range(3):
        branches.gate(CXGate(), (wire, 3))
    branches.measure(3, "b")
    branches.gate(XGate(), (0,), lambda bits: bits["b"] == 1)
    for turn in range(2):
        blurred(branches, np.asarray(slots["again"]["w"])[turn])
        for wire in range(3):
            branches.gate(RXGate(x[wire]), (wire,))
    np.testing.assert_allclose(found[:8], np.diag(branches.density((0, 1, 2))).real, atol=1e-10)
    np.testing.assert_allclose(found[8:], pooled(x, variables.params["d"]), atol=1e-10)
    check_grads(jax.jit(lambda v: net.apply(v, x)[2:9]), (variables,), 1, ["rev"], eps=1e-5)


def pooled(x: Numbers, slots: dict[str, dict[str, Numbers]]) -> Numbers:
    branches = Branches(3)
    for wire in range(3):
        branches.gate(RYGate(x[wire]), (wire,))
    branches.gate(CXGate(), (0, 1))
    for measured, label in ((0, "one"), (2, "two")):
        if measured == 2:
            branches.gate(HGate(), (2,))
        z, flip = np.asarray(slots[label]["w"])
        branches.measure(measured, "m")
        branches.gate(RZGate(z), (1,), lambda bits: bits["m"] == 1)
        branches.gate(RXGate(flip), (1,), lambda bits: bits["m"] == 0)
    return np.diag(branches.density((1,))).real


PERMUTED = """
circuit c(x: f32[2]) -> f32[4] {
  qubits a, b
  ry(x[0]) a
  ry(x[1]) b
  (one, two) = repeat i in 0..3 carry (p = a, q = b) {
    qubits w
    ry(0.5 + x[0]) w
    cx p, q
    discard p
    next p = q
    next q = w
  }
  return probs(one, two)
}
model net(x: f32[2]) -> f32[4] {
  weight one: f32 = ones
  return c(one * x)
}
"""


def test_several_carries_move_on_together() -> None:
    x = np.array([0.4, 1.3])
    circuit = QuantumCircuit(5)
    for wire, angle in enumerate((*x, *[0.5 + x[0]] * 3)):
        circuit.ry(angle, wire)
    for turn in range(3):
        circuit.cx(turn, turn + 1)
    expected = Statevector(circuit).probabilities([4, 3])
    np.testing.assert_allclose(apply(model(PERMUTED), [x]), expected, atol=1e-10)
