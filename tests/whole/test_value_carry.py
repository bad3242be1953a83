"""Values carried along with qubits through loops over gates, against Qiskit and NumPy, in f64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import pytest
from jax.test_util import check_grads
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp, Statevector

from hqn.runtime.program import Model
from support.whole import Numbers, model


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def expected_z(circuit: QuantumCircuit, wire: int) -> float:
    word = SparsePauliOp.from_sparse_list([("Z", [wire], 1)], circuit.num_qubits)
    return float(Statevector(circuit).expectation_value(word).real)


CELL = """
circuit cell(xs: f32[t, 2], k: i32) -> f32[3] {        # a recurrent cell: qubits and a hidden state
  weight W: f32[2, 2] = normal(0.7)
  weight v: angle[2] = normal(1.0)
  qubits s
  (out, h, total) = scan x in xs take k carry (c = s, h = zeros[2], total = 0.0) {
    qubits w
    contract y[i] = W[i, j] * h[j]
    g = tanh(x + y)
    rx(g[0]) w
    ry(h[1] + total) w
    crx(v[0]) c, w
    discard c
    next c = w
    next h = g
    next total = total + x[0]
  }
  return [expect(Z(out)), h[0], total]
}
model net(xs: f32[5, 2], k: i32) -> f32[3] { return cell(xs, k) }
"""


@pytest.fixture(scope="module")
def recurrent() -> Model:
    return model(CELL)


def cell(xs: Numbers, k: int, w: Numbers, v: Numbers) -> list[float]:
    """Every turn has a qubit of its own, and nothing is discarded."""
    circuit, h, total = QuantumCircuit(len(xs) + 1), np.zeros(2), 0.0
    for turn in range(k):
        g = np.tanh(xs[turn] + w @ h)
        circuit.rx(g[0], turn + 1)
        circuit.ry(h[1] + total, turn + 1)
        circuit.crx(v[0], turn, turn + 1)
        h, total = g, total + xs[turn, 0]
    return [expected_z(circuit, k), h[0], total]


def test_a_recurrent_cell_with_a_hidden_state(recurrent: Model) -> None:
    variables = recurrent.init(0, "f64")
    slots: dict[str, Any] = variables.params["cell"]
    xs, counts = np.random.default_rng(0).normal(size=(6, 5, 2)), np.arange(6)
    found = jax.jit(recurrent.apply)(variables, xs, counts)
    w, v = np.asarray(slots["W"]), np.asarray(slots["v"])
    np.testing.assert_allclose(found, [cell(x, k, w, v) for x, k in zip(xs, counts)], atol=1e-10)


def test_its_derivatives(recurrent: Model) -> None:
    xs, counts = np.random.default_rng(1).normal(size=(3, 5, 2)), np.array([2, 5, 4])
    loss = jax.jit(lambda v, x: recurrent.apply(v, x, counts).sum())
    check_grads(loss, (recurrent.init(0, "f64"), xs), 1, ["rev"], eps=1e-5)


WRITTEN = """
layer step(h: f32) -> f32 {
  weight a: f32 = normal(1.0)
  return cos(a * h + 1)
}
circuit ladder(x: f32, n: i32) -> f32[4] {
  qubits q[3]
  h = repeat i in 0..2 take n carry (h = x) {            # the variable selects qubits: turns are written out
    weight w: angle = normal(1.0)
    ry(h) q[i]
    crx(w) q[i], q[i + 1]
    next h = step(h)
  }
  (down, up) = repeat 12 carry (down = h, up = 1) {      # stays a loop
    weight w: angle[3] = normal(1.0)
    rx(down * w) q
    cx q[0], q[1]
    next down = step(down)
    next up = up + 1
  }
  repeat l in 0..2 carry (a = x) {
    repeat i in 0..3 carry (b = a) {
      rz(b) q[i]
      ry(a) q[i]
      next b = 2.0 * b
    }
    next a = a + 1.0
  }
  return concat(expect(Z(q)), [down * f32(up)])
}
model net(x: f32, n: i32) -> f32[4] { return ladder(x, n) }
"""


def ladder(x: float, n: int, slots: dict[str, Any]) -> list[float]:
    circuit, h = QuantumCircuit(3), x
    first, second = np.asarray(slots["w"]), np.asarray(slots["w_2"])
    for turn in range(n):
        circuit.ry(h, turn)
        circuit.crx(first[turn], turn, turn + 1)
        h = np.cos(np.asarray(slots["one"]["a"])[turn] * h + 1)
    for turn in range(12):
        for wire in range(3):
            circuit.rx(h * second[turn, wire], wire)
        circuit.cx(0, 1)
        h = np.cos(np.asarray(slots["two"]["a"])[turn] * h + 1)
    for turn in range(2):
        for wire in range(3):
            circuit.rz(2.0**wire * (x + turn), wire)
            circuit.ry(x + turn, wire)
    return [*(expected_z(circuit, wire) for wire in range(3)), 13 * h]


def test_values_alone_are_carried_through_gates() -> None:
    text = WRITTEN.replace("step(h)", "step(h) as one").replace("step(down)", "step(down) as two")
    net = model(
        text.replace("weight w: angle[3]", "weight w_2: angle[3]").replace("down * w)", "down * w_2)")
    )
    variables = net.init(1, "f64")
    x, counts = np.array([0.3, -1.1, 2.0]), np.array([0, 1, 2])
    found = jax.jit(net.apply)(variables, x, counts)
    expected = [ladder(one, n, variables.params["ladder"]) for one, n in zip(x, counts)]
    np.testing.assert_allclose(found, expected, atol=1e-10)


TURNS = """
  repeat i in 0..2 take n {
    rx(x[i]) q[i]
    cz q[0], q[1]
  }
  h = repeat i in 0..12 carry (h = x[0]) {
    rx(h) q[0]
    pow(h) @ swap q[0], q[1]
    next h = cos(h)
  }
  rx(h) q[1]
"""
MODIFIED = f"""
circuit turns(x: f32[3], n: i32, q: qubit[2]) {{{TURNS}}}
circuit undone(x: f32[3], n: i32) -> f32[4] {{
  qubits q[2]
  ry(x[0..2]) q
  turns(x, n) q
  inv @ turns(x, n) q
  return probs(q)
}}
circuit controlled(x: f32[3], n: i32) -> f32[4] {{
  qubits c, q[2]
  ry(x[2]) c
  ctrl @ turns(x, n) c, q
  return probs(q)
}}
circuit under_a_bit(x: f32[3], n: i32) -> f32[4] {{
  qubits c, q[2]
  ry(x[2]) c
  b = measure c
  if b {{{TURNS}}}
  return probs(q)
}}
circuit plain(x: f32[3]) -> f32[4] {{
  qubits q[2]
  ry(x[0..2]) q
  return probs(q)
}}
model net(x: f32[3], n: i32) -> f32[4, 4] {{
  return stack[axis = 0](undone(x, n), plain(x), controlled(x, n), under_a_bit(x, n))
}}
"""


def test_such_loops_are_undone_and_controlled() -> None:
    net, x = model(MODIFIED), np.random.default_rng(2).normal(size=(3, 3))
    found = np.asarray(jax.jit(net.apply)(net.init(0, "f64"), x, np.arange(3)))
    undone, plain, controlled, under = np.moveaxis(found, 1, 0)
    np.testing.assert_allclose(undone, plain, atol=1e-10)
    np.testing.assert_allclose(controlled, under, atol=1e-10)
    assert np.ptp(controlled, axis=-1).min() > 1e-3
