"""The run time's `quant`: fake and real quantization, as emitted text calls them.

What came before: float weights and activations, and scales that calibration found. What leaves: floats on a
grid (`fake`, `weight`, `angle`), or the integers themselves and their sums. Invariants: rounding is to the
nearest, half to even, everywhere; a value's fake quantization is its integers times the scale, so that float
and integer arithmetic agree bit for bit wherever products and sums are exact (power-of-two scales); the
derivative is that of clipping, straight through the rounding.

Integers of n bits: symmetric -(2^(n-1) - 1) … 2^(n-1) - 1 with scale = absmax / (2^(n-1) - 1); asymmetric
-2^(n-1) … 2^(n-1) - 1 with an integer zero point, of a range that contains zero (Jacob et al. 2018,
arXiv:1712.05877; Nagel et al. 2021, arXiv:2106.08295).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import pi, prod
from typing import Any

import jax
import jax.numpy as jnp

Observer = Callable[[Any, Any], None]
"""Given the identity that stands in a site's scale, and the values that come by."""

SMALLEST = 2.0**-100
"""The smallest scale: division by it and products of two stay normal numbers in f32."""

_observer: ContextVar[Observer | None] = ContextVar("observer", default=None)


@contextmanager
def observing(observer: Observer) -> Iterator[None]:
    """Inside, `activation` passes values on as they are and shows them to `observer` on the host."""
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)


# --- grids ------------------------------------------------------------------------------------------


def limits(bits: int, symmetric: bool) -> tuple[int, int]:
    """The smallest and largest integer."""
    largest = 2 ** (bits - 1) - 1
    return (-largest if symmetric else -largest - 1), largest


def power_of_two(scale: jax.Array) -> jax.Array:
    """The smallest power of two that is not below `scale` (positive)."""
    mantissa, exponent = jnp.frexp(scale)
    return jnp.ldexp(jnp.ones_like(scale), jnp.where(mantissa == 0.5, exponent - 1, exponent))


def grid(low: jax.Array, high: jax.Array, bits: int, symmetric: bool, po2: bool = False) -> tuple[Any, Any]:
    """Scale and zero point (a whole number in float; 0 where symmetric) of ranges `low` to `high`."""
    low, high = jnp.minimum(low, 0.0), jnp.maximum(high, 0.0)
    first, last = limits(bits, symmetric)
    width, steps = (jnp.maximum(-low, high), last) if symmetric else (high - low, last - first)
    scale = width * (1 / steps)  # compilers turn some quotients by constants into this, so that bits differ
    scale = jnp.where(scale > 0, jnp.maximum(scale, SMALLEST), 1.0)
    scale = power_of_two(scale) if po2 else scale
    zero = jnp.zeros_like(scale) if symmetric else jnp.clip(first - jnp.round(low / scale), first, last)
    return scale, zero


# --- floats on a grid ---------------------------------------------------------------------------------


def activation(
    x: jax.Array, scale: jax.Array, zero: jax.Array, *, bits: int, symmetric: bool = False
) -> jax.Array:
    """Fake quantization of an activation by a calibrated scale and zero point, scalars of one turn."""
    observer = _observer.get()
    if observer is not None:
        jax.debug.callback(observer, scale, x)
        return x
    return _faked(x, scale, None if symmetric else zero, bits)


def bias(b: jax.Array, scale: jax.Array) -> jax.Array:
    """A bias on the grid of the products that it is added to: i32, `scale` = s_w * s_a.

    While activations are watched it stays as it is: their scales are identities then.
    """
    return b if _observer.get() is not None else _faked(b, scale, None, 32)


def weight(w: jax.Array, *, bits: int, symmetric: bool = True, **options: Any) -> jax.Array:
    """Fake quantization of a weight by its own range; see `weight_grid` for `options`."""
    scale, zero = weight_grid(w, bits=bits, symmetric=symmetric, **options)
    return _faked(w, scale, None if symmetric else zero, bits)


def angle(x: jax.Array, bits: int) -> jax.Array:
    """Angles (radians) rounded to multiples of 2 pi / 2^bits; nothing is wrapped: R(t + 2 pi) = -R(t)."""
    return _straight(jnp.round(x * (2**bits / (2 * pi))) * (2 * pi / 2**bits), x)


def _faked(x: jax.Array, scale: jax.Array, zero: jax.Array | None, bits: int) -> jax.Array:
    scale = jax.lax.stop_gradient(scale)
    first, last = limits(bits, zero is None)
    shift = 0.0 if zero is None else jax.lax.stop_gradient(zero)
    fixed = jax.lax.stop_gradient(x)
    wanted = jnp.round(fixed / scale) + shift
    counted = jnp.clip(wanted, first, last)
    return _straight((counted - shift) * scale, jnp.where(wanted == counted, x, fixed))


