"""Kernels under jit, vmap, grad and jvp; batches; precision; tables that must not appear."""

from __future__ import annotations

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hqn.runtime import circuit as qc
from hqn.runtime.circuit import moves, signs

N, BATCH = 8, 37
RNG = np.random.default_rng(0)


def layered(w: jax.Array, x: jax.Array) -> jax.Array:
    """Weights `[2, N, 3]`, inputs `[..., N]`: two blocks of four wires per layer and a ring."""
    q = qc.product_state(N, (qc.ry(x), range(N)))
    for turn in range(2):
        for first in (0, 4):
            q = qc.block(q, qc.kron(qc.rot(w[turn, first : first + 4])), range(first, first + 4))
        q = qc.permute(q, qc.cx_ring(N, 1))
    return qc.expect_z(q)


def shapes(text: str) -> set[tuple[int, ...]]:
    """The shapes of all tensors in a StableHLO text."""
    found = re.findall(r"tensor<((?:\d+x)+)", text)
    return {tuple(int(dim) for dim in dims.strip("x").split("x")) for dims in found}


@pytest.mark.parametrize("native", [True, False])
def test_gradients_of_shared_matrices_have_no_batch(native: bool) -> None:
    w = jnp.asarray(RNG.normal(size=(2, N, 3)), jnp.float32)
    x = jnp.asarray(RNG.normal(size=(BATCH, N)), jnp.float32)
    f = layered if native else jax.vmap(layered, in_axes=(None, 0))
    text = jax.jit(jax.grad(lambda w: (f(w, x) ** 2).sum())).lower(w).as_text()
    seen = shapes(text)
    assert any(BATCH in shape for shape in seen)
    assert not [shape for shape in seen if BATCH in shape and shape.count(32) >= 2]


@pytest.mark.parametrize("wires", [((0,), (1,)), ((0, 1), (3,)), ((2, 0), (3, 2))])
def test_a_product_state_is_the_same_mapped_and_compiled(wires: tuple[tuple[int, ...], ...]) -> None:
    """Parts of a register one after the other, of some wires of each sample and in any order."""
    x = RNG.normal(size=(4, 4))

    def state(x: jax.Array) -> jax.Array:
        first, second = wires
        parts = ((qc.rx(x[: len(first)]), first), (qc.ry(x[1 : 1 + len(second)]), second))
        return qc.state(qc.product_state(max(first + second) + 1, *parts))

    with jax.enable_x64(True):
        wanted = np.stack([state(jnp.asarray(one)) for one in x])
        np.testing.assert_allclose(jax.jit(jax.vmap(state))(x), wanted, atol=1e-12)


def test_batches_are_nested_maps() -> None:
    w = jnp.asarray(RNG.normal(size=(2, N, 3)), jnp.float32)
    x = jnp.asarray(RNG.normal(size=(2, 3, N)), jnp.float32)
    nested = jax.vmap(jax.vmap(lambda one: layered(w, one)))(x)
    lifted = layered(w, x)
    assert lifted.shape == (2, 3, N) and lifted.dtype == jnp.float32
    np.testing.assert_allclose(lifted, nested, atol=1e-5)


def test_own_weights_under_vmap() -> None:
    w = jnp.asarray(RNG.normal(size=(3, 2, N, 3)), jnp.float32)
    x = jnp.asarray(RNG.normal(size=(3, 5, N)), jnp.float32)
    together = jax.vmap(layered)(w, x)
    np.testing.assert_allclose(together, jnp.stack([layered(w[i], x[i]) for i in range(3)]), atol=1e-5)


# --- permutations ---------------------------------------------------------------------------------

MOVES = qc.permutation(
    4,
    ("cx", ((0, 1), (2, 3))),
    ("ccx", ((3, 0, 1),), (0, 1)),
    ("swap", ((0, 3),)),
    ("x", ((2,),)),
    ("cswap", ((1, 0, 2),)),
)


def amplitudes(q: qc.State) -> np.ndarray:
    return np.asarray(qc.state(q))


@pytest.fixture
def state() -> qc.State:
    q = qc.product_state(4, (qc.rot(jnp.asarray(RNG.normal(size=(4, 3)), jnp.float32)), range(4)))
    return qc.block(q, qc.gate("h"), (2,))


def test_inverse_permutation(state: qc.State) -> None:
    back = qc.permute(qc.permute(state, MOVES), MOVES.inverse())
    np.testing.assert_array_equal(amplitudes(back), amplitudes(state))


def test_permutations_compose(state: qc.State) -> None:
    ring = qc.cx_ring(4, 1)
    both = qc.permute(state, MOVES @ ring)
    np.testing.assert_array_equal(amplitudes(both), amplitudes(qc.permute(qc.permute(state, MOVES), ring)))


