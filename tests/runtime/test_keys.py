"""Draws depend on the site and the sample, and not on the batch around them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.runtime.keys import Keys, bernoulli, keys_of, normal, training_keys, uniform

SEED = jax.random.key(3)


def keys(samples: list[int], turn: int = 2, step: int = 9) -> Keys:
    return training_keys(SEED, turn, step, jnp.asarray(samples, jnp.int32))


@settings(max_examples=15, deadline=None)
@given(st.permutations([4, 8, 15, 16, 23, 42]), st.integers(1, 6))
def test_a_sample_draws_the_same_in_any_batch_and_order(order: list[int], size: int) -> None:
    whole = dict(zip(sorted(order), uniform(keys(sorted(order))["drop"], "sample", 0, 1, (3,))))
    part = order[:size]
    for sample, drawn in zip(part, uniform(keys(part, step=1)["drop"], "sample", 0, 1, (3,))):
        np.testing.assert_array_equal(drawn, whole[sample])


def test_sites_turns_and_passes_differ() -> None:
    drawn = [
        float(normal(one, "sample", 1.0)[0])
        for one in (keys([1])["a"], keys([1])["b"], keys([1], turn=3)["a"], keys([1])["a"].turn(1))
    ]
    assert len(set(drawn)) == 4


def test_scopes() -> None:
    one, two = keys([1, 2])["a"], keys([1, 2], step=10)["a"]
    assert uniform(one, "step", 0, 1).shape == ()
    assert float(uniform(one, "run", 0, 1)) == float(uniform(two, "run", 0, 1))
    assert float(uniform(one, "step", 0, 1)) != float(uniform(two, "step", 0, 1))


def test_a_lifted_call_draws_once_per_element() -> None:
    lifted = keys([1, 2])["a"].lift((5,))
    drawn = normal(lifted, "sample", 1.0)
    assert drawn.shape == (2, 5)
    assert len(np.unique(drawn)) == 10
    np.testing.assert_array_equal(drawn[:, 3], normal(keys([1, 2])["a"].turn(3), "sample", 1.0))


def test_bernoulli_has_its_probability() -> None:
    drawn = bernoulli(keys_of(SEED, (2000,)), "sample", 0.3, (5,))
    assert abs(float(drawn.mean()) - 0.3) < 0.02
