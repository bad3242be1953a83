"""Matrices of several wires at once, as the `block` kernel takes them.

What came before: gate matrices `[..., 2^k, 2^k]`, real or complex. What leaves: `Unitary`. A complex matrix
becomes the real one [[Re, -Im], [Im, Re]] of twice the size, which acts on the plane axis too: one real
product does the work of four. Matrices of weights carry no axis of samples, so they are built once per
step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit.gates import Matrix
from hqn.runtime.circuit.moves import Permutation
from hqn.runtime.circuit.state import as_precision, real_dtype


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Unitary:
    """`array[..., D, D]` on wires alone (`plane` False, D = 2^k) or on plane and wires (D = 2^(k+1))."""

    array: Matrix
    plane: bool = field(metadata={"static": True})

    def __getitem__(self, turn: Any) -> Unitary:
        """The matrices of one turn of a loop, from those of all turns."""
        return Unitary(self.array[turn], self.plane)

    def conj(self) -> Unitary:
        """The conjugate matrices: the blocks of imaginary parts change sign."""
        if not self.plane:
            return self
        size = self.array.shape[-1] // 2
        flips = np.kron([[1.0, -1.0], [-1.0, 1.0]], np.ones((size, size)))
        return Unitary(self.array * flips.astype(self.array.dtype), self.plane)


def embed(u: Matrix) -> Unitary:
    """`[..., K, K]` as a `Unitary`; a NumPy constant takes the precision of the state it meets."""
    if not jnp.iscomplexobj(u):
        return Unitary(u, plane=False)
    module: Any = np if isinstance(u, np.ndarray) else jnp
    top, bottom = module.concatenate([u.real, -u.imag], -1), module.concatenate([u.imag, u.real], -1)
    return Unitary(module.concatenate([top, bottom], -2), plane=True)


def inverse(u: Matrix) -> Matrix:
    """The conjugate transpose."""
    return u.swapaxes(-1, -2).conj()


def power(u: Matrix, exponent: int) -> Matrix:
    """`u` applied `exponent` times, its inverse where the exponent is negative."""
    base = inverse(u) if exponent < 0 else u
    module: Any = np if isinstance(u, np.ndarray) else jnp
    product: Matrix = module.linalg.matrix_power(base, abs(exponent))
    return product


def matmul(*factors: Matrix) -> Matrix:
    """The matrix of gates applied one after the other, the first one first: `[..., K, K]`."""
    if all(isinstance(u, np.ndarray) for u in factors):
        return reduce(lambda first, u: u @ first, factors)
    dtype = real_dtype([u for u in factors if not isinstance(u, np.ndarray)])
    return reduce(lambda first, u: _product(u, first), [as_precision(u, dtype) for u in factors])


def _product(a: jax.Array, b: jax.Array) -> jax.Array:
    """a @ b; sums of products for 2 x 2, which fuse with what is around them."""
    if a.shape[-1] == 2:
        return (a[..., :, :, None] * b[..., None, :, :]).sum(-2)
    return a @ b


def kron(u: Matrix, count: int | None = None) -> Unitary:
    """The Kronecker product of one matrix per wire, `[..., k, 2, 2]`, or of `count` times `[..., 2, 2]`."""
    return embed(_kron(u if count is None else _copies(u, count)))


def _copies(u: Matrix, count: int) -> Matrix:
    module: Any = np if isinstance(u, np.ndarray) else jnp
    copies: Matrix = module.broadcast_to(u[..., None, :, :], (*u.shape[:-2], count, 2, 2))
    return copies


def _kron(u: Matrix) -> Matrix:
    """All neighbours at once, then all pairs: the fewest products, each of which XLA compiles for itself."""
    count, size = u.shape[-3], u.shape[-1]
    if count == 1:
        return u[..., 0, :, :]
    pairs = u[..., : count - count % 2, :, :].reshape(*u.shape[:-3], count // 2, 2, size, size)
    product = _kron(_times(pairs[..., 0, :, :], pairs[..., 1, :, :]))
    return _times(product, u[..., -1, :, :]) if count % 2 else product


def _times(a: Matrix, b: Matrix) -> Matrix:
    """The Kronecker product of two matrices."""
    size, product = a.shape[-1] * b.shape[-1], a[..., :, None, :, None] * b[..., None, :, None, :]
    return product.reshape(*product.shape[:-4], size, size)


Step = tuple[Matrix | Permutation, Sequence[int]]


def fuse(k: int, *steps: Step) -> Unitary:
    """One matrix on k wires from gates applied one after the other.

    A step is a matrix `[..., 2^m, 2^m]` on m wires, matrices `[..., m, 2, 2]`, one for each of m wires, one
    `[2, 2]` for all of them, or a permutation of m wires.
    """
    arrays = [u for u, _ in steps if isinstance(u, jax.Array)]
    dtype = real_dtype(arrays) if arrays else None
    total: Matrix | None = None
    for u, wires in steps:
        total = _fuse_step(total, u, tuple(wires), k, dtype)
    return embed(_eye(k, dtype) if total is None else total)


def _eye(k: int, dtype: Any) -> Matrix:
    return np.eye(1 << k) if dtype is None else jnp.eye(1 << k, dtype=dtype)


def _fuse_step(
    total: Matrix | None, u: Matrix | Permutation, wires: tuple[int, ...], k: int, dtype: Any
) -> Matrix:
    """`dtype` is None where every matrix is a constant: constants stay in double precision."""
    if isinstance(u, Permutation):
        total = _eye(k, dtype) if total is None else total
        return total[..., u.on(wires, k).table(), :]
    u = _on_all(u, len(wires))
    u = u if dtype is None else as_precision(u, dtype)
    if total is None and wires == tuple(range(k)):
        return u
    return _apply_rows(_eye(k, dtype) if total is None else total, u, wires, k)


def _on_all(u: Matrix, count: int) -> Matrix:
    """One matrix on `count` wires from one that is, or from one per wire, or from one for each of them."""
    if u.shape[-1] == 1 << count:
        return u
    return _kron(_copies(u, count) if u.ndim == 2 else u)


def _apply_rows(total: Matrix, u: Matrix, wires: tuple[int, ...], k: int) -> Matrix:
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
