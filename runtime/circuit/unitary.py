"""Matrices of several wires at once, as the `block` kernel takes them.

What came before: gate matrices `[..., 2^k, 2^k]`, real or complex. What leaves: `Unitary`. A complex matrix
becomes the real one [[Re, -Im], [Im, Re]] of twice the size, which acts on the plane axis too: one real product
does the work of four. Matrices of weights carry no axis of samples, so they are built once per step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit.gates import Matrix
from hqn.runtime.circuit.permutation import Permutation
from hqn.runtime.circuit.state import as_precision, real_dtype


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Unitary:
    """`array[..., D, D]` on wires alone (`plane` False, D = 2^k) or on plane and wires (D = 2^(k+1))."""

    array: jax.Array
    plane: bool = field(metadata={"static": True})

    def __getitem__(self, turn: Any) -> Unitary:
        """The matrices of one turn of a loop, from those of all turns."""
        return Unitary(self.array[turn], self.plane)


def embed(u: Matrix) -> Unitary:
    """`[..., K, K]` as a `Unitary`."""
    if not jnp.iscomplexobj(u):
        return Unitary(jnp.asarray(u), plane=False)
    re, im = u.real, u.imag
    top, bottom = jnp.concatenate([re, -im], -1), jnp.concatenate([im, re], -1)
    return Unitary(jnp.concatenate([top, bottom], -2), plane=True)


def inverse(u: Matrix) -> Matrix:
    """The conjugate transpose."""
    return u.swapaxes(-1, -2).conj()


def power(u: Matrix, exponent: int) -> Matrix:
    """`u` applied `exponent` times, its inverse where the exponent is negative."""
    base = inverse(u) if exponent < 0 else u
    module = np if isinstance(u, np.ndarray) else jnp
    return module.linalg.matrix_power(base, abs(exponent))


def matmul(*factors: Matrix) -> Matrix:
    """The matrix of gates applied one after the other, the first one first: `[..., K, K]`."""
    dtype = real_dtype([u for u in factors if not isinstance(u, np.ndarray)])
    first, *rest = (as_precision(u, dtype) for u in factors)
    for u in rest:
        first = _product(u, first)
    return first


def _product(a: jax.Array, b: jax.Array) -> jax.Array:
    """a @ b; sums of products for 2 x 2, which fuse with what is around them."""
    if a.shape[-1] == 2:
        return (a[..., :, :, None] * b[..., None, :, :]).sum(-2)
    return a @ b


def kron(u: Matrix) -> Unitary:
    """The Kronecker product of one matrix per wire: `[..., k, 2, 2]` -> a `Unitary` on k wires."""
    return embed(_kron(u))


def _kron(u: Matrix) -> jax.Array:
    product = jnp.asarray(u[..., 0, :, :])
    for wire in range(1, u.shape[-3]):
        size = 2 * product.shape[-1]
        product = product[..., :, None, :, None] * u[..., wire, None, :, None, :]
        product = product.reshape(*product.shape[:-4], size, size)
    return product


Step = tuple[Matrix | Permutation, tuple[int, ...]]


def fuse(k: int, *steps: Step) -> Unitary:
    """One matrix on k wires from gates applied one after the other.

    A step is a matrix `[..., 2^m, 2^m]` on m wires, matrices `[..., m, 2, 2]` (m > 1), one for each of m wires,
    or a permutation of m wires.
    """
    arrays = [u for u, _ in steps if not isinstance(u, np.ndarray | Permutation)]
    dtype = real_dtype(arrays)
    total: jax.Array | None = None
    for u, wires in steps:
        total = _fuse_step(total, u, wires, k, dtype)
    return embed(jnp.eye(1 << k, dtype=dtype) if total is None else total)


def _fuse_step(
    total: jax.Array | None, u: Matrix | Permutation, wires: tuple[int, ...], k: int, dtype: Any
) -> jax.Array:
    if isinstance(u, Permutation):
        total = jnp.eye(1 << k, dtype=dtype) if total is None else total
        return total[..., u.on(wires, k).table(), :]
    u = as_precision(u, dtype)
    if u.shape[-1] != 1 << len(wires):
        u = _kron(u)
    if total is None and wires == tuple(range(k)):
        return u
    total = jnp.eye(1 << k, dtype=dtype) if total is None else total
    return _apply_rows(total, u, wires, k)


def _apply_rows(total: jax.Array, u: jax.Array, wires: tuple[int, ...], k: int) -> jax.Array:
    """`u` on `wires` of the rows of `total[..., K, K]`."""
    lead, batch = total.shape[:-2], total.ndim - 2
    rest = tuple(wire for wire in range(k) if wire not in wires)
    order = (*range(batch), *(batch + wire for wire in (*wires, *rest)), batch + k)
    rows = total.reshape(*lead, *(2,) * k, -1).transpose(order)
    rows = u @ rows.reshape(*lead, 1 << len(wires), -1)
    lead = rows.shape[:-2]
    shift = len(lead)
    back = np.argsort([*wires, *rest])
    rows = rows.reshape(*lead, *(2,) * k, -1)
    rows = rows.transpose(*range(shift), *(shift + int(axis) for axis in back), shift + k)
    return rows.reshape(*lead, 1 << k, 1 << k)
