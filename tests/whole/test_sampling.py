"""`sample`, `counts` and `most_likely` from text to outcomes."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import hqn

TEXT = """
circuit drawn(x: f32[n]) -> f32[6] {
  qubits q[n]
  rx(x) q
  cx q[0], q[1]
  bits = sample(q[0..2], 400)
  again = f32(counts(q[2], 400))
  return concat(mean[axes = (0)](f32(bits)), [mean(f32(bits[:, 0] != bits[:, 1]))], again / 400, [sum(again)])
}
model net(x: f32[3]) -> f32[6] { return drawn(x) }
circuit best(x: f32[n]) -> idx[2][n] {
  qubits q[n]
  rx(x) q
  return most_likely(q)
}
model top(x: f32[3]) -> idx[2][3] { return best(x) }
"""


@pytest.fixture(scope="module")
def program() -> Any:
    return hqn.compile(TEXT)


def test_outcomes_have_the_probabilities_of_the_state(program: Any) -> None:
    model, x = program.models["net"], jnp.array([0.7, 1.9, 2.5])
    apply = jax.jit(lambda x, key: model.apply(model.init(0), x, key=key))
    found = np.asarray(apply(jnp.broadcast_to(x, (300, 3)), jax.random.key(1)))
    first, second, third = np.sin(np.asarray(x) / 2) ** 2
    flipped = first * (1 - second) + (1 - first) * second
    wanted = np.array([first, flipped, second, 1 - third, third, 400.0])
    spread = np.sqrt(wanted[:5] * (1 - wanted[:5]) / 400)
    assert (np.abs(found.mean(0)[:5] - wanted[:5]) < 5 * spread / np.sqrt(300)).all()
    np.testing.assert_allclose(found.std(0)[:5], spread, rtol=0.25)  # every sample for itself
    np.testing.assert_array_equal(found[:, 5], 400)
    np.testing.assert_array_equal(found, apply(jnp.broadcast_to(x, (300, 3)), jax.random.key(1)))
    assert (found != apply(jnp.broadcast_to(x, (300, 3)), jax.random.key(2))).any()


def test_a_sample_does_not_depend_on_the_others(program: Any) -> None:
    model, x = program.models["net"], jnp.linspace(0.1, 2.9, 12).reshape(4, 3)
    np.testing.assert_array_equal(model.apply(model.init(0), x)[:2], model.apply(model.init(0), x[:2]))


def test_the_most_likely_outcome_is_exact_and_draws_nothing(program: Any) -> None:
    model = program.models["top"]
    assert not model.draws
    np.testing.assert_array_equal(model.apply(model.init(0), jnp.array([2.0, 0.3, 1.7])), [1, 0, 1])
