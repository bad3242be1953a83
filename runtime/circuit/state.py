"""The state of a register: a real array whose rows are amplitudes and whose columns are samples.

What came before: a register in |0…0>, or one matrix per wire that acts on it. What leaves: `State`. The
plane of real and imaginary parts is one more binary axis beside the wires, and the order in which these
axes lie in memory is a fact about the array (`axes`), not a promise: a kernel leaves the axes it worked on
in front and later kernels read them there, so that nothing is moved back and forth. Wire 0 is the most
significant bit wherever a result shows a state index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit.gates import Matrix
from hqn.runtime.circuit.sites import blank_if_collecting
from hqn.runtime.circuit.words import of_register

PLANE = -1
"""The axis of real (0) and imaginary (1) parts."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class State:
    """`array[2^(n+1), B]`: binary axes in the order `axes` (the plane and n wires), then all samples.

    `batch` is the shape of the samples; one state for all of them has `batch == ()` and B == 1.
    """

    array: jax.Array
    axes: tuple[int, ...] = field(metadata={"static": True})
    batch: tuple[int, ...] = field(metadata={"static": True})

    @property
    def n(self) -> int:
        return len(self.axes) - 1

    @property
    def dtype(self) -> Any:
        return self.array.dtype

    def astype(self, dtype: Any) -> State:
        return State(self.array.astype(dtype), self.axes, self.batch)

    @property
    def wires(self) -> tuple[int, ...]:
        """The wires in memory order."""
        return tuple(axis for axis in self.axes if axis != PLANE)


def standard_axes(n: int) -> tuple[int, ...]:
    """The plane, then wires 0 … n - 1."""
    return (PLANE, *range(n))


def real_dtype(*values: Any) -> np.dtype[Any]:
    """The precision of a computation on these trees of arrays: f64 if one is, JAX's own if none."""
    leaves = [jnp.asarray(leaf).dtype for leaf in jax.tree.leaves(values)]
    wide = any(dtype in (jnp.float64, jnp.complex128) for dtype in leaves or [jnp.result_type(float)])
    return np.dtype(np.float64 if wide else np.float32)


def zero_state(n: int, like: Any = (), batch: tuple[int, ...] = ()) -> State:
    """|0…0> on n wires, in the precision of the arrays `like`, for each sample of `batch`."""
    blank: State | None = blank_if_collecting(n)
    if blank is not None:
        return blank
    rows = jnp.zeros((2 << n, 1), real_dtype(like)).at[0].set(1.0)
    return State(jnp.broadcast_to(rows, (2 << n, prod(batch))), standard_axes(n), batch)


Part = tuple[Matrix, Sequence[int]]


def product_state(n: int, *parts: Part, like: Any = ()) -> State:
    """One-wire gates on |0…0>, written down as the outer product of one column per wire.

    A part is matrices `[..., w, 2, 2]` (or one, `[2, 2]`) and the w wires they act on, in order.
    """
    blank: State | None = blank_if_collecting(n)
    if blank is not None:
        return blank
    dtype = real_dtype(like, [u for u, _ in parts if not isinstance(u, np.ndarray)])
    columns: jax.Array | None = None
    for u, wires in parts:
        columns = _advance(n, columns, as_precision(u, dtype), tuple(wires))
    if columns is None:
        return zero_state(n, like)
    batch = columns.shape[:-2]
    rows = jnp.moveaxis(columns.reshape(prod(batch), n, 2), 0, -1)
    return State(_outer_planes(rows), standard_axes(n), batch)


