"""`take n` of loops over gates whose variable selects qubits, against Qiskit's circuit of n turns."""

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
from support.whole import Numbers, model, module

CHAIN = """
circuit chain(x: f32[4], n: i32) -> f32[4] {
  qubits q[4]
  ry(x) q
  repeat i in 0..3 take n {
    weight w: angle = normal(1.0)
    crx(w) q[i], q[i + 1]
    if i == 1 { h q[0] }
  }
  repeat l in 0..7 take n {                       # groups of three turns, and one turn behind them
    weight v: angle[2] = normal(1.0)
    cx q[l % 3], q[l % 3 + 1]
    ry(v[0]) q[l % 3]
    rx(v[1] * x[l % 4]) q[3]
  }
  return expect(Z(q))
}
model net(x: f32[4], n: i32) -> f32[4] { return chain(x, n) }
"""


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module")
def net() -> Model:
    return model(CHAIN)


def chain(x: Numbers, n: int, w: Numbers, v: Numbers) -> list[float]:
    circuit = QuantumCircuit(4)
    for wire in range(4):
        circuit.ry(x[wire], wire)
    for i in range(min(n, 3)):
        circuit.crx(w[i], i, i + 1)
        if i == 1:
            circuit.h(0)
    for turn in range(min(n, 7)):
        circuit.cx(turn % 3, turn % 3 + 1)
        circuit.ry(v[turn, 0], turn % 3)
        circuit.rx(v[turn, 1] * x[turn % 4], 3)
    words = [SparsePauliOp.from_sparse_list([("Z", [wire], 1)], 4) for wire in range(4)]
    return [float(Statevector(circuit).expectation_value(word).real) for word in words]


def test_every_sample_goes_through_its_own_number_of_turns(net: Model) -> None:
    variables = net.init(0, "f64")
    slots: dict[str, Any] = variables.params["chain"]
    assert {name: slot.shape for name, slot in slots.items()} == {"w": (3,), "v": (7, 2)}
    x, counts = np.random.default_rng(0).normal(size=(9, 4)), np.arange(-1, 8)
    found = jax.jit(net.apply)(variables, x, counts)
    w, v = np.asarray(slots["w"]), np.asarray(slots["v"])
    expected = [chain(row, max(n, 0), w, v) for row, n in zip(x, counts)]
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_it_has_derivatives(net: Model) -> None:
    x, counts = np.random.default_rng(1).normal(size=(3, 4)), np.array([2, 5, 7])
    check_grads(jax.jit(lambda v: net.apply(v, x, counts).sum()), (net.init(0, "f64"),), 1, ["rev"], eps=1e-5)


def test_matrices_of_all_turns_are_built_once() -> None:
    text = CHAIN.replace("    rx(v[1] * x[l % 4]) q[3]\n", "")
    assert module(text).count('p["v"]') == 3
