"""Cross-correlation of images, with a gradient that stays fast inside of loops.

What came before: images `[n, h, w, ci]` and a kernel `[kh, kw, ci, co]`. What leaves: `[n, h', w', co]`.
Invariant: it and both its gradients are convolutions whose axes stand in XLA's canonical order. XLA brings
other orders into it in the entry computation only; inside a loop, as training steps are, it would fall back
to naive code on the CPU, which was measured about 40 times slower (jax issue 12868 has the cause).
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

Pair = tuple[int, int]
Sides = tuple[Pair, Pair]
"""Elements added before and after, down and across."""

_correlation = partial(jax.lax.conv_general_dilated, dimension_numbers=("NHWC", "HWIO", "NHWC"))


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def correlate(images: jax.Array, kernel: jax.Array, stride: Pair, pad: Sides) -> jax.Array:
    """`y[n, i, j, o] = sum images[n, i s + a, j t + b, c] kernel[a, b, c, o]` of padded images."""
    return _correlation(images, kernel, stride, pad)


def grouped(images: jax.Array, kernel: jax.Array, stride: Pair, pad: Sides, groups: int) -> jax.Array:
    """The same in groups of channels, of a kernel `[kh, kw, ci / groups, co]`; JAX derives its gradient."""
    return _correlation(images, kernel, stride, pad, feature_group_count=groups)


def _forward(
    images: jax.Array, kernel: jax.Array, stride: Pair, pad: Sides
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    return _correlation(images, kernel, stride, pad), (images, kernel)


def _backward(
    stride: Pair, pad: Sides, kept: tuple[jax.Array, jax.Array], slope: jax.Array
) -> tuple[jax.Array, jax.Array]:
    images, kernel = kept
    sizes, window = images.shape[1:3], kernel.shape[:2]
    # From the first to the last element that the windows' corners touch.
    reach = [(count - 1) * step + 1 for count, step in zip(slope.shape[1:3], stride)]
    to_images = [
        (length - 1 - low, size + low - touched)
        for size, length, touched, (low, _) in zip(sizes, window, reach, pad)
    ]
    to_kernel = [
        (low, touched + length - 1 - size - low)
        for size, length, touched, (low, _) in zip(sizes, window, reach, pad)
    ]
    mirrored = jnp.flip(kernel, (0, 1)).swapaxes(2, 3)
    by_images = _correlation(slope, mirrored, (1, 1), to_images, lhs_dilation=stride)
    turned = images.transpose(3, 1, 2, 0), slope.transpose(1, 2, 0, 3)
    by_kernel = _correlation(*turned, (1, 1), to_kernel, rhs_dilation=stride)
    return by_images, by_kernel.transpose(1, 2, 0, 3)


correlate.defvjp(_forward, _backward)
