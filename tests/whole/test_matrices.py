"""Matrices in circuits (`unitary`, `su`, `evolve`, `hermitian`, `diag`) against NumPy and Qiskit, in f64."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial, reduce
from itertools import product
from typing import Any

import jax
import numpy as np
import pytest
from jax.test_util import check_grads
from qiskit.quantum_info import Operator, SparsePauliOp
from scipy.linalg import expm, expm_frechet

from hqn.runtime.circuit import generators
from support.unitary import embedded
from support.whole import Numbers, model

RANDOM = np.random.default_rng(11)


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def net(params: str, result: str, wires: int, *lines: str) -> Any:
    """A model of one circuit; its weight is 1, and there to say f64."""
    names = ", ".join(f"one * {param.split(':')[0].strip()}" for param in params.split(", ") if ":" in param)
    body = "\n".join([f"qubits q[{wires}]", *lines])
    text = (
        f"hqn 0.1\ncircuit c({params}) -> {result} {{\n{body}\n}}\n"
        f"model net({params}) -> {result} {{\n"
        f"weight one: f32 = ones\nreturn c({names})\n}}\n"
    )
    return model(text)


def su(angles: Numbers) -> Numbers:
    """exp(i sum angles P), by Qiskit's words."""
    k = (len(angles) + 1).bit_length() // 2
    words = ["".join(letters) for letters in product("IXYZ", repeat=k)][1:]
    return expm(1j * SparsePauliOp(words, angles).to_matrix())


def symmetric(size: int, *lead: int) -> Numbers:
    m = RANDOM.normal(size=(*lead, size, size))
    return m + np.swapaxes(m, -1, -2)


def after(wires: int, *steps: tuple[Numbers, tuple[int, ...]]) -> Numbers:
    """The state after matrices on wires, from |+…+>."""
    start = np.full(2**wires, 2 ** (-wires / 2), complex)
    return reduce(lambda state, step: embedded(step[0], step[1], wires) @ state, steps, start)


def values(found: Any, *inputs: Numbers) -> Numbers:
    return np.asarray(found.apply(found.init(0, "f64"), *inputs))


def close(found: Numbers, wanted: Numbers) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


def grads(found: Any, *inputs: Numbers) -> None:
    """Reverse mode against finite differences, of inputs."""
    variables = found.init(0, "f64")
    check_grads(jax.jit(lambda *xs: found.apply(variables, *xs)), inputs, order=1, modes=["rev"], atol=1e-6)


# --- observables ----------------------------------------------------------------------------------


@pytest.mark.parametrize("wires", [(0,), (1, 2), (3, 0), (2, 0, 3)])
def test_a_matrix_from_the_input_is_measured(wires: tuple[int, ...]) -> None:
    size = 2 ** len(wires)
    places = ", ".join(f"q[{wire}]" for wire in wires)
    lines = ("h q", "rx(t) q[0..4]", "cx q[0], q[1]", f"return expect(hermitian(m, {places}))")
    found = net(f"m: f32[{size}, {size}], t: f32[4]", "f32", 4, *lines)
    m, t = RANDOM.normal(size=(3, size, size)), RANDOM.normal(size=(3, 4))
    turns = [
        [(expm(-0.5j * t[b, i] * Operator.from_label("X").data), (i,)) for i in range(4)] for b in range(3)
    ]
    cx = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    states = [after(4, *steps, (cx, (0, 1))) for steps in turns]
    wanted = [np.vdot(s, embedded((a + a.T) / 2, wires, 4) @ s).real for s, a in zip(states, m)]
    close(values(found, m, t), np.array(wanted))
    grads(found, m, t)


