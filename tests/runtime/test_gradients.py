"""Gradient methods of circuits against reverse mode, and finite shots against exact values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.runtime import circuit as qc
from hqn.runtime.circuit.exactly import exactly
from hqn.runtime.circuit.gates import GATES
from hqn.runtime.circuit.gradients import _exact_rules, evaluations
from hqn.runtime.circuit.shifts import SPECTRA, frequencies, shift_rule
from hqn.runtime.circuit.sites import Site
from hqn.runtime.keys import Keys, keys_of

WIRES = 3
WORDS = ("ZII", "XYI", "IZX", "XYI", "IIY")


@pytest.fixture(autouse=True)
def double() -> Any:
    with jax.enable_x64(True):
        yield


# --- rules -----------------------------------------------------------------------------------------------


def test_a_turn_takes_two_evaluations_and_a_controlled_one_four() -> None:
    turn, controlled = frequencies((-0.5, 0.5)), frequencies((-0.5, 0.5), controlled=True)
    assert (turn, controlled) == ((1.0,), (0.5, 1.0))
    np.testing.assert_allclose(shift_rule(turn), [(np.pi / 2, 0.5), (-np.pi / 2, -0.5)])
    assert len(shift_rule(controlled)) == 4


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=4), st.floats(-3, 3))
def test_a_rule_is_exact_for_every_function_of_its_frequencies(
    waves: list[tuple[float, float]], at: float
) -> None:
    found = tuple(0.5 * (1 + number) for number in range(len(waves)))

    def value(t: float) -> float:
        return sum(a * np.cos(w * t) + b * np.sin(w * t) for w, (a, b) in zip(found, waves))

    slope = sum(w * (b * np.cos(w * at) - a * np.sin(w * at)) for w, (a, b) in zip(found, waves))
    assert sum(c * value(at + s) for s, c in shift_rule(found)) == pytest.approx(slope, abs=1e-9)


def test_the_table_has_two_rows_per_turn_and_none_for_what_stands_still() -> None:
    turns = frequencies((-0.5, 0.5))
    sites = [
        Site(jnp.zeros((4, 5, 3)), own=1, loops=1, frequencies=(turns,)),
        Site(jnp.zeros((2, 3)), own=2, loops=0, frequencies=(turns,) * 3),
        Site(jnp.zeros(7), own=1, loops=0, frequencies=((0.5, 1.0),)),
    ]
    assert len(evaluations(sites, (True, True, True), _exact_rules)) == 2 * 12 + 2 * 6 + 4 * 7
    assert len(evaluations(sites, (True, False, False), _exact_rules)) == 2 * 12


# --- random circuits -------------------------------------------------------------------------------------


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, tuple[int, ...], str, bool]]:
    """Gates, their wires, where their angles come from, and whether they are controlled."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(set(SPECTRA) - {"u1"})))
        wires = tuple(draw(st.permutations(range(WIRES))))
        found.append((name, wires, draw(st.sampled_from(("weight", "input", "both"))), draw(st.booleans())))
    return found