def test_permutation_is_linear_in_every_mode(state: qc.State) -> None:
    def f(array: jax.Array) -> jax.Array:
        return qc.permute(qc.State(array, state.axes, state.batch), MOVES).array

    matrix = jax.jacfwd(f)(state.array)[:, 0, :, 0]
    np.testing.assert_array_equal(matrix, jax.jacrev(f)(state.array)[:, 0, :, 0])
    np.testing.assert_array_equal(matrix @ matrix.T, np.eye(32))
    np.testing.assert_array_equal(matrix @ state.array[:, 0], f(state.array)[:, 0])


def test_gradients_gather_and_never_scatter() -> None:
    w, x = jnp.ones((2, N, 3)), jnp.ones((3, N))
    text = jax.jit(jax.grad(lambda w, x: layered(w, x).sum(), argnums=(0, 1))).lower(w, x).as_text()
    assert "gather" in text and "scatter" not in text


def test_large_registers_have_no_tables(state: qc.State, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = amplitudes(qc.permute(state, MOVES))
    monkeypatch.setattr(moves, "TABLE_WIRES", 3)

    @jax.jit
    def computed(array: jax.Array) -> jax.Array:
        return qc.permute(qc.State(array, state.axes, ()), MOVES @ qc.permutation(4)).array

    rows = np.asarray(computed(state.array))[:, 0]
    np.testing.assert_array_equal(rows[:16] + 1j * rows[16:], expected)
    text = computed.lower(state.array).as_text()
    assert "stablehlo.iota" in text and "dense<[" not in text


def test_rows_of_wires() -> None:
    assert qc.tuples((0, 1), 2, 3) == ((0, 1), (2, 3), (4, 5))
    assert qc.tuples((0, 1), 1, 4, 4) == ((0, 1), (1, 2), (2, 3), (3, 0))


# --- signs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [signs.TABLE, 8])
def test_sign_sums_are_transposes(table: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs, "TABLE", table)
    masks = [0, 1, 0b10000, 0b10001, 0b01111, 0b11111]
    exact = signs.signs(np.array(masks), 5)
    vector = RNG.normal(size=(32, 3)).astype(np.float32)
    coefficients = RNG.normal(size=(6, 3)).astype(np.float32)
    np.testing.assert_allclose(
        signs.overlaps(jnp.asarray(vector), masks), exact @ vector, rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(
        signs.expand(jnp.asarray(coefficients), masks, 5), exact.T @ coefficients, rtol=1e-4, atol=1e-5
    )


# --- loops, samples, precision -----------------------------------------------------------------------


def test_repeat_is_the_loop_and_takes_samples_from_its_turns() -> None:
    w = jnp.asarray(RNG.normal(size=(12, 3, 3)), jnp.float32)
    x = jnp.asarray(RNG.normal(size=(4, 3)), jnp.float32)

    def turn(q: qc.State, w: jax.Array) -> qc.State:
        q = qc.block(q, qc.kron(qc.rot(w)), range(3))
        return qc.phase(q, qc.diagonal("rz", range(3), x))

    looped = qc.zero_state(3)
    for each in w:
        looped = turn(looped, each)
    scanned = qc.repeat(turn, qc.zero_state(3), w)
    assert scanned.batch == (4,)
    np.testing.assert_allclose(qc.state(scanned), qc.state(looped), atol=1e-5)


def test_samples_of_gates_meet_by_broadcasting() -> None:
    x, y = RNG.normal(size=(3, 1, 2)), RNG.normal(size=(4, 2))
    q = qc.product_state(2, (qc.rx(x), range(2)))
    q = qc.phase(q, qc.diagonal("rz", range(2), jnp.asarray(y, jnp.float32)))
    q = qc.block(q, qc.fuse(2, (qc.ry(y[..., 0]), (0,))), range(2))
    found = qc.expect(q, ("XY", "ZI"))
    assert found.shape == (3, 4, 2)
    one = qc.product_state(2, (qc.rx(x[1, 0]), range(2)))
    one = qc.phase(one, qc.diagonal("rz", range(2), jnp.asarray(y[2], jnp.float32)))
    one = qc.block(one, qc.ry(y[2, 0]), (0,))
    np.testing.assert_allclose(found[1, 2], qc.expect(one, ("XY", "ZI")), atol=1e-5)


def test_precision_follows_the_weights() -> None:
    with jax.enable_x64(True):
        for dtype in (jnp.float32, jnp.float64):
            w: Any = jnp.ones((2, 3), dtype)
            q = qc.block(qc.zero_state(2, like=w), qc.gate("h"), (0,))
            q = qc.permute(qc.block(q, qc.kron(qc.rot(w)), range(2)), qc.cx_chain(2))
            q = qc.phase(q, qc.diagonal("cz", ((0, 1),)), qc.diagonal("rz", (0,), w[0, :1]))
            assert q.array.dtype == dtype
            assert qc.expect(q, ("XY",)).dtype == dtype
