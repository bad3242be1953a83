"""Matrices from their generators: sums of Pauli words, and exponentials of them.

What came before: angles, coefficients or Hamiltonians, any leading axes. What leaves: complex matrices
`[..., 2^k, 2^k]`, the first qubit being the most significant bit. Derivatives of any order are right where
eigenvalues meet. Inside of `products_only`, for exported programs, exponentials call no library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import factorial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from hqn.runtime.circuit.gates import Matrix, X, Y, Z

_PAULIS = np.stack([np.eye(2, dtype=complex), X, Y, Z])
_LETTERS = "IXYZ"
_SQUARINGS = 20
"""Norms up to 2^20 are halved to 1 before the polynomial; beyond, phases have no meaning in f32."""


def su(angles: ArrayLike) -> jax.Array:
    """exp(i sum_P angles_P P), P over words of k letters in the order of a dictionary (I < X < Y < Z), the
    word of I alone left out: `[..., 4^k - 1]` -> `[..., 2^k, 2^k]`.
    """
    table = jnp.asarray(angles)
    table = jnp.concatenate([jnp.zeros_like(table[..., :1]), table], -1)
    return _evolution(_from_words(table), jnp.asarray(-1.0, table.dtype))


def pauli_sum(coefficients: ArrayLike, words: Sequence[str]) -> jax.Array:
    """sum_t c_t P_t: `[..., terms]` -> `[..., 2^k, 2^k]`."""
    values = jnp.asarray(coefficients)
    places = [int("".join(str(_LETTERS.index(letter)) for letter in word), 4) for word in words]
    table = jnp.zeros((*values.shape[:-1], 4 ** len(words[0])), values.dtype)
    return _from_words(table.at[..., np.array(places)].add(values))


def evolution(h: Matrix, t: ArrayLike) -> jax.Array:
    """exp(-i t (h + h^+) / 2): `[..., K, K]` and `[...]` -> `[..., K, K]`."""
    h, t = jnp.asarray(h), jnp.asarray(t)
    return _evolution((h + _dagger(h)) / 2, t)


def _from_words(table: jax.Array) -> jax.Array:
    """`[..., 4^k]` coefficients of all words of k letters as a matrix, one letter after the other."""
    k = (table.shape[-1].bit_length() - 1) // 2
    lead = table.shape[:-1]
    total = table.reshape(*lead, *(4,) * k)
    dtype = jnp.complex128 if table.dtype == jnp.float64 else jnp.complex64
    letters = jnp.asarray(_PAULIS, dtype)
    for _ in range(k):
        total = jnp.tensordot(total.astype(dtype), letters, ((len(lead),), (0,)))
    order = [len(lead) + 2 * qubit + side for side in (0, 1) for qubit in range(k)]
    return total.transpose(*range(len(lead)), *order).reshape(*lead, 1 << k, 1 << k)


# --- the exponential ------------------------------------------------------------------------------
# By eigenvalues, whose own derivatives do not exist where two of them meet; those of the exponential do. Its
# first derivative is written in eigenvalues as well (Daletskii and Krein 1965), and all further ones are
# those of a polynomial. H is taken apart, not t H: where one H evolves for many times, as in a loop, what
# is computed of H alone is the same in every turn, and XLA computes it once.

_PRODUCTS_ONLY = ContextVar("products only", default=False)


@contextmanager
def products_only() -> Iterator[None]:
    """What is traced inside computes exponentials by products and sums: slower, and no call of LAPACK."""
    token = _PRODUCTS_ONLY.set(True)
    try:
        yield
    finally:
        _PRODUCTS_ONLY.reset(token)


def _evolution(h: jax.Array, t: jax.Array) -> jax.Array:
    """exp(-i t H) of Hermitian `H[..., K, K]` for times `t[...]`, each with leading axes of its own."""
    return _by_products(h, t) if _PRODUCTS_ONLY.get() else _by_eigenvalues(h, t)


def _by_products(h: jax.Array, t: jax.Array) -> jax.Array:
    return _polynomial(h * -t[..., None, None])


@jax.custom_vjp
def _by_eigenvalues(h: jax.Array, t: jax.Array) -> jax.Array:
    values, vectors = jnp.linalg.eigh(h)
    return _in_basis(values, vectors, t)


def _in_basis(values: jax.Array, vectors: jax.Array, t: jax.Array) -> jax.Array:
    phases = jnp.exp(-1j * t[..., None] * values)
    found: jax.Array = (vectors * phases[..., None, :]) @ _dagger(vectors)
    return found


def _kept(h: jax.Array, t: jax.Array) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    values, vectors = jnp.linalg.eigh(jax.lax.stop_gradient(h))
    return _in_basis(values, vectors, t), (h, t, values, vectors)


@jax.custom_vjp
def _pulled_back(
    h: jax.Array, t: jax.Array, values: jax.Array, vectors: jax.Array, cotangent: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """The cotangents of H and t, of that of exp(-i t H): in the basis of H, times the differences
    (e^{-ita} - e^{-itb}) / (a - b) of its eigenvalues, -it e^{-it(a + b) / 2} sinc(t (a - b) / 2).
    """
    times = t[..., None]
    halves = jnp.exp(-0.5j * times * values)
    rows = vectors.swapaxes(-1, -2) @ cotangent
    slopes = (rows * _dagger(vectors)).sum(-1) * jnp.square(halves) * -1j * values
    sinc = jnp.sinc(times[..., None] * (values[..., :, None] - values[..., None, :]) / (2 * jnp.pi))
    differences = halves[..., :, None] * halves[..., None, :] * sinc * -1j * times[..., None]
    found = vectors.conj() @ (differences * (rows @ vectors.conj())) @ vectors.swapaxes(-1, -2)
    return _shared(found if jnp.iscomplexobj(h) else found.real, h), _shared(slopes.sum(-1).real, t)


def _shared(cotangents: jax.Array, like: jax.Array) -> jax.Array:
    """Summed over the axes along which `like` was spread."""

    def spread(array: jax.Array) -> jax.Array:
        return jnp.broadcast_to(array, cotangents.shape)

    shape: Any = jax.ShapeDtypeStruct(like.shape, cotangents.dtype)  # type: ignore[no-untyped-call]
    (found,) = jax.linear_transpose(spread, shape)(cotangents)
    summed: jax.Array = found.astype(like.dtype)
    return summed


def _slowly_pulled_back(h: jax.Array, t: jax.Array, cotangent: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The same by differentiating the polynomial."""
    pulled: tuple[jax.Array, jax.Array] = jax.vjp(_by_products, h, t)[1](cotangent)
    return pulled