def test_matrices_diagonals_and_words_add_up() -> None:
    lines = ("h q", "ry(t) q", "o = hermitian(m, q[0], q[1])", "e = diag(d, q[2], q[0])")
    result = "return expect([2 * o + Z(q[2]) - t[0] * e / 2, e, Z(q[0]), o - 1])"
    found = net("m: f32[4, 4], d: f32[4], t: f32[3]", "f32[4]", 3, *lines, result)
    m, c, t = symmetric(4), RANDOM.normal(size=4), RANDOM.normal(size=3)
    y = np.array([[0, -1j], [1j, 0]])
    state = after(3, *[(expm(-0.5j * t[i] * y), (i,)) for i in range(3)])
    z, o, d = np.diag([1, -1]), embedded(m, (0, 1), 3), embedded(np.diag(c), (2, 0), 3)
    all_ = [2 * o + embedded(z, (2,), 3) - t[0] * d / 2, d, embedded(z, (0,), 3), o - np.eye(8)]
    close(values(found, m, c, t), np.array([np.vdot(state, one @ state).real for one in all_]))
    grads(found, m, c, t)


def test_a_sum_of_many_words_runs() -> None:
    lines = ("h q", "rz(x) q", "return expect(sum(i in 0..5) sum(j in 0..5) 0.1 * X(q[i]) * Y(q[j + 5]))")
    found = net("x: f32[10]", "f32", 10, *lines)
    x = RANDOM.normal(size=10)
    close(values(found, x), 0.1 * np.cos(x[:5]).sum() * np.sin(x[5:]).sum())


# --- gates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("wires", [(0,), (2, 1), (1, 3, 0)])
def test_su_is_the_exponential_of_all_words(wires: tuple[int, ...]) -> None:
    count = 4 ** len(wires) - 1
    places = ", ".join(f"q[{wire}]" for wire in wires)
    found = net(f"a: f32[{count}]", "c64[16]", 4, "h q", "t q[0]", f"su(a) {places}", "return state(q)")
    a = RANDOM.normal(size=(2, count))
    t = np.diag([1, np.exp(0.25j * np.pi)])
    close(values(found, a), np.array([after(4, (t, (0,)), (su(row), wires)) for row in a]))


def test_exponentials_in_single_precision() -> None:
    """What trains in f32: factorials beyond 32 bits stay out of it."""
    lines = ("h q", "su(a) q[0], q[1]", "evolve(hermitian(m, q[1], q[0]), 0.7)", "return state(q)")
    found = net("a: f32[15], m: f32[4, 4]", "c64[4]", 2, *lines)
    a, m = RANDOM.normal(size=15), symmetric(4)
    wanted = after(2, (su(a), (0, 1)), (expm(-0.7j * m), (1, 0)))
    with jax.enable_x64(False):
        amplitudes = found.apply(found.init(0, "f32"), a.astype(np.float32), m.astype(np.float32))
    assert amplitudes.dtype == np.complex64
    np.testing.assert_allclose(amplitudes, wanted, atol=2e-6)


MODIFIERS = {
    "inv @ su(a) q[1], q[2]": lambda u: (u.conj().T, (1, 2)),
    "pow(3) @ su(a) q[1], q[2]": lambda u: (u @ u @ u, (1, 2)),
    "ctrl @ su(a) q[2], q[0], q[1]": lambda u: (np.block([[np.eye(4), 0 * u], [0 * u, u]]), (2, 0, 1)),
    "negctrl @ inv @ su(a) q[2], q[0..2]": lambda u: (
        np.block([[u.conj().T, 0 * u], [0 * u, np.eye(4)]]),
        (2, 0, 1),
    ),
}


@pytest.mark.parametrize("line", MODIFIERS)
def test_modifiers_of_a_matrix(line: str) -> None:
    found = net("a: f32[15]", "c64[8]", 3, "h q", "s q[0]", line, "return state(q)")
    a = RANDOM.normal(size=15)
    close(values(found, a), after(3, (np.diag([1, 1j]), (0,)), MODIFIERS[line](su(a))))


def test_evolution_of_a_matrix_and_of_words() -> None:
    lines = ("h q", "evolve(hermitian(m, q[2], q[0]), t / 2)", "evolve(Z(q[0]) * X(q[2]) + t * Y(q[2]), 0.3)")
    found = net("m: f32[4, 4], t: f32", "c64[8]", 3, *lines, "return state(q)")
    m, t = RANDOM.normal(size=(2, 4, 4)), RANDOM.normal(size=2)
    words = [SparsePauliOp(["ZIX", "IIY"], [1, one]).to_matrix() for one in t]
    steps = [
        ((expm(-0.25j * t[b] * (m[b] + m[b].T)), (2, 0)), (expm(-0.3j * words[b]), (0, 1, 2)))
        for b in range(2)
    ]
    close(values(found, m, t), np.array([after(3, *two) for two in steps]))


