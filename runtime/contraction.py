"""The run time's `tn`: what planned contractions of emitted text need beside `jnp.einsum`.

What came before: factors and intermediate results whose last `rank` axes belong to one sample. What leaves:
the same, read through affine positions or rescaled. Invariant: rescaling is exact, because it multiplies by
powers of two only, and has no part in derivatives.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np


def positions(sizes: tuple[int, ...], factors: tuple[int, ...], start: int) -> np.ndarray:
    """The table `sum(factor * index) + start` over indices of these sizes: i32[*sizes]."""
    return np.asarray(start + np.tensordot(factors, np.indices(sizes), 1), np.int32)


def walked(x: jax.Array, axis: int, start: int, stop: int) -> jax.Array:
    """Elements `start` to `stop` of `axis` (negative), which becomes the first axis, for a scan to walk."""
    return jnp.moveaxis(jax.lax.slice_in_dim(x, start, stop, axis=axis), axis, 0)


def sliced(part: Callable[..., jax.Array], sizes: tuple[int, ...]) -> jax.Array:
    """The sum of `part(i, j, …)` over all i below sizes[0], j below sizes[1], …: one part at a time.

    A part is computed again for its derivative, so that never more than one has its intermediates in memory.
    """

    def add(total: jax.Array, number: jax.Array) -> tuple[jax.Array, None]:
        return total + again(*jnp.unravel_index(number, sizes)), None

    again = jax.checkpoint(part)
    first = jnp.zeros((), jnp.int32)
    shape = jax.eval_shape(again, *(first for _ in sizes))
    numbers = jnp.arange(math.prod(sizes))
    return jax.lax.scan(add, jnp.zeros(shape.shape, shape.dtype), numbers)[0]


def picked(x: jax.Array, *positions: jax.Array | None) -> jax.Array:
    """`x` at one position of each of its last axes; None keeps the axis."""
    return jnp.asarray(x)[(..., *(slice(None) if at is None else at for at in positions))]


def rescaled(x: jax.Array, rank: int) -> tuple[jax.Array, jax.Array]:
    """`x * 2**-e` and e, so that each sample's largest element is in [1/2, 1); e is 0 for a zero `x`.

    x: f32[..., *sample], `rank` sample axes; e: i32[...].
    """
    axes = tuple(range(x.ndim - rank, x.ndim))
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(x), axis=axes, initial=0.0))
    _, exponent = jnp.frexp(largest)
    return scaled(x, -exponent, rank), exponent


def scaled(x: jax.Array, exponent: jax.Array, rank: int) -> jax.Array:
    """`x * 2**exponent`, in two steps so that neither power leaves the range of its type."""
    each = jnp.reshape(exponent, exponent.shape + (1,) * rank)
    half = each // 2
    one = jnp.ones((), x.dtype)
    return x * jnp.ldexp(one, half) * jnp.ldexp(one, each - half)
