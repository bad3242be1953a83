"""The finite-shot workload: value and gradient of a mean over samples, estimated from outcomes.

What came before: `programs/shots.hqn`, whose run puts the model under an execution profile. What leaves: a
`Pair` without a frozen step. Invariant: each sample has keys of its own, `jax.vmap` maps over both.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.circuits.pairs import Pair, compiled
from hqn.runtime.keys import Keys, keys_of
from hqn.runtime.variables import nested

BATCH, QUBITS = 8, 8


def measured() -> Pair:
    """The first statement of the run, on the numbers that `benchmarks/peers/shots_pl.py` draws."""
    run = compiled("shots", "heisenberg").runs["gradient"].spec
    (slot,) = run.slots
    weights = np.random.default_rng(1).uniform(-np.pi, np.pi, slot.shape).astype("f4")
    samples = np.random.default_rng(0).uniform(-1.5, 1.5, (BATCH, QUBITS)).astype("f4")

    def estimated(weights: jax.Array, key: jax.Array) -> jax.Array:
        keys = keys_of(key, (BATCH,))
        values = nested([(slot.path, weights)])["exact"]
        tree = dict.fromkeys((let.name for let in run.lets), values)

        def one(key: jax.Array, x: jax.Array) -> Any:
            return run.minimize[0].function(tree, Keys(keys.run, keys.step, key), x)

        return jnp.mean(jax.vmap(one)(keys.sample, jnp.asarray(samples)))

    step, key = jax.jit(jax.value_and_grad(estimated)), jax.random.key(0)
    return Pair(lambda: step(jnp.asarray(weights), key))
