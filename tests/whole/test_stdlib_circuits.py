"""Every circuit and tensor network of the library against its definition in NumPy, in f64."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import hqn
from hqn.runtime.program import Model
from hqn.runtime.variables import Variables
from support.unitary import embedded, gate_matrix
from support.whole import Numbers, model

RANDOM = np.random.default_rng(3)
Step = tuple[str, tuple[int, ...], tuple[float, ...]]


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def state_of(wires: int, steps: Sequence[Step]) -> Numbers:
    """What gates make of |0…0>, one matrix after the other."""
    state = np.zeros(2**wires, complex)
    state[0] = 1
    for name, places, angles in steps:
        state = embedded(gate_matrix(name, angles), places, wires) @ state
    return state


def circuit(use: str, features: int, wires: int, *lines: str) -> tuple[Model, Variables]:
    """A model of the state that these lines prepare; `scale` is there to say f64."""
    body = "\n".join([f"qubits q[{wires}]", *lines, "return state(q)"])
    text = (
        f"hqn 0.1\nuse std.circuits.{{{use}}}\n"
        f"circuit c(x: f32[{features}], scale: f32) -> c64[{2**wires}] {{\n{body}\n}}\n"
        f"model net(x: f32[{features}]) -> c64[{2**wires}] {{\n"
        "weight one: f32 = ones\nreturn c(one * x, one)\n}\n"
    )
    found = model(text)
    return found, found.init(0, "f64")


def check(found: Numbers, wanted: Numbers) -> None:
    """Equal, the global phase included."""
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


def ring(wires: int, far: int = 1) -> list[Step]:
    return [("cx", (i, (i + far) % wires), ()) for i in range(wires)]


def test_angle_encoding() -> None:
    net, variables = circuit("angle_encoding", 3, 3, "angle_encoding(x) q")
    x = RANDOM.normal(size=3)
    check(net.apply(variables, x), state_of(3, [("rx", (i,), (x[i],)) for i in range(3)]))


@pytest.mark.parametrize("wires", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", ["mixed", "positive", "sparse", "one"])
def test_amplitude_encoding_prepares_the_vector(wires: int, kind: str) -> None:
    net, variables = circuit("amplitude_encoding", 2**wires, wires, "amplitude_encoding(x) q")
    x = RANDOM.normal(size=2**wires)
    if kind == "positive":
        x = np.abs(x)
    elif kind == "sparse":
        x[::2] = 0
    elif kind == "one":
        x = -np.eye(2**wires)[-1]
    check(net.apply(variables, x), x / np.linalg.norm(x))


def test_amplitudes_are_written_down_as_the_gates_prepare_them() -> None:
    """On fresh qubits no gate is simulated; behind a gate all of them are. States and gradients agree."""
    x, gradients = jnp.asarray(RANDOM.normal(size=(3, 4))), []
    x = x.at[2].multiply(1e-25)
    for first in ("", "x q[1]\nx q[1]"):
        text = (
            "hqn 0.1\nuse std.circuits.{amplitude_encoding}\n"
            f"circuit c(x: f32[4]) -> f32[3] {{\nqubits q[3]\n{first}\n"
            "amplitude_encoding(x) q[1..3]\nry(x[0..3]) q\ncx q[0], q[1]\nreturn expect(Z(q))\n}\n"
            "model net(x: f32[4]) -> f32[3] { return c(x) }\n"
        )
        program = hqn.compile(text)
        assert ("qc.amplitudes(3, x, (1, 2))" in program.text) == (not first)
        net = program.models["net"]

        def loss(x: jax.Array, net: Model = net) -> jax.Array:
            return (net.apply(net.init(0, "f64"), x) ** 3).sum()

        gradient = jax.jit(jax.value_and_grad(loss))
        gradients.append(gradient(x))
        blanks = jnp.asarray([[0.0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, -2]])
        assert all(np.isfinite(found).all() for found in gradient(blanks)), "parts of zeros"
    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


def test_rotation_layer() -> None:
    net, variables = circuit("rotation_layer", 1, 3, "rotation_layer q")
    w = np.asarray(variables.params["c"]["rotation_layer"]["w"])
    check(net.apply(variables, np.ones(1)), state_of(3, [("rot", (i,), tuple(w[i])) for i in range(3)]))


@pytest.mark.parametrize("far", [1, 2, 3])
def test_cx_ring(far: int) -> None:
    net, variables = circuit("cx_ring", 4, 4, "ry(x) q", f"cx_ring[{far}] q")
    x = RANDOM.normal(size=4)
    steps = [("ry", (i,), (x[i],)) for i in range(4)] + ring(4, far)
    check(net.apply(variables, x), state_of(4, steps))


def test_cx_chain() -> None:
    net, variables = circuit("cx_chain", 4, 4, "ry(x) q", "cx_chain q")
    x = RANDOM.normal(size=4)
    steps = [("ry", (i,), (x[i],)) for i in range(4)] + ring(4)[:-1]
    check(net.apply(variables, x), state_of(4, steps))


@pytest.mark.parametrize("depth", [1, 5, 12])
def test_strongly_entangling(depth: int) -> None:
    net, variables = circuit("strongly_entangling", 1, 3, f"strongly_entangling[{depth}] q")
    w = np.asarray(variables.params["c"]["strongly_entangling"]["w"])
    assert w.shape == (depth, 3, 3)
    steps: list[Step] = []
    for turn in range(depth):
        steps += [("rot", (i,), tuple(w[turn, i])) for i in range(3)]
        steps += ring(3, turn % 2 + 1)
    check(net.apply(variables, np.ones(1)), state_of(3, steps))


@pytest.mark.parametrize("depth", [1, 4])
def test_basic_entangling(depth: int) -> None:
    net, variables = circuit("basic_entangling", 1, 3, f"basic_entangling[{depth}] q")
    w = np.asarray(variables.params["c"]["basic_entangling"]["w"])
    steps: list[Step] = []
    for turn in range(depth):
        steps += [("ry", (i,), (w[turn, i],)) for i in range(3)] + ring(3)
    check(net.apply(variables, np.ones(1)), state_of(3, steps))


# --- tensor networks ------------------------------------------------------------------------------


def test_local_map() -> None:
    net = model(
        "hqn 0.1\nuse std.tensors.{local_map}\nmodel net(x: f32[4]) -> f32[4, 2] {\n"
        "weight one: f32 = ones\nreturn local_map(one * x)\n}\n"
    )
    x = RANDOM.uniform(size=(3, 4))
    wanted = np.stack([np.cos(np.pi / 2 * x), np.sin(np.pi / 2 * x)], -1)
    check(net.apply(net.init(0, "f64"), x), wanted)


@pytest.mark.parametrize("sites", [2, 6, 16])
def test_mps_classifier(sites: int) -> None:
    """Against the product of one matrix per site, closed by the label tensor."""
    net = model(
        f"hqn 0.1\nuse std.tensors.{{mps_classifier}}\nmodel net(x: f32[{sites}, 2]) -> f32[3] {{\n"
        "return mps_classifier[bond = 4, out = 3](x) as mps\n}\n"
    )
    variables = net.init(0, "f64")
    cores, label = (np.asarray(variables.params["mps"][name]) for name in ("A", "C"))
    x = RANDOM.normal(size=(3, sites, 2))
    wanted = []
    for sample in x:
        matrix = np.eye(4)
        for core, site in zip(cores, sample, strict=True):
            matrix = matrix @ (np.eye(4) + np.einsum("lpr,p->lr", core, site))
        wanted.append(np.einsum("rol,lr->o", label, matrix))
    check(net.apply(variables, x), np.array(wanted))


@pytest.mark.parametrize("sites", [4, 500])
def test_mps_outputs_begin_at_one_size(sites: int) -> None:
    net = model(
        f"hqn 0.1\nuse std.tensors.{{local_map, mps_classifier}}\nmodel net(x: f32[{sites}]) -> f32[10] {{\n"
        "return x |> local_map |> mps_classifier[bond = 8, out = 10]\n}\n"
    )
    x = np.stack([np.zeros(sites), np.ones(sites), RANDOM.uniform(size=sites)])
    sizes = [np.std(net.apply(net.init(seed, "f64"), x)) for seed in range(3)]
    assert min(sizes) > 0.1
    assert max(sizes) < 2
