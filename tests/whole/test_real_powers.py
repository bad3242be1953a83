"""`pow` of floats: every gate that has such powers, with controls, against powers of Qiskit's matrices."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np
import pytest
from jax.test_util import check_grads
from qiskit import QuantumCircuit, qasm2
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Operator, SparsePauliOp, Statevector
from scipy.linalg import schur

import hqn
from hqn.compiler.types.circuits.gates import GATES
from hqn.compiler.types.circuits.real_powers import POWERS
from hqn.runtime.program import Model
from support.qiskit_gates import modified, qiskit_gate
from support.whole import Numbers, model

ANGLE = 0.7
RANDOM = np.random.default_rng(3)
NAMES = [name for name, gate in GATES.items() if gate.name in POWERS]
EXPONENTS = dict(zip(NAMES, RANDOM.uniform(-2.5, 2.5, len(NAMES))))


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def powered(matrix: Numbers, exponent: float) -> Numbers:
    """The principal power: of eigenvalues e^(ia) with -pi < a <= pi."""
    triangle, basis = schur(matrix, output="complex")
    phases = np.angle(np.diag(triangle))
    phases = np.where(phases < -np.pi + 1e-9, np.pi, phases)
    power: Numbers = (basis * np.exp(1j * exponent * phases)) @ basis.conj().T
    return power


def listed(wires: Numbers) -> str:
    return ", ".join(f"q[{wire}]" for wire in wires)


def test_every_gate_with_and_without_a_control() -> None:
    """One circuit of them all; half of the exponents are inputs."""
    lines, expected = [], QuantumCircuit(4)
    lines.append("  rot([0.3, 1.1, -0.4]) q")
    for wire in range(4):
        expected.append(qiskit_gate("rot", [0.3, 1.1, -0.4]), [wire])
    for number, name in enumerate(NAMES):
        angles = [ANGLE] * GATES[name].params
        gate, exponent = qiskit_gate(name, angles), EXPONENTS[name]
        text = f"{name}({ANGLE})" if angles else name
        given = f"k[{number}]" if number % 2 else f"{exponent:.17g}"
        plain = RANDOM.permutation(4)[: gate.num_qubits]
        under = RANDOM.permutation(4)[: gate.num_qubits + 1]
        lines.append(f"  pow({given}) @ {text} {listed(plain)}")
        lines.append(f"  ctrl @ inv @ pow({given}) @ {text} {listed(under)}")
        matrix = Operator(gate).to_matrix()
        expected.append(UnitaryGate(powered(matrix, exponent)), plain.tolist())
        back = UnitaryGate(powered(matrix, exponent).conj().T)
        expected.append(modified(back, "ctrl"), under.tolist())
    body = "\n".join(lines)
    text = f"circuit c(k: f32[{len(NAMES)}]) -> c64[16] {{\n  qubits q[4]\n{body}\n  return state(q)\n}}\n"
    net = model(f"{text}model net(k: f32[{len(NAMES)}]) -> c64[16] {{ return c(k) }}\n")
    found = np.asarray(jax.jit(net.apply)(net.init(0, "f64"), np.array(list(EXPONENTS.values()))))
    np.testing.assert_allclose(found, Statevector(expected.reverse_bits()).data, atol=1e-9)


TRAINED = """
circuit c(x: f32[3]) -> f32[3] {
  qubits q[3]
  weight k: f32[3] = normal(1.0)
  h q
  pow(x) @ z q                                  # a register: an exponent for each qubit
  pow(k[0] * x[0]) @ ctrl @ inv @ pow(2) @ rx(x[0..2]) q[0], q[1..3]
  repeat l in 0..2 {
    weight r: f32 = ones
    ctrl @ pow(r) @ swap q[0], q[1], q[2]
    pow(0.5) @ pow(k[l + 1]) @ h q
  }
  return expect(Z(q))
}
model net(x: f32[3]) -> f32[3] { return c(x) }
execute shift { default gradient parameter_shift }
"""


def test_exponents_have_derivatives_and_shift_rules() -> None:
    net = hqn.compile(TRAINED).models["net"]
    variables, x = net.init(0, "f64"), np.array([0.4, -1.3, 0.8])
    check_grads(jax.jit(lambda v, x: net.apply(v, x).sum()), (variables, x), 1, ["rev"], eps=1e-5)

    def gradient(model: Model) -> Numbers:
        return np.asarray(jax.jit(jax.grad(lambda x: model.apply(variables, x).sum()))(x))

    np.testing.assert_allclose(gradient(net.under("shift")), gradient(net), atol=1e-9)


def test_they_are_exported_as_gates() -> None:
    net, x = hqn.compile(TRAINED).models["net"], np.array([0.4, -1.3, 0.8])
    variables = net.init(0, "f64")
    (text,) = net.qasm(variables, version="2.0", x=x).values()
    circuit = qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    circuit.remove_final_measurements()
    words = [SparsePauliOp.from_sparse_list([("Z", [wire], 1)], 3) for wire in range(3)]
    expected = [Statevector(circuit).expectation_value(word).real for word in words]
    np.testing.assert_allclose(net.apply(variables, x), expected, atol=1e-9)
