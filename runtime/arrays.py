"""The run time's `nn`: array functions of emitted text that `jax.numpy` lacks in leading-batch form.

What came before: arrays whose last `rank` axes belong to one sample, in front of them any leading axes.
What leaves: the same. Invariant: the value for a sample does not depend on how many leading axes there are,
and arguments without leading axes (weights) are not given any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import jax
import jax.numpy as jnp

from hqn.runtime.convolution import correlate, grouped

Shape = tuple[int, ...]
complex_ = complex
"""The complex element type of the run's precision, as `float` is the real one."""


def reshape(x: jax.Array, rank: int, shape: Shape) -> jax.Array:
    """The last `rank` axes in another shape."""
    return jnp.reshape(x, _lead(x, rank) + shape)


def transpose(x: jax.Array, axes: Shape) -> jax.Array:
    """The last `len(axes)` axes in another order."""
    lead = jnp.ndim(x) - len(axes)
    return jnp.transpose(x, (*range(lead), *(lead + axis for axis in axes)))


def broadcast(x: jax.Array, rank: int, shape: Shape) -> jax.Array:
    """The last `rank` axes repeated to `shape`, of which they are a suffix."""
    lead = _lead(x, rank)
    spread = jnp.reshape(x, lead + (1,) * (len(shape) - rank) + jnp.shape(x)[len(lead) :])
    return jnp.broadcast_to(spread, lead + shape)


def stretch(x: jax.Array, rank: int, sizes: Shape) -> jax.Array:
    """The axes in front of the last `rank`, which may be missing or 1, with these sizes."""
    lead = _lead(x, rank)
    rest = lead[: max(0, len(lead) - len(sizes))]
    return jnp.broadcast_to(x, (*rest, *sizes, *jnp.shape(x)[len(lead) :]))


def concat(parts: Sequence[jax.Array], rank: int, axis: int) -> jax.Array:
    """Join along `axis` (negative) of the last `rank` axes."""
    return jnp.concatenate(_met(parts, rank), axis=axis)


def stack(parts: Sequence[jax.Array], rank: int, axis: int) -> jax.Array:
    """Stack along a new `axis` (negative, of the result) behind the leading axes."""
    return jnp.stack(_met(parts, rank), axis=axis)


def gather(x: jax.Array, index: jax.Array, axis: int, ranks: tuple[int, int]) -> jax.Array:
    """Elements of `axis` of a sample's `x` by a sample's `index`, whose axes take its place."""
    (x, index), lead = _flat((x, index), ranks)
    taken = jax.vmap(lambda one, at: jnp.take(one, at, axis=axis))(x, index)
    return taken.reshape(lead + taken.shape[1:])


def take_along(x: jax.Array, index: jax.Array, rank: int) -> jax.Array:
    """From each row along the last axis of `x` (of `rank` axes), the element that `index` names."""
    lead = jnp.broadcast_shapes(_lead(x, rank), _lead(index, rank - 1))
    x = jnp.broadcast_to(x, lead + x.shape[x.ndim - rank :])
    index = jnp.broadcast_to(index, x.shape[:-1])
    return jnp.take_along_axis(x, index[..., None], axis=-1)[..., 0]


def pad(x: jax.Array, low: Shape, high: Shape) -> jax.Array:
    """Zeros before and after the last axes."""
    lead = [(0, 0)] * (jnp.ndim(x) - len(low))
    return jnp.pad(x, [*lead, *zip(low, high, strict=True)])


def argmax(x: jax.Array, rank: int, axes: Shape) -> jax.Array:
    """Row-major place of the largest element over `axes` of the last `rank`."""
    rest = tuple(axis for axis in range(rank) if axis not in axes)
    moved = transpose(x, (*rest, *axes))
    return jnp.argmax(reshape(moved, len(axes), (-1,)), axis=-1).astype(jnp.int32)


def norm(x: jax.Array, axes: Shape) -> jax.Array:
    """Euclidean norm over `axes` (negative); its derivative at zero is zero."""
    squared = jnp.sum(jnp.real(x * jnp.conj(x)), axis=axes)
    positive = squared > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, squared, 1.0)), 0.0)


def gelu(x: jax.Array) -> jax.Array:
    """x Phi(x), with the exact normal distribution function (Hendrycks and Gimpel, 2016)."""
    return jax.nn.gelu(x, approximate=False)


def ste(value: jax.Array, surrogate: jax.Array) -> jax.Array:
    """The value of the first with the derivative of the second."""
    stop = jax.lax.stop_gradient
    return stop(value) + (surrogate - stop(surrogate))


def batch_mean(x: jax.Array, rank: int) -> jax.Array:
    """The mean over every leading axis."""
    return jnp.mean(x, axis=tuple(range(jnp.ndim(x) - rank)))


# --- windows of images [height, width, channels] -----------------------------------------------------


def conv2d(x: jax.Array, kernel: jax.Array, stride: Shape, pad: Shape, groups: int = 1) -> jax.Array:
    """Cross-correlation of `[h, w, ci]` with `[kh, kw, ci / groups, co]`; `pad`: top, bottom, left, right."""
    if kernel.ndim > 4:
        (x, kernel), lead = _flat((x, kernel), (3, 4))
        out = jax.vmap(lambda image, one: conv2d(image, one, stride, pad, groups))(x, kernel)
        return out.reshape(lead + out.shape[1:])
    lead = _lead(x, 3)
    images = x.reshape((prod(lead), *x.shape[-3:]))
    steps, sides = (stride[0], stride[1]), ((pad[0], pad[1]), (pad[2], pad[3]))
    if groups == 1:
        out = correlate(images, kernel, steps, sides)
    else:
        out = grouped(images, kernel, steps, sides, groups)
    return out.reshape(lead + out.shape[1:])


