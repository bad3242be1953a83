"""Convolutions: gradients agree with those that JAX derives; no loop holds another order of axes."""

from __future__ import annotations

import re

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.runtime.convolution import correlate

PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))
SIDES = st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2)


def _derived(images: jax.Array, kernel: jax.Array, stride: object, pad: object) -> jax.Array:
    return jax.lax.conv_general_dilated(
        images, kernel, stride, pad, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def _arrays(seed: int, window: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.random.default_rng(seed)
    return drawn.normal(size=(2, 5, 6, 2)), drawn.normal(size=(*window, 2, 3))


@settings(max_examples=25)
@given(seed=st.integers(0, 99), window=PAIRS, stride=PAIRS, pad=SIDES)
def test_gradients_are_those_that_jax_derives(
    seed: int, window: tuple[int, int], stride: tuple[int, int], pad: tuple[tuple[int, int], ...]
) -> None:
    with jax.enable_x64(True):
        images, kernel = (jnp.asarray(value) for value in _arrays(seed, window))
        ours, other = (
            jax.vjp(lambda x, k, one=one: one(x, k, stride, pad), images, kernel)
            for one in (correlate, _derived)
        )
        slope = jnp.cos(other[0])
        np.testing.assert_allclose(ours[0], other[0], atol=1e-12)
        for mine, theirs in zip(ours[1](slope), other[1](slope)):
            np.testing.assert_allclose(mine, theirs, atol=1e-12)


def test_derivatives_along_the_gradient_exist() -> None:
    """Ridge reads columns of the Hessian."""
    images, kernel = _arrays(0, (3, 3))

    def loss(one: object, k: jax.Array) -> jax.Array:
        return jnp.sum(jnp.sin(one(jnp.asarray(images), k, (2, 1), ((1, 1), (0, 2)))))  # type: ignore[operator]

    along = [
        jax.jvp(jax.grad(lambda k, one=one: loss(one, k)), (kernel,), (kernel,))[1]
        for one in (correlate, _derived)
    ]
    np.testing.assert_allclose(*along, rtol=1e-4, atol=1e-4)


def test_a_step_in_a_loop_holds_canonical_convolutions_only() -> None:
    """XLA's CPU compiler takes its fast path for `b01f_01io->b01f`; the derived gradient holds two others."""
    images, kernel = _arrays(0, (3, 3))

    def orders(one: object) -> set[str]:
        def loss(k: jax.Array, x: jax.Array) -> jax.Array:
            return jnp.sum(one(x, k, (1, 1), ((1, 1), (1, 1))) ** 2)  # type: ignore[operator]

        def steps(k: jax.Array, x: jax.Array) -> jax.Array:
            def step(_: int, at: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
                by_kernel, by_images = jax.grad(loss, (0, 1))(*at)
                return at[0] - by_kernel, at[1] - by_images

            return jax.lax.fori_loop(0, 2, step, (k, x))

        text = jax.jit(steps).lower(kernel, images).compile().as_text()
        return set(re.findall(r"dim_labels=(\S+?),? ", text))

    assert orders(correlate) == {"b01f_01io->b01f"}
    assert len(orders(_derived)) > 1
