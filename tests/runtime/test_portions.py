"""Batches in portions: the values and derivatives of the whole batch."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hqn.runtime import circuit as qc
from hqn.runtime.keys import keys_of

RNG = np.random.default_rng(0)
W = jnp.asarray(RNG.normal(size=(2, 3)), jnp.float32)
SIZES: list[int] = []


def _circuit(p: Any, x: jax.Array, y: jax.Array) -> jax.Array:
    SIZES.append(int(np.prod(x.shape[:-1])))
    q = qc.product_state(2, (qc.ry(x), (0, 1)))
    q = qc.block(q, qc.kron(qc.rot(p["w"])), (0, 1))
    return qc.expect_z(q, (0, 1)) * y[..., None]


@pytest.mark.parametrize(
    ("batch", "at_once", "largest", "shared"),
    [((7,), 3, 3, False), ((2, 3), 4, 3, True), ((5,), 5, 5, False), ((3,), 1, 1, True)],
)
def test_portions_are_the_whole_batch(
    batch: tuple[int, ...], at_once: int, largest: int, shared: bool
) -> None:
    x = jnp.asarray(RNG.normal(size=(*batch, 2)), jnp.float32)
    y = jnp.asarray(0.5 if shared else RNG.normal(size=batch), jnp.float32)
    portioned = qc.at_once(at_once, (1, 0))(_circuit)

    def both(circuit: Any) -> Any:
        def total(*args: Any) -> Any:
            values = circuit(*args)
            return (values**2).sum(), values

        return jax.jit(jax.value_and_grad(total, argnums=(0, 1, 2), has_aux=True))({"w": W}, x, y)

    SIZES.clear()
    found = both(portioned)
    assert max(SIZES) == largest
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(both(_circuit)), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_every_sample_keeps_its_key() -> None:
    def drawn(keys: Any, x: jax.Array) -> jax.Array:
        return x + jax.vmap(jax.random.uniform)(keys.per("sample"))

    keys, x = keys_of(jax.random.key(1), (5,)), jnp.zeros(5)
    np.testing.assert_array_equal(qc.at_once(2, (0,))(drawn)(keys, x), drawn(keys, x))