def circuit_of(
    gates: list[tuple[str, tuple[int, ...], str, bool]], turns: int, undone: bool = False
) -> Callable[..., Any]:
    """A circuit on weights `[turns, 4]` and inputs `[..., 4]`: loops, controls, undone sub-circuits."""

    def layer(q: Any, w: jax.Array, x: jax.Array) -> Any:
        for place, (name, wires, source, controlled) in enumerate(gates):
            values = {"weight": 2 * w, "input": jnp.sin(x), "both": w * x - place}[source]
            count = GATES[name][0]
            angles = values[..., :count] if count > 1 else values[..., place % 4]
            size = int(np.log2(GATES[name][1](jnp.zeros(count if count > 1 else ())).shape[-1]))

            def gate(q: Any, angles: Any = angles, name: str = name, size: int = size, c: int = count) -> Any:
                return qc.block(q, GATES[name][1](qc.site(name, angles, int(c > 1))), range(size))

            if controlled and size < WIRES:
                q = qc.on(q, wires[:size], gate, controls=wires[size : size + 1], when=(1,), times=-1)
            else:
                q = qc.on(q, wires[:size], gate, times=2)
        return q

    def circuit(p: jax.Array, x: jax.Array) -> jax.Array:
        q = qc.product_state(WIRES, (qc.ry(qc.site("ry", x[..., :3], 1)), range(WIRES)), (qc.gate("h"), (0,)))
        q = qc.adjoint(q) if undone else q
        q = qc.repeat(lambda q, w: qc.permute(layer(q, w, x), qc.cx_ring(WIRES, 1)), q, p)
        values = qc.expect(q, WORDS, coefficients=x[..., :1] * jnp.arange(1.0, 6))
        rho = qc.density(q, (0, 2))
        seen = qc.expect_matrix(q, jnp.outer(p[0], p[0]), (1, 0)) + qc.purity(q, (1,)) + rho[..., 0, 1].real
        return jnp.tanh(values).sum(-1) + qc.probs(q, (2, 0))[..., 1] + seen

    return circuit