def test_unitary_takes_a_matrix_from_the_input() -> None:
    found = net("m: f32[4, 4]", "c64[8]", 3, "h q", "unitary(m) q[2], q[0]", "return state(q)")
    m = np.linalg.qr(RANDOM.normal(size=(2, 4, 4)))[0]
    close(values(found, m), np.array([after(3, (one, (2, 0))) for one in m]))
    close(values(found, m[0]), after(3, (m[0], (2, 0))))


# --- weights, loops, gradients --------------------------------------------------------------------


@pytest.mark.parametrize("depth", [2, 12])
@pytest.mark.parametrize("wires", [2, 5])
def test_re_uploading_of_hamiltonians_in_a_loop(depth: int, wires: int) -> None:
    text = (
        f"hqn 0.1\ncircuit c[depth](x: f32[4, 4]) -> f32[2] {{\nqubits q[{wires}]\nh q\n"
        "repeat depth {\nweight t: f32 = normal(1)\nweight a: angle[15] = normal(1)\n"
        f"evolve(hermitian((x + transpose(x)) / 2, q[0], q[1]), t)\nsu(a) q[{wires - 1}], q[0]\n}}\n"
        f"return expect([Z(q[0]), hermitian(x, q[1], q[0])])\n}}\n"
        f"model net(x: f32[4, 4]) -> f32[2] {{ return c[depth = {depth}](x) }}\n"
    )
    found = model(text)
    variables = found.init(0, "f64")
    x = RANDOM.normal(size=(2, 4, 4))
    flat = {path: np.asarray(leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(variables)}
    t, a = (next(leaf for leaf in flat.values() if leaf.ndim == ndim) for ndim in (1, 2))
    rows = []
    for one in x:
        h = (one + one.T) / 2
        steps = [((expm(-1j * t[i] * h), (0, 1)), (su(a[i]), (wires - 1, 0))) for i in range(depth)]
        state = after(wires, *[step for two in steps for step in two])
        z, o = embedded(np.diag([1, -1]), (0,), wires), embedded(h, (1, 0), wires)
        rows.append([np.vdot(state, obs @ state).real for obs in (z, o)])
    close(np.asarray(found.apply(variables, x)), np.array(rows))
    if depth == 2:
        grads(found, x)
        check_grads(lambda v: found.apply(v, x), (variables,), order=1, modes=["rev"], atol=1e-5)


@pytest.mark.parametrize("spread", [0.0, 1e-9, 1.0, 300.0])
@pytest.mark.parametrize("is_real", [True, False])
def test_derivatives_of_the_exponential_are_those_of_the_polynomial(spread: float, is_real: bool) -> None:
    """Of first and second order, also where eigenvalues meet or nearly meet."""
    m, other = symmetric(4), symmetric(4)
    unit = np.diag([1.0, 1.0, 1.0, 2.0]) + spread * m
    if not is_real:
        skew = RANDOM.normal(size=(4, 4))
        unit = unit + 1j * spread * (skew - skew.T)
    target = RANDOM.normal(size=(4, 4))

    def overlap(exponential: Any, step: Any) -> Any:
        evolved = exponential(unit + step[0] * other, 1.0 - 0.7 * step[1])
        return (target * jax.numpy.abs(evolved @ target) ** 2).sum()

    for order in range(3):
        found = []
        for exponential in (generators._by_eigenvalues, generators._by_products):
            derivative = partial(overlap, exponential)
            for place in range(order):
                derivative = partial(
                    lambda slope, place, step: slope(step)[place], jax.grad(derivative), place
                )
            found.append(jax.jit(derivative)(jax.numpy.array([0.1, 0.2])))
        np.testing.assert_allclose(*found, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("meeting", [0.0, 1e-10, 1.0])
@pytest.mark.parametrize("lead", [((), (3,)), ((3,), ()), ((3, 1), (2,))])
def test_the_derivative_is_that_of_scipy(meeting: float, lead: tuple[tuple[int, ...], ...]) -> None:
    """By H and by t, each with axes of its own, also where eigenvalues meet or nearly meet."""
    rng = np.random.default_rng(5)

    def hermitian(size: float, *axes: int) -> Numbers:
        m = rng.normal(size=(*axes, 4, 4)) + 1j * rng.normal(size=(*axes, 4, 4))
        return size * (m + m.swapaxes(-1, -2).conj())

    h = np.diag([1.0, 1.0, 1.0, -2.0]) + hermitian(meeting, *lead[0])
    t, dh, dt = rng.normal(size=lead[1]), hermitian(1.0, *lead[0]), rng.normal(size=lead[1])
    u, pull = jax.vjp(generators.evolution, h, t)
    weight = hermitian(1.0, *u.shape[:-2]) + 1j * hermitian(1.0, *u.shape[:-2])
    by_h, by_t = pull(weight)
    wanted = 0.0
    for place in np.ndindex(u.shape[:-2]):
        one, times, move, slip = (
            np.broadcast_to(a, (*u.shape[:-2], *a.shape[len(b) :]))[place]
            for a, b in ((h, lead[0]), (t, lead[1]), (dh, lead[0]), (dt, lead[1]))
        )
        exponential, change = expm_frechet(-1j * times * one, -1j * (times * move + slip * one))
        np.testing.assert_allclose(u[place], exponential, atol=1e-12)
        wanted += (weight[place] * change).sum().real
    np.testing.assert_allclose((by_h * dh).sum().real + (by_t * dt).sum(), wanted, rtol=1e-10)


@pytest.mark.parametrize("depth", [3, 15])
def test_a_hamiltonian_is_taken_apart_once(depth: int) -> None:
    """Whatever the number of times that it evolves for, in loops written out and compiled, with gradients."""
    text = (
        "hqn 0.1\nuse std.circuits.{hamiltonian_encoding}\n"
        "circuit c(x: f32[4, 4]) -> f32 {\nqubits q[2]\nh q\n"
        f"repeat {depth} {{\nhamiltonian_encoding(x) q\nrx(0.3) q\n}}\nreturn expect(Z(q[0]))\n}}\n"
        "model net(x: f32[4, 4]) -> f32 { return c(x) }\n"
    )
    found = model(text)
    variables, x = found.init(0, "f64"), RANDOM.normal(size=(5, 4, 4))

    def loss(variables: Any, x: Any) -> Any:
        return found.apply(variables, x).sum()

    compiled = jax.jit(jax.grad(loss, (0, 1))).lower(variables, x).compile().as_text()
    computations = re.split(r"\n(?=\S.*\{\n)", compiled)
    calls = [
        one.partition("(")[0] for one in computations for _ in re.findall(r"custom_call_target=.*evd", one)
    ]
    assert len(calls) == 1 and calls[0].startswith("ENTRY")
    grads(found, x)


def test_gradients_where_eigenvalues_meet() -> None:
    lines = ("h q[0]", "su(a) q", "evolve(hermitian(m, q), t)", "return expect(Z(q[0]) + Y(q[1]) * X(q[0]))")
    found = net("a: f32[15], m: f32[4, 4], t: f32", "f32", 2, *lines)
    for m in (np.zeros((4, 4)), np.eye(4), np.ones((4, 4))):
        grads(found, np.zeros(15), m, np.array(0.7))
        grads(found, np.zeros(15), m, np.array(0.0))
    assert np.isfinite(values(found, np.zeros(15), np.zeros((4, 4)), np.array(0.0)))


def test_su_in_f32() -> None:
    """The default precision: its polynomial has coefficients beyond 32-bit whole numbers."""
    angles = RANDOM.normal(size=15).astype(np.float32)
    text = "model net(a: f32[15]) -> c64[4] { return c(a) }\ncircuit c(a: f32[15]) -> c64[4] {\n"
    found = model(text + "qubits q[2]\nsu(a) q\nreturn state(q)\n}\n")
    with jax.enable_x64(False):
        state = found.predict(found.init(0), angles)
    assert state.dtype == np.complex64
    np.testing.assert_allclose(state, su(angles.astype(float))[:, 0], atol=1e-5)