@jax.custom_jvp
def _straight(value: jax.Array, surrogate: jax.Array) -> jax.Array:
    """The value of the first, exactly, with the derivative of the second."""
    return value


@_straight.defjvp
def _straight_jvp(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[Any, Any]:
    return primals[0], tangents[1]


# --- grids of weights ---------------------------------------------------------------------------------


def weight_grid(
    w: jax.Array,
    *,
    bits: int,
    symmetric: bool = True,
    axis: int | None = None,
    group: int | None = None,
    po2: bool = False,
    percentile: float = 100.0,
) -> tuple[jax.Array, jax.Array]:
    """Scale and zero point of a weight's own range, shaped to broadcast against it.

    One of the whole weight; of each slice along `axis` (negative); or of every `group` elements in a row
    along the last axis. `percentile` leaves out the largest magnitudes (symmetric) or both ends of the
    values.
    """
    w = jax.lax.stop_gradient(w)
    if group is not None:
        blocks = w.reshape((*w.shape[:-1], w.shape[-1] // group, group))
        low, high = _range(blocks, (blocks.ndim - 1,), symmetric, percentile)
        scale, zero = grid(low, high, bits, symmetric, po2)
        spread = (jnp.broadcast_to(one, blocks.shape).reshape(w.shape) for one in (scale, zero))
        return tuple(spread)  # type: ignore[return-value]
    kept = None if axis is None else axis % w.ndim
    rest = tuple(place for place in range(w.ndim) if place != kept)
    return grid(*_range(w, rest, symmetric, percentile), bits, symmetric, po2)


def _range(w: jax.Array, axes: tuple[int, ...], symmetric: bool, percentile: float) -> tuple[Any, Any]:
    if symmetric:
        w = jnp.abs(w)
    if percentile >= 100:
        low, high = jnp.min(w, axes, keepdims=True), jnp.max(w, axes, keepdims=True)
    else:
        ends = jnp.array([100 - percentile, percentile])
        low, high = jnp.percentile(w, ends, axis=axes, keepdims=True)
    return (-high, high) if symmetric else (low, high)


def weight_scale(w: jax.Array, **options: Any) -> jax.Array:
    """The scale of each channel `[c]`, or of the whole weight `[]`, as `weight` uses it."""
    scale, _ = weight_grid(w, **options)
    return scale.reshape(-1) if options.get("axis") is not None else scale.reshape(())


# --- integers -----------------------------------------------------------------------------------------


def weight_integers(w: jax.Array, *, bits: int, **options: Any) -> jax.Array:
    """The integers of a symmetric weight, in i8."""
    scale, _ = weight_grid(w, bits=bits, **options)
    return integers(w, scale, bits=bits)


def integers(x: jax.Array, scale: jax.Array, zero: jax.Array | None = None, *, bits: int) -> jax.Array:
    """`round(x / scale) + zero` within the limits: i8 up to 8 bits, else i32."""
    first, last = limits(bits, zero is None)
    counted = jnp.round(x / scale) + (0.0 if zero is None else zero)
    if bits > 24:  # the limits are no floats, but casts saturate there
        return counted.astype(jnp.int32)
    return jnp.clip(counted, first, last).astype(jnp.int8 if bits <= 8 else jnp.int32)


def dense(x: jax.Array, w: jax.Array, zero: jax.Array | None = None) -> jax.Array:
    """`y[o] = sum_i w[o, i] (x[i] - zero)` in i32, of i8 `x[..., i]` and `w[o, i]`."""
    y = jax.lax.dot_general(x, w, (((x.ndim - 1,), (1,)), ((), ())), preferred_element_type=jnp.int32)
    if zero is None:
        return y
    return y - zero.astype(jnp.int32) * jnp.sum(w, axis=1, dtype=jnp.int32)


def conv2d(
    x: jax.Array,
    w: jax.Array,
    zero: jax.Array | None = None,
    *,
    stride: tuple[int, ...],
    pad: tuple[int, ...],
) -> jax.Array:
    """The cross-correlation of `x - zero` `[..., h, w, ci]` with `w[kh, kw, ci, co]` in i32, both i8.

    The border is padded with the zero point, which stands for 0.
    """
    border = jnp.int8(0) if zero is None else zero.astype(jnp.int8)
    spread = ((pad[0], pad[1]), (pad[2], pad[3]), (0, 0))
    widths = ((0, 0),) * (x.ndim - 3) + spread
    x = jnp.pad(x, widths, constant_values=border) if any(pad) else x
    images = x.reshape((prod(x.shape[:-3]), *x.shape[-3:]))
    y = jax.lax.conv_general_dilated(
        images, w, stride, "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"),
        preferred_element_type=jnp.int32,
    )  # fmt: skip
    y = y.reshape((*x.shape[:-3], *y.shape[1:]))
    if zero is None:
        return y
    return y - zero.astype(jnp.int32) * jnp.sum(w, axis=(0, 1, 2), dtype=jnp.int32)
