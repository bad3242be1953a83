"""Encodings, blocks and layers of circuits of the library against Qiskit and SciPy, in f64."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import combinations, product

import jax
import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit.library import zz_feature_map
from qiskit.quantum_info import SparsePauliOp, Statevector
from scipy.linalg import expm

from hqn.runtime.program import Model
from hqn.runtime.variables import Variables
from support.unitary import embedded
from support.whole import Numbers, model

RANDOM = np.random.default_rng(8)


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def prepared(use: str, x: str, wires: int, *lines: str) -> tuple[Model, Variables]:
    """A model of the state that these lines prepare of `x`; `one` is there to say f64."""
    body = "\n".join(
        [f"qubits q[{wires}]", "weight one: f32 = ones", *lines, "p(0 * one) q", "return state(q)"]
    )
    text = (
        f"hqn 0.1\nuse std.circuits.{{{use}}}\ncircuit c(x: {x}) -> c64[{2**wires}] {{\n{body}\n}}\n"
        f"model net(x: {x}) -> c64[{2**wires}] {{ return c(x) }}\n"
    )
    found = model(text)
    return found, found.init(0, "f64")


def close(found: object, wanted: Numbers) -> None:
    np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-9, atol=1e-9)


def same(found: object, circuit: QuantumCircuit) -> None:
    """Equal up to a global phase."""
    wanted = Statevector(circuit.reverse_bits()).data
    assert abs(abs(np.vdot(wanted, np.asarray(found))) - 1) < 1e-9


def su(angles: Numbers) -> Numbers:
    words = ["".join(letters) for letters in product("IXYZ", repeat=2)][1:]
    return expm(1j * SparsePauliOp(words, angles).to_matrix())


def test_basis_encoding() -> None:
    net, variables = prepared("basis_encoding", "idx[2][3]", 3, "basis_encoding(x) q")
    bits = np.array(list(product([0, 1], repeat=3)))
    close(net.apply(variables, bits), np.eye(8))


@pytest.mark.parametrize("reps", [1, 2])
def test_iqp_encoding(reps: int) -> None:
    net, variables = prepared("iqp_encoding", "f32[3]", 3, f"iqp_encoding[{reps}](x) q")
    x = RANDOM.normal(size=3)
    circuit = QuantumCircuit(3)
    for _ in range(reps):
        circuit.h(range(3))
        for i in range(3):
            circuit.rz(x[i], i)
        for i, j in combinations(range(3), 2):
            circuit.rzz(x[i] * x[j], i, j)
    same(net.apply(variables, x), circuit)


@pytest.mark.parametrize(("wires", "reps"), [(2, 1), (3, 2)])
def test_zz_feature_map_is_qiskits(wires: int, reps: int) -> None:
    net, variables = prepared("zz_feature_map", f"f32[{wires}]", wires, f"zz_feature_map[{reps}](x) q")
    x = RANDOM.normal(size=wires)
    same(net.apply(variables, x), zz_feature_map(wires, reps, "full").assign_parameters(x))


def test_hamiltonian_encoding() -> None:
    net, variables = prepared("hamiltonian_encoding", "f32[4, 4]", 2, "h q", "hamiltonian_encoding(x) q")
    x = RANDOM.normal(size=(4, 4))
    t = float(variables.params["c"]["hamiltonian_encoding"]["t"])
    close(net.apply(variables, x), expm(-0.5j * t * (x + x.T)) @ np.full(4, 0.5))


def test_re_uploading() -> None:
    net, variables = prepared("re_uploading", "f32[3]", 3, "re_uploading[4](x) q")
    own = variables.params["c"]["re_uploading"]
    own["scale"], own["bias"] = RANDOM.normal(size=(4, 3)), RANDOM.normal(size=(4, 3))
    x, w = RANDOM.normal(size=3), np.asarray(own["rotation_layer"]["w"])
    circuit = QuantumCircuit(3)
    for turn in range(4):
        for i in range(3):
            circuit.rx(own["scale"][turn, i] * x[i] + own["bias"][turn, i], i)
        for i in range(3):
            circuit.rz(w[turn, i, 0], i)
            circuit.ry(w[turn, i, 1], i)
            circuit.rz(w[turn, i, 2], i)
        for i in range(3):
            circuit.cx(i, (i + 1) % 3)
    same(net.apply(variables, x), circuit)


def test_su4_bricks() -> None:
    net, variables = prepared("su4, su4_brick", "f32[4]", 4, "ry(x) q", "su4_brick[2] q", "su4 q[3], q[0]")
    x, own = RANDOM.normal(size=4), variables.params["c"]
    w, last = np.asarray(own["su4_brick"]["w"]), np.asarray(own["su4"]["w"])
    assert w.shape == (2, 3, 15)
    y = np.array([[0, -1j], [1j, 0]])
    steps = [(expm(-0.5j * x[i] * y), (i,)) for i in range(4)]
    for turn in range(2):
        steps += [(su(w[turn, k]), pair) for k, pair in enumerate([(0, 1), (2, 3), (1, 2)])]
    start = np.eye(16)[0].astype(complex)
    wanted = reduce(lambda state, step: embedded(*step, 4) @ state, [*steps, (su(last), (3, 0))], start)
    close(net.apply(variables, x), wanted)


# --- layers ---------------------------------------------------------------------------------------


def edge(own: dict[str, Numbers], x: float) -> float:
    """One DARUAN by its definition."""
    circuit = QuantumCircuit(1)
    circuit.h(0)
    for w, scale, bias in zip(own["w"], own["scale"], own["bias"], strict=True):
        circuit.rz(w[0], 0)
        circuit.ry(w[1], 0)
        circuit.rz(scale * x + bias, 0)
    circuit.rz(own["last"][0], 0)
    circuit.ry(own["last"][1], 0)
    return Statevector(circuit).expectation_value(SparsePauliOp("Z")).real


def test_qkan_sums_its_edges() -> None:
    text = (
        "hqn 0.1\nuse std.hybrid.{qkan}\nmodel net(x: f32[3]) -> f32[2] { return qkan[out = 2, r = 2](x) }\n"
    )
    net = model(text)
    variables = net.init(0, "f64")
    own = {name: np.asarray(value) for name, value in variables.params["qkan"]["daruan"].items()}
    head = {name: np.asarray(variables.params["qkan"][name]) for name in ("scale", "bias", "base")}
    x = RANDOM.normal(size=(2, 3))
    wanted = np.zeros((2, 2))
    for sample, out, inp in np.ndindex(2, 2, 3):
        value = x[sample, inp]
        found = edge({name: array[out, inp] for name, array in own.items()}, value)
        wanted[sample, out] += head["scale"][out, inp] * (found + head["bias"][out, inp])
        wanted[sample, out] += head["base"][out, inp] * value / (1 + np.exp(-value))
    close(net.apply(variables, x), wanted)


def test_the_spectrum_of_a_daruan_is_bounded() -> None:
    """Scales 1, 2, 4 give the frequencies up to 7, and none above."""
    net = model("hqn 0.1\nuse std.hybrid.{daruan}\nmodel net(x: f32) -> f32 { return daruan[3](x) }\n")
    variables = net.init(1, "f64")
    variables.params["daruan"]["scale"] = np.array([1.0, 2.0, 4.0])
    power = np.abs(np.fft.rfft(np.asarray(net.apply(variables, 2 * np.pi * np.arange(64) / 64))))
    assert power[8:].max() < 1e-9 < power[:8].max() and power[7] > 1e-6


def test_a_circuit_slides_over_patches() -> None:
    """A kernel that sees all channels of a patch, in the order channels, rows, columns."""
    text = (
        "hqn 0.1\nuse std.hybrid.{quanvolution}\n"
        "circuit kernel(x: f32[8]) -> f32[3] {\nqubits q[3]\nweight one: f32 = ones\n"
        "ry(x[0..3]) q\nrx(one * x[3..6]) q\nrz(x[5..8]) q\ncx q[0], q[1]\nreturn expect(X(q))\n}\n"
        "model one(x: f32[8]) -> f32[3] { return kernel(x) }\n"
        "model net(x: f32[5, 4, 2]) -> f32[4, 3, 3] { return quanvolution[kernel, 2, 1](x) }\n"
    )
    net, one = model(text), model(text, "one")
    x = RANDOM.normal(size=(5, 4, 2))
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), (0, 1)).reshape(4, 3, 8)
    close(net.apply(net.init(0, "f64"), x), np.asarray(one.apply(one.init(0, "f64"), windows)))


def test_circuits_side_by_side_have_their_own_weights() -> None:
    net = model(
        "hqn 0.1\nuse std.hybrid.{parallel_circuits}\n"
        "circuit two(x: f32[2]) -> f32[2] {\nqubits q[2]\nweight w: angle[2] = normal(1)\n"
        "ry(x + w) q\nreturn expect(Z(q))\n}\n"
        "model net(x: f32[6]) -> f32[6] { return parallel_circuits[groups = 3, f = two](x) }\n"
    )
    variables = net.init(0, "f64")
    w = np.asarray(variables.params["parallel_circuits"]["f"]["w"])
    x = RANDOM.normal(size=(4, 6))
    assert w.shape == (3, 2)
    close(net.apply(variables, x), np.cos(x + w.reshape(6)))