def _twice_pulled_back(given: tuple[jax.Array, ...], cotangents: Any) -> tuple[jax.Array | None, ...]:
    h, t, cotangent = jax.vjp(_slowly_pulled_back, *given)[1](cotangents)
    return h, t, None, None, cotangent


_by_eigenvalues.defvjp(_kept, lambda kept, cotangent: _pulled_back(*kept, cotangent))
_pulled_back.defvjp(lambda *given: (_pulled_back(*given), (given[0], given[1], given[4])), _twice_pulled_back)


def _dagger(matrix: jax.Array) -> jax.Array:
    return matrix.swapaxes(-1, -2).conj()


def _polynomial(generator: jax.Array) -> jax.Array:
    """exp(i G), with derivatives of every order.

    G is halved until its norm is at most 1, where the polynomial of degree 16 is exact to 1 / 17!, and the
    result is squared as often (Moler and Van Loan 2003, method 3).
    """
    norm = jnp.abs(jax.lax.stop_gradient(generator)).sum(-1).max(-1)
    halvings = jnp.clip(jnp.ceil(jnp.log2(jnp.maximum(norm, 1.0))), 0, _SQUARINGS)[..., None, None]
    small = _taylor(1j * generator * jnp.exp2(-halvings))

    def square(power: jax.Array, turn: jax.Array) -> tuple[jax.Array, None]:
        return jnp.where(turn < halvings, power @ power, power), None

    return jax.lax.scan(square, small, jnp.arange(_SQUARINGS))[0]


def _taylor(a: jax.Array) -> jax.Array:
    """sum_{j <= 16} a^j / j! in six products (Paterson and Stockmeyer 1973)."""
    second = a @ a
    powers = [jnp.eye(a.shape[-1], dtype=a.dtype), a, second, a @ second]
    fourth = second @ second
    total = fourth / float(factorial(16))
    for first in (12, 8, 4, 0):
        part = sum(power / float(factorial(first + j)) for j, power in enumerate(powers))
        total = total + part if first == 12 else total @ fourth + part
    return jnp.asarray(total)
