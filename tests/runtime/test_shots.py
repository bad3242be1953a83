"""Noise of finite shots in training: independent where it must be, and no more of it than there are shots."""

from __future__ import annotations

import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hqn.runtime import circuit as qc
from hqn.runtime.keys import Keys, keys_of

SHOTS, REPETITIONS = 32, 4000
X = np.array([[0.4, 1.1], [0.9, -0.5]])
WORDS = ("ZI", "XX")
"""Two groups."""


@pytest.fixture(autouse=True)
def double() -> Any:
    with jax.enable_x64(True):
        yield


def circuit(x: jax.Array, keys: Keys | None = None) -> jax.Array:
    q = qc.product_state(2, (qc.ry(qc.site("ry", x, 1)), range(2)))
    q = qc.permute(q, qc.permutation(2, ("cx", ((0, 1),))))
    q = qc.block(q, qc.ry(0.7), (0,))
    return qc.expect(q, WORDS, shots=None if keys is None else qc.shots(SHOTS, keys["expect"]))


def estimates() -> tuple[np.ndarray, np.ndarray]:
    """Errors `[repetitions, numbers]` of values and derivatives, and their standard deviations.

    Numbers are the values of each sample and group, and each one's derivatives by both angles of its sample.
    """
    method = qc.parameter_shift(circuit)

    def numbers(of_input: Any) -> jax.Array:
        slopes = jax.jacrev(of_input)(X)  # [samples, groups, samples, angles]
        own = jnp.stack([slopes[sample, :, sample] for sample in range(len(X))])
        return jnp.concatenate([of_input(X).ravel(), own.ravel()])

    def once(seed: jax.Array) -> jax.Array:
        return numbers(lambda x: method(x, keys_of(jax.random.key(seed), (len(X),))))

    found = jax.jit(jax.vmap(once))(jnp.arange(REPETITIONS))
    moves = [side * np.pi / 2 * np.eye(2)[angle] for angle in range(2) for side in (1, -1)]
    shifted = jnp.stack([1 - circuit(jnp.asarray(X + move)) ** 2 for move in moves], -1)
    values = (1 - circuit(jnp.asarray(X)) ** 2) / SHOTS
    slopes = (
        shifted.reshape(*values.shape, 2, 2).sum(-1) / 4 / SHOTS
    )  # half the difference of two evaluations
    deviations = np.sqrt(np.concatenate([np.ravel(values), np.ravel(slopes)]))
    return np.asarray(found - jax.jit(lambda: numbers(circuit))()), deviations


def test_noise_is_independent_between_samples_groups_and_shifts() -> None:
    """Of all pairs of numbers, under jit, vmap and derivatives. Noise that two shifts share would show in
    the deviation of their difference.
    """
    errors, deviations = estimates()
    bound = 5 / np.sqrt(REPETITIONS)
    assert (np.abs(errors.mean(0)) < bound * deviations).all()
    np.testing.assert_allclose(errors.std(0), deviations, rtol=0.08)
    correlations = np.corrcoef(errors.T)
    assert correlations.shape == (12, 12)
    assert np.abs(correlations - np.eye(12)).max() < bound


def test_words_that_commute_qubit_by_qubit_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One table of frequencies per group of words and evaluation, of all shots, drawn at once."""
    drawn: list[tuple[int, ...]] = []
    expect: Any = sys.modules["hqn.runtime.circuit.expect"]
    frequencies = expect.frequencies

    def counted(table: jax.Array, given: Any) -> jax.Array:
        drawn.append((given.count, *table.shape))
        found: jax.Array = frequencies(table, given)
        np.testing.assert_array_equal(jnp.round(found.sum(0) * given.count), given.count)
        return found

    monkeypatch.setattr(expect, "frequencies", counted)
    q = qc.product_state(3, (qc.ry(jnp.array([0.3, 1.0, 2.0])), range(3)))
    words = ("ZII", "IZI", "ZZI", "XXI", "IXX", "IIZ", "YIX")
    qc.expect(q, words, shots=qc.shots(SHOTS, keys_of(jax.random.key(0), (5,))))
    assert drawn == [(SHOTS, 8, 3 * 5)]  # Z of all wires, X of all wires, Y and X