def max_pool(x: jax.Array, size: Shape, stride: Shape) -> jax.Array:
    """The largest element of each window."""
    if size == stride:
        return jnp.max(_tiles(x, size), axis=(-4, -2))
    largest: jax.Array = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, *_windows(x, size, stride), "VALID")
    return largest


def avg_pool(x: jax.Array, size: Shape, stride: Shape) -> jax.Array:
    """The mean of each window."""
    if size == stride:
        return jnp.mean(_tiles(x, size), axis=(-4, -2))
    total: jax.Array = jax.lax.reduce_window(x, 0.0, jax.lax.add, *_windows(x, size, stride), "VALID")
    return total / prod(size)


def patches(x: jax.Array, size: Shape, stride: Shape, shape: Shape) -> jax.Array:
    """Every window `[h', w']` with channels before its rows and columns: `shape` is `[h', w', c, *size]`."""
    rows, columns = shape[:2]
    offsets = [(i, j) for i in range(size[0]) for j in range(size[1])]
    ends = (rows - 1) * stride[0] + 1, (columns - 1) * stride[1] + 1
    slices = [x[..., i : i + ends[0] : stride[0], j : j + ends[1] : stride[1], :] for i, j in offsets]
    return reshape(jnp.stack(slices, axis=-1), 4, shape)


def _tiles(x: jax.Array, size: Shape) -> jax.Array:
    """`[h, w, c]` as `[h / k, k, w / l, l, c]`; a rest that fills no tile is left out."""
    rows, columns = x.shape[-3] // size[0], x.shape[-2] // size[1]
    whole = x[..., : rows * size[0], : columns * size[1], :]
    return reshape(whole, 3, (rows, size[0], columns, size[1], x.shape[-1]))


def _windows(x: jax.Array, size: Shape, stride: Shape) -> tuple[Shape, Shape]:
    ones = (1,) * (x.ndim - 3)
    return (*ones, *size, 1), (*ones, *stride, 1)


# --- loops and derivatives ---------------------------------------------------------------------------


def turns(count: int) -> jax.Array:
    """The numbers of the turns of a loop."""
    return jnp.arange(count, dtype=jnp.int32)


def turn(slots: Any, at: int | slice) -> Any:
    """Those turns of the slots of an instance that a loop creates once per turn."""
    return jax.tree.map(lambda slot: slot[at], slots)


def stack_turns(states: Sequence[Any]) -> Any:
    """The states that the turns of a loop left, as slots store them."""
    return jax.tree.map(lambda *parts: jnp.stack(parts), *states)


def scan(step: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any) -> tuple[Any, Any]:
    """`jax.lax.scan` whose carry takes on the leading axes that a turn gives it.

    A carry may begin as a constant and become one value per sample in the first turn.
    """
    first = jax.tree.map(lambda x: x[0], xs)
    met = carry
    for _ in range(len(jax.tree.leaves(carry)) + 1):
        given = jax.eval_shape(lambda c: step(c, first)[0], met)
        wider = jax.tree.map(_widened, met, given)
        if _shapes(wider) == _shapes(met):
            break
        met = wider

    def widened(carried: Any, x: Any) -> tuple[Any, Any]:
        following, out = step(carried, x)
        return jax.tree.map(_widened, following, carried), out

    return jax.lax.scan(widened, met, xs)


def grad(fn: Callable[[jax.Array], jax.Array], x: jax.Array, rank: int) -> jax.Array:
    """The derivative of each sample's scalar `fn(x)` by that sample's `x`, of `rank` axes."""
    lead = jnp.broadcast_shapes(_lead(x, rank), jax.eval_shape(fn, x).shape)
    met = jnp.broadcast_to(x, lead + x.shape[x.ndim - rank :])
    value, pull = jax.vjp(fn, met)
    (slope,) = pull(jnp.ones_like(value))
    return jnp.asarray(slope)


def _widened(value: jax.Array, like: Any) -> jax.Array:
    return jnp.broadcast_to(value, jnp.broadcast_shapes(value.shape, like.shape))


def _shapes(tree: Any) -> list[Shape]:
    return [leaf.shape for leaf in jax.tree.leaves(tree)]


# --- leading axes ------------------------------------------------------------------------------------


def _lead(x: jax.Array, rank: int) -> Shape:
    shape = jnp.shape(x)
    return shape[: len(shape) - rank]


def _met(parts: Sequence[jax.Array], rank: int) -> list[jax.Array]:
    """The same arrays with the same leading axes."""
    lead = jnp.broadcast_shapes(*(_lead(part, rank) for part in parts))
    return [jnp.broadcast_to(part, lead + jnp.shape(part)[jnp.ndim(part) - rank :]) for part in parts]


def _flat(parts: Sequence[jax.Array], ranks: Sequence[int]) -> tuple[list[jax.Array], Shape]:
    """The arrays with their common leading axes as one, and those axes."""
    lead = jnp.broadcast_shapes(*(_lead(part, rank) for part, rank in zip(parts, ranks, strict=True)))
    own = [part.shape[part.ndim - rank :] for part, rank in zip(parts, ranks, strict=True)]
    flat = [jnp.broadcast_to(part, lead + dims) for part, dims in zip(parts, own, strict=True)]
    return [part.reshape((prod(lead), *dims)) for part, dims in zip(flat, own, strict=True)], lead