def gradients(circuit: Callable[..., Any], p: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    def loss(p: jax.Array, x: jax.Array) -> jax.Array:
        return (circuit(p, x) * jnp.arange(1.0, 1 + len(x))).sum()

    return jax.jit(jax.grad(loss, (0, 1)))(p, x)


@settings(max_examples=3)
@given(steps(), st.integers(1, 3), st.integers(0, 2**16))
def test_methods_agree_on_random_circuits(gates: Any, turns: int, seed: int) -> None:
    first, second = jax.random.split(jax.random.key(seed))
    p, x = jax.random.normal(first, (turns, 4)), jax.random.normal(second, (2, 4))
    circuit = circuit_of(gates, turns)
    wanted = gradients(circuit, p, x)
    methods = (
        (qc.parameter_shift(circuit), 1e-9),
        (circuit_of(gates, turns, undone=True), 1e-9),
        (qc.finite_difference()(circuit), 1e-6),
    )
    for method, tolerance in methods:
        for found, exact in zip(gradients(method, p, x), wanted):
            np.testing.assert_allclose(found, exact, atol=tolerance * (1 + np.abs(exact).max()))


def small(p: jax.Array, x: jax.Array) -> jax.Array:
    q = qc.product_state(2, (qc.ry(qc.site("ry", x, 1)), range(2)))
    q = qc.block(q, qc.crx(qc.site("crx", p[0], 0)), (0, 1))
    q = qc.phase(q, qc.diagonal("rz", ((0,), (1,)), qc.site("rz", p[1:], 1)))
    return qc.expect(q, ("XZ", "YI"))


P, X = np.array([0.3, -0.7, 1.9]), np.array([[0.2, 1.1], [-0.4, 0.9], [2.0, 0.1]])


def test_vmap_second_derivatives_and_values() -> None:
    def all_of(circuit: Callable[..., Any]) -> Any:
        def found(p: jax.Array, x: jax.Array) -> Any:
            each = jax.vmap(jax.grad(lambda p, x: circuit(p, x)[0]), (None, 0))(p, x)
            slope = jax.grad(lambda p: circuit(p, x[0])[0])
            return circuit(p, x), each, jax.grad(lambda p: slope(p) @ jnp.arange(1.0, 4))(p)

        return jax.jit(found)(P, X)

    for found, wanted in zip(all_of(qc.parameter_shift(small)), all_of(small)):
        np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_states_and_matrices_have_finite_differences() -> None:
    def circuit(a: jax.Array) -> jax.Array:
        q = qc.block(qc.zero_state(2), qc.matrix_site(qc.su(a)), (0, 1))
        return (qc.state(q)[..., 1] * (0.3 + 0.8j)).real + qc.expect_z(q)[..., 0]

    a = jnp.linspace(-1.0, 1.0, 15)
    found, wanted = (jax.jit(jax.grad(f))(a) for f in (qc.finite_difference(1e-5)(circuit), circuit))
    np.testing.assert_allclose(found, wanted, atol=1e-7)


def test_an_inner_circuit_keeps_its_own_derivative() -> None:
    def outer(p: jax.Array, x: jax.Array) -> jax.Array:
        angles = qc.reverse(small)(p, x)
        q = qc.product_state(2, (qc.rx(qc.site("rx", angles, 1)), range(2)))
        return qc.expect_z(q)

    found, wanted = (
        jax.jit(jax.grad(lambda p, f=f: f(p, X)[..., 0].sum()))(P) for f in (qc.parameter_shift(outer), outer)
    )
    np.testing.assert_allclose(found, wanted, atol=1e-9)


# --- random directions -----------------------------------------------------------------------------------


def with_keys(p: jax.Array, keys: Keys, x: jax.Array) -> jax.Array:
    return small(p, x)


def test_random_directions_give_the_gradient_on_average_and_follow_from_the_key() -> None:
    method = qc.spsa(1e-3, directions=2000)(with_keys)

    def loss(p: jax.Array, x: jax.Array, seed: int) -> jax.Array:
        return method(p, keys_of(jax.random.key(seed), (3,)), x).sum()

    gradient = jax.jit(jax.grad(loss, (0, 1)), static_argnums=2)
    found, wanted = gradient(P, X, 0), jax.grad(lambda p, x: small(p, x).sum(), (0, 1))(P, X)
    for one, exact in zip(found, wanted):
        np.testing.assert_allclose(
            one, exact, atol=5 * np.linalg.norm(np.hstack([*map(np.ravel, wanted)])) / 40
        )
    np.testing.assert_array_equal(gradient(P, X, 0)[0], found[0])


# --- shots -----------------------------------------------------------------------------------------------


def measured(shots: int) -> Callable[..., Any]:
    def circuit(p: jax.Array, keys: Keys, x: jax.Array) -> jax.Array:
        q = qc.product_state(2, (qc.ry(qc.site("ry", x + p[:2], 1)), range(2)), (qc.gate("h"), (0,)))
        q = qc.block(q, qc.rxx(qc.site("rxx", p[2], 0)), (0, 1))
        return qc.expect(q, ("ZI", "XX", "ZZ"), shots=qc.shots(shots, keys["expect"]))

    return circuit


def exact(p: jax.Array, x: jax.Array) -> jax.Array:
    q = qc.product_state(2, (qc.ry(x + p[:2]), range(2)), (qc.gate("h"), (0,)))
    return qc.expect(qc.block(q, qc.rxx(p[2]), (0, 1)), ("ZI", "XX", "ZZ"))


def test_estimates_are_exact_values_within_statistics_and_independent_between_samples() -> None:
    count, samples = 64, 4096
    x = jnp.broadcast_to(X[0], (samples, 2))
    found = np.asarray(jax.jit(measured(count))(P, keys_of(jax.random.key(3), (samples,)), x))
    wanted = np.asarray(exact(P, X[0]))
    deviation = np.sqrt((1 - wanted**2) / count)
    assert np.abs(found.mean(0) - wanted).max() < 5 * (deviation / np.sqrt(samples)).max()
    np.testing.assert_allclose(found.std(0), deviation, rtol=5 / np.sqrt(2 * samples))
    noise = np.corrcoef((found - wanted).T)
    assert abs(noise[0, 1]) < 5 / np.sqrt(samples)  # ZI and XX are two groups
    pairs = np.corrcoef((found - wanted)[::2, 0], (found - wanted)[1::2, 0])
    assert abs(pairs[0, 1]) < 5 / np.sqrt(samples / 2)


def test_commuting_terms_are_measured_together() -> None:
    q = qc.block(qc.product_state(2, (qc.gate("h"), (0,))), qc.gate("cx"), (0, 1))
    values = qc.expect(q, ("ZI", "IZ", "ZZ"), shots=qc.shots(7, keys_of(jax.random.key(0), (50,))))
    np.testing.assert_allclose(values[..., 2], 1.0)
    np.testing.assert_allclose(values[..., 0], values[..., 1])
    assert len(np.unique(values[..., 0])) > 2


def test_a_training_step_under_shots_works_under_jit_vmap_and_grad() -> None:
    circuit = qc.parameter_shift(measured(400))

    def loss(p: jax.Array, seed: jax.Array) -> jax.Array:
        keys = keys_of(jax.random.key(seed), (len(X),))
        return (circuit(p, keys, X) * jnp.array([1.0, -2.0, 0.5])).sum()

    found = np.asarray(jax.jit(jax.vmap(jax.grad(loss), (None, 0)))(P, jnp.arange(200)))
    wanted = jax.grad(lambda p: (exact(p, X) * jnp.array([1.0, -2.0, 0.5])).sum())(P)
    error = found.std(0) / np.sqrt(200)
    assert (np.abs(found.mean(0) - wanted) < 5 * error).all()
    assert (found.std(0) < 0.3).all() and (found.std(0) > 0.01).all()


def test_noise_differs_between_shifts() -> None:
    """At an angle of zero both shifts of <Z> have the same distribution, yet their difference is not zero."""

    def circuit(p: jax.Array, keys: Keys) -> jax.Array:
        q = qc.product_state(1, (qc.ry(qc.site("ry", p, 1)), (0,)))
        return qc.expect_z(q, shots=qc.shots(16, keys["expect"]))[..., 0]

    def value(p: jax.Array, seed: jax.Array) -> jax.Array:
        return qc.parameter_shift(circuit)(p, keys_of(jax.random.key(seed), ()))

    slopes = jax.jit(jax.vmap(jax.grad(value), (None, 0)))(jnp.zeros(1), jnp.arange(64))
    assert np.count_nonzero(slopes) > 32
    assert abs(slopes.mean()) < 5 * 0.25 / np.sqrt(2 * 64)


def test_samples_counts_and_the_most_likely_outcome() -> None:
    q = qc.product_state(3, (qc.gate("x"), (0,)), (qc.ry(jnp.array([0.3])), (2,)))
    given = qc.shots(500, keys_of(jax.random.key(1), (2,)))
    drawn, counted = jax.jit(lambda: (qc.sample(q, (2, 0), given), qc.counts(q, (2, 0), given)))()
    assert (drawn.shape, counted.shape) == ((2, 500, 2), (2, 4))
    assert (drawn[..., 1] == 1).all() and (counted[..., ::2] == 0).all()
    np.testing.assert_array_equal(drawn[..., 0].sum(-1), counted[..., 3])
    wanted = np.sin(0.15) ** 2
    assert abs(counted[0, 3] / 500 - wanted) < 5 * np.sqrt(wanted * (1 - wanted) / 500)
    np.testing.assert_array_equal(qc.most_likely(q, range(3)), [1, 0, 0])


@pytest.mark.parametrize("wires", [2, 8])
def test_counts_are_those_of_the_outcomes(wires: int) -> None:
    """By comparing, and by sorting where there are many outcomes."""
    q = qc.product_state(wires, (qc.ry(jnp.linspace(0.1, 3.0, wires)), range(wires)))
    given = qc.shots(200, keys_of(jax.random.key(1), (2,)))
    drawn, counted = jax.jit(lambda: (qc.sample(q, range(wires), given), qc.counts(q, range(wires), given)))()
    places = drawn @ (1 << np.arange(wires)[::-1])
    for one, found in zip(places, counted):
        np.testing.assert_array_equal(np.bincount(one, minlength=1 << wires), found)


# --- matrices under shots --------------------------------------------------------------------------------


def matrix_measured(count: int | None, mixed: bool = False) -> Callable[..., Any]:
    """The mean of `h[..., 4, 4]` on wires 2 and 0 of three, by so many shots."""

    def circuit(p: jax.Array, keys: Keys, x: jax.Array, h: jax.Array) -> jax.Array:
        q = qc.product_state(3, (qc.ry(qc.site("ry", x, 1)), range(3)))
        q = qc.block(q, qc.rxx(qc.site("rxx", p[0], 0)), (0, 1))
        if mixed:
            q = qc.reset(qc.mixed(q), (1,))
        q = qc.block(q, qc.rxx(qc.site("rxx", p[1], 0)), (1, 2))
        given = {} if count is None else {"shots": qc.shots(count, keys["expect"])}
        return qc.expect_matrix(q, h, (2, 0), **given)

    return circuit


def hermitians(samples: int) -> np.ndarray:
    """Random ones, one of which has equal eigenvalues."""
    rng = np.random.default_rng(2)
    m = rng.normal(size=(samples, 4, 4)) + 1j * rng.normal(size=(samples, 4, 4))
    m[0] = np.diag([1.0, 1.0, 1.0, -2.0])
    return m + m.swapaxes(-1, -2).conj()


@pytest.mark.parametrize("mixed", [False, True])
def test_a_matrix_is_measured_in_the_basis_of_its_eigenvectors(mixed: bool) -> None:
    count, repetitions, h = 32, 3000, hermitians(2)
    x = np.random.default_rng(1).normal(size=(2, 3))
    seeds = jnp.arange(repetitions)

    def drawn(seed: jax.Array) -> jax.Array:
        return matrix_measured(count, mixed)(P, keys_of(jax.random.key(seed), (2,)), x, h)

    def exact(h: jax.Array) -> jax.Array:
        return matrix_measured(None, mixed)(P, keys_of(jax.random.key(0), (2,)), x, h)

    found = np.asarray(jax.jit(jax.vmap(drawn))(seeds))
    mean, second = np.asarray(exact(h)), np.asarray(exact(h @ h))
    deviation = np.sqrt((second - mean**2) / count)
    assert (np.abs(found.mean(0) - mean) < 5 * deviation / np.sqrt(repetitions)).all()
    np.testing.assert_allclose(found.std(0), deviation, rtol=0.1)
    assert abs(np.corrcoef(found.T)[0, 1]) < 5 / np.sqrt(repetitions)
    assert set(np.unique(found[:, 0].round(9))) <= set((2 - 6 * np.arange(count + 1) / count).round(9))


@pytest.mark.parametrize("mixed", [False, True])
def test_measured_matrices_have_derivatives(mixed: bool) -> None:
    """By angles from shifted measurements, by the matrix itself as those of the expectation value."""
    x, h = np.random.default_rng(1).normal(size=(2, 3)), hermitians(2)

    def slopes(circuit: Callable[..., Any], seed: Any) -> Any:
        def loss(p: jax.Array, x: jax.Array, h: jax.Array) -> jax.Array:
            return (circuit(p, keys_of(jax.random.key(seed), (2,)), x, h) * jnp.array([1.0, -2.0])).sum()

        return jax.grad(loss, (0, 1, 2))(P, x, h)

    wanted = jax.jit(lambda: slopes(matrix_measured(None, mixed), 0))()
    own = qc.parameter_shift(matrix_measured(100, mixed))
    with exactly():
        for found, one in zip(jax.jit(lambda: slopes(own, 0))(), wanted):
            np.testing.assert_allclose(found, one, atol=1e-9)
    drawn = jax.jit(jax.vmap(lambda seed: slopes(own, seed)))(jnp.arange(400))
    for found, one in zip(drawn[:2], wanted):
        assert (np.abs(found.mean(0) - one) <= 5 * found.std(0) / 20 + 1e-9).all() and found.std(
            0
        ).max() > 0.01
    np.testing.assert_allclose(drawn[2], jnp.broadcast_to(wanted[2], drawn[2].shape), atol=1e-9)
