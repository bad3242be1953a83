"""Sums over the states of a register with signs (-1)^popcount(index & mask): the Walsh functions.

What came before: masks, ints whose bits name wires, most significant first. What leaves: overlaps of a
vector with such signs, and sums of such signs with coefficients; each is the transpose of the other.
Expectation values of Z words are the first, exponents of diagonal gates the second. Invariant: no table has
more than `TABLE` entries; a larger one is the product of one over the high and one over the low bits, which
also sums in two stages.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

TABLE = 1 << 16

Array = np.ndarray[Any, Any]


def signs(masks: Array, n: int) -> Array:
    """f64[masks, 2^n] of +-1."""
    odd = np.bitwise_count(masks[:, None] & np.arange(1 << n)) & 1
    return np.where(odd, -1.0, 1.0)


def mask_of(wires: tuple[int, ...], order: tuple[int, ...]) -> int:
    """The mask of some wires where the bits of an index are the wires of `order`."""
    return sum(1 << (len(order) - 1 - order.index(wire)) for wire in wires)


def overlaps(vector: jax.Array, masks: list[int]) -> jax.Array:
    """sum_i (-1)^|i & mask| vector[i]: `[2^n, B]` -> `[masks, B]`."""
    n = vector.shape[0].bit_length() - 1
    listed = np.array(masks, dtype=np.int64)
    if len(masks) << n <= TABLE:
        return jnp.asarray(signs(listed, n), vector.dtype) @ vector
    high, groups, places = _split(listed, n)
    halves = vector.reshape(1 << (n - n // 2), 1 << n // 2, -1)
    inner = jnp.einsum("ul,hlb->uhb", jnp.asarray(signs(groups, n // 2), vector.dtype), halves)
    outer = jnp.asarray(signs(high, n - n // 2), vector.dtype)
    return jnp.einsum("mh,mhb->mb", outer, inner[places])


def expand(coefficients: jax.Array, masks: list[int], n: int) -> jax.Array:
    """sum_m coefficients[m] (-1)^|i & mask_m|: `[masks, B]` -> `[2^n, B]`."""
    listed = np.array(masks, dtype=np.int64)
    dtype = coefficients.dtype
    if len(masks) << n <= TABLE:
        return jnp.asarray(signs(listed, n).T, dtype) @ coefficients
    high, groups, places = _split(listed, n)
    member = jnp.asarray(places[:, None] == np.arange(len(groups)), dtype)
    outer = jnp.asarray(signs(high, n - n // 2), dtype)
    inner = jnp.einsum("mu,mh,mb->uhb", member, outer, coefficients)
    both = jnp.einsum("ul,uhb->hlb", jnp.asarray(signs(groups, n // 2), dtype), inner)
    return both.reshape(1 << n, -1)


def _split(masks: Array, n: int) -> tuple[Array, Array, Array]:
    """The high halves of masks, the different low halves, and which of those each mask has."""
    low = masks & ((1 << n // 2) - 1)
    groups, places = np.unique(low, return_inverse=True)
    return masks >> n // 2, groups, places