def amplitudes(n: int, x: jax.Array, wires: Sequence[int]) -> State:
    """sum_i x[..., i] / |x| |i> of `wires`, the first the most significant bit, and |0> of the others.

    A vector of zeros gives a state of zeros.
    """
    blank: State | None = blank_if_collecting(n)
    if blank is not None:
        return blank
    x = normalized(x)
    column = samples_last(x, 1, x.shape[:-1])
    size, samples = column.shape
    rows = jnp.zeros((2, size, (1 << n) // size, samples), x.dtype).at[0, :, 0].set(column)
    rest = (wire for wire in range(n) if wire not in wires)
    return State(rows.reshape(2 << n, samples), (PLANE, *wires, *rest), x.shape[:-1])


def normalized(vector: jax.Array) -> jax.Array:
    """v / |v|, and 0 where v is 0, as its derivative is there: `[..., 2^k]`. No square underflows."""
    vector = jnp.asarray(vector)
    largest = jax.lax.stop_gradient(jnp.abs(vector).max(-1, keepdims=True))
    scaled = vector / jnp.where(largest == 0, 1.0, largest)
    norm = (jnp.square(scaled.real) + jnp.square(scaled.imag)).sum(-1, keepdims=True)
    return jnp.where(norm == 0, 0.0, scaled / jnp.sqrt(jnp.where(norm == 0, 1.0, norm)))


def as_precision(u: Matrix, dtype: np.dtype[Any]) -> jax.Array:
    """`u` with parts of `dtype`; a real matrix stays real."""
    wide = dtype == jnp.float64
    if jnp.iscomplexobj(u):
        return jnp.asarray(u, jnp.complex128 if wide else jnp.complex64)
    return jnp.asarray(u, dtype)


def _advance(n: int, columns: jax.Array | None, u: jax.Array, wires: tuple[int, ...]) -> jax.Array:
    """Columns `[..., n, 2]` after the matrices `u` on `wires`; None are n columns |0>."""
    if columns is None:
        new, columns = u[..., :, 0], jnp.eye(1, 2, dtype=u.dtype)
        if len(wires) == n:
            columns = jnp.broadcast_to(new, (*new.shape[: max(new.ndim - 2, 0)], n, 2))
            return _rows(columns, sorted(range(n), key=wires.__getitem__))
        columns = jnp.broadcast_to(columns, (n, 2))
    new = (u * _rows(columns, wires)[..., None, :]).sum(-1)
    if wires == tuple(range(n)):
        return new
    batch = jnp.broadcast_shapes(columns.shape[:-2], new.shape[:-2])
    columns = jnp.broadcast_to(columns, (*batch, n, 2)).astype(new.dtype)
    order = [n + wires.index(wire) if wire in wires else wire for wire in range(n)]
    return _rows(jnp.concatenate([columns, new], -2), order)


def _rows(columns: jax.Array, places: Sequence[int]) -> jax.Array:
    """`columns[..., places, :]` as slices of neighbours: scatters, which gathers are transposed to, are
    compiled wrongly for CPUs where a transpose follows them under `jit` and `vmap` (jaxlib 0.10.2).
    """
    starts = [at for at, place in enumerate(places) if not at or place != places[at - 1] + 1]
    ends = [*starts[1:], len(places)]
    parts = [columns[..., places[a] : places[b - 1] + 1, :] for a, b in zip(starts, ends)]
    return parts[0] if len(parts) == 1 else jnp.concatenate(parts, -2)


def _outer_planes(columns: jax.Array) -> jax.Array:
    """The outer product over the first axis of `[n, 2, B]` as planes, `[2^(n+1), B]`."""
    if not jnp.iscomplexobj(columns):
        real = _outer(columns)
        return jnp.concatenate([real, jnp.zeros_like(real)])
    if len(columns) == 1:
        return jnp.concatenate([columns[0].real, columns[0].imag])
    half = len(columns) // 2
    a, b = _outer(columns[:half]), _outer(columns[half:])
    re = _times(a.real, b.real) - _times(a.imag, b.imag)
    return jnp.concatenate([re, _times(a.real, b.imag) + _times(a.imag, b.real)])


def _outer(columns: jax.Array) -> jax.Array:
    """All neighbours at once, then all pairs: the fewest products, each of which XLA compiles for itself."""
    count, size, samples = columns.shape
    if count == 1:
        return columns[0]
    pairs = columns[: count - count % 2].reshape(count // 2, 2, size, samples)
    product = (pairs[:, 0, :, None] * pairs[:, 1, None]).reshape(count // 2, size * size, samples)
    return _times(_outer(product), columns[-1]) if count % 2 else _outer(product)


def _times(a: jax.Array, b: jax.Array) -> jax.Array:
    return (a[:, None] * b[None]).reshape(-1, a.shape[-1])


@of_register
def with_batch(q: State, batch: tuple[int, ...]) -> State:
    """The same state for every sample of `batch`; axes of samples meet as NumPy's do."""
    batch = np.broadcast_shapes(q.batch, batch)
    if q.batch == batch:
        return q
    rows = q.array.shape[0]
    array = q.array.reshape(rows, *(1,) * (len(batch) - len(q.batch)), *q.batch)
    return State(jnp.broadcast_to(array, (rows, *batch)).reshape(rows, -1), q.axes, batch)


def samples_last(value: jax.Array, rank: int, batch: tuple[int, ...]) -> jax.Array:
    """`[..., *rest]` of `rank` own axes as `[*rest, B]` for the samples `batch`; B = 1 if all are alike."""
    lead, rest = value.shape[: value.ndim - rank], value.shape[value.ndim - rank :]
    if lead:
        value = jnp.broadcast_to(value, (*batch, *rest))
    return jnp.moveaxis(value.reshape(prod(batch) if lead else 1, *rest), 0, -1)


def samples_first(value: jax.Array, q: State) -> jax.Array:
    """`[*rest, B]` as `[..., *rest]`, `...` being the samples of `q`."""
    return jnp.moveaxis(value, -1, 0).reshape(*q.batch, *value.shape[:-1])


@of_register
def standard(q: State) -> State:
    """The same state with its axes in standard order."""
    return with_axes(q, standard_axes(q.n))


def with_axes(q: State, axes: tuple[int, ...]) -> State:
    """The same state with its axes in the order given."""
    if q.axes == axes:
        return q
    array = q.array.reshape(*(2,) * len(axes), -1)
    array = array.transpose(*(q.axes.index(axis) for axis in axes), len(axes))
    return State(array.reshape(q.array.shape), axes, q.batch)
