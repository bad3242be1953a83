"""Variances, reduced density matrices, purities and entropies against Qiskit, in f64."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np
import pytest
from jax.test_util import check_grads
from qiskit import QuantumCircuit
from qiskit.quantum_info import DensityMatrix, SparsePauliOp, Statevector, entropy, partial_trace

from support.whole import Numbers, model

RANDOM = np.random.default_rng(5)


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def net(result: str, query: str):
    """Four qubits, rotated by the input and entangled; its weight is 1, and there to say f64."""
    lines = "qubits q[4]\nry(x) q\ncx q[0], q[1]\nrx(x) q\ncx q[1], q[2]\ncx q[2], q[3]\nrz(x) q\nh q[1]"
    return model(
        f"hqn 0.1\ncircuit c(x: f32[4]) -> {result} {{\n{lines}\nreturn {query}\n}}\n"
        f"model net(x: f32[4]) -> {result} {{\nweight one: f32 = ones\nreturn c(one * x)\n}}\n"
    )


def state(x: Numbers) -> Statevector:
    """The same state, in Qiskit's order of qubits."""
    circuit = QuantumCircuit(4)
    for wire in range(4):
        circuit.ry(x[wire], wire)
    circuit.cx(0, 1)
    for wire in range(4):
        circuit.rx(x[wire], wire)
    circuit.cx(1, 2)
    circuit.cx(2, 3)
    for wire in range(4):
        circuit.rz(x[wire], wire)
    circuit.h(1)
    return Statevector(circuit)


def reduced(x: Numbers, wires: tuple[int, ...]) -> Numbers:
    """tr_rest of the state, the first of `wires` the most significant."""
    rest = [wire for wire in range(4) if wire not in wires]
    traced = partial_trace(DensityMatrix(state(x)), rest)
    order = sorted(wires)
    tensor = traced.data.reshape((2,) * (2 * len(wires)))
    places = [len(wires) - 1 - order.index(wire) for wire in wires]
    axes = [*places, *(len(wires) + place for place in places)]
    return tensor.transpose(axes).reshape(2 ** len(wires), 2 ** len(wires))


def check(result: str, query: str, wanted, differentiable: bool = True) -> None:
    found = net(result, query)
    variables, x = found.init(0, "f64"), RANDOM.normal(size=(2, 4))
    values = np.asarray(found.apply(variables, x))
    np.testing.assert_allclose(values, np.array([wanted(row) for row in x]), rtol=1e-9, atol=1e-9)
    if differentiable:
        check_grads(jax.jit(lambda x: found.apply(variables, x)), (x,), order=1, modes=["rev"], atol=1e-6)


@pytest.mark.parametrize("wires", [(0,), (2, 1), (3, 0, 2), (0, 1, 2, 3)])
def test_reduced_states(wires: tuple[int, ...]) -> None:
    places, size = ", ".join(f"q[{wire}]" for wire in wires), 2 ** len(wires)
    check(f"c64[{size}, {size}]", f"density({places})", lambda x: reduced(x, wires), differentiable=False)
    check("f32", f"purity({places})", lambda x: np.trace(reduced(x, wires) @ reduced(x, wires)).real)
    check("f32", f"entropy({places})", lambda x: entropy(DensityMatrix(reduced(x, wires)), base=np.e))


def test_the_entropy_of_a_product_has_a_derivative() -> None:
    found = net("f32", "entropy(q[0])")
    variables = found.init(0, "f64")
    slope = jax.grad(lambda x: found.apply(variables, x))(np.zeros(4))
    assert np.isfinite(slope).all()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("Z(q[0])", {"ZIII": 1.0}),
        ("2 * Z(q[0]) * X(q[1]) - 0.5 * X(q[0]) * Z(q[1]) + Y(q[3])", {"ZXII": 2, "XZII": -0.5, "IIIY": 1}),
        ("X(q[0]) + Y(q[0]) + Z(q[0]) + 3", {"XIII": 1, "YIII": 1, "ZIII": 1, "IIII": 3}),
        ("Y(q[0]) * Y(q[1]) + X(q[0]) * X(q[1]) + Z(q[0]) * Z(q[1])", {"YYII": 1, "XXII": 1, "ZZII": 1}),
    ],
)
def test_variances(query: str, words: dict[str, float]) -> None:
    operator = SparsePauliOp([word[::-1] for word in words], list(words.values())).to_matrix()

    def wanted(x: Numbers) -> float:
        psi = state(x).data
        mean = np.vdot(psi, operator @ psi).real
        return float(np.vdot(psi, operator @ operator @ psi).real - mean**2)

    check("f32", f"var({query})", wanted)


def test_variances_of_registers_and_diagonals() -> None:
    def per_qubit(x: Numbers) -> Numbers:
        return np.array([1 - np.trace(reduced(x, (wire,)) @ np.diag([1, -1])).real ** 2 for wire in range(4)])

    def diagonal(x: Numbers) -> float:
        p, c = np.diag(reduced(x, (2,))).real, np.array([0.5, -2.0])
        return float(9 * (p @ c**2 - (p @ c) ** 2))

    check("f32[4]", "var(Z(q))", per_qubit)
    check("f32", "var(3 * diag([0.5, -2.0], q[2]))", diagonal)


def test_the_variance_of_an_array_is_no_query() -> None:
    found = model("hqn 0.1\nmodel net(x: f32[3]) -> f32 { return var(x) }\n")
    np.testing.assert_allclose(found.apply(found.init(0), np.array([1.0, 2.0, 6.0])), 14 / 3, rtol=1e-6)
