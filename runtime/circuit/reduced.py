"""The reduced density matrix of some wires, and what it tells.

What came before: a `State`. What leaves: arrays whose leading axes are the samples. Invariant: purity and
entropy are computed on the smaller side of the cut, since both sides have the same eigenvalues but zeros
(Schmidt decomposition); they have derivatives where eigenvalues meet or are zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit.sites import playing, query
from hqn.runtime.circuit.state import PLANE, State, normalized, with_axes, with_batch
from hqn.runtime.circuit.words import of_register


@of_register
def density(q: State, wires: Sequence[int]) -> jax.Array:
    """tr_rest |q><q|, the first of `wires` the most significant bit: `[..., 2^k, 2^k]`, complex."""

    def read(q: State) -> jax.Array:
        rows = _rows(q, wires)
        rho = jnp.einsum("bir,bjr->bij", rows, rows.conj())
        return rho.reshape(*q.batch, *rho.shape[1:])

    return query(q, read, 2)


@of_register
def purity(q: State, wires: Sequence[int]) -> jax.Array:
    """tr rho^2, from 2^-k to 1: `[...]`."""
    rho = density(q, smaller_side(q, wires))
    return (jnp.square(rho.real) + jnp.square(rho.imag)).sum((-2, -1))


@of_register
def entropy(q: State, wires: Sequence[int]) -> jax.Array:
    """-tr rho log rho (von Neumann), in nats: `[...]`."""
    values = jnp.linalg.eigvalsh(density(q, smaller_side(q, wires)))
    seen = values > np.finfo(values.dtype).eps
    safe = jnp.where(seen, values, 1.0)
    return -(safe * jnp.log(safe)).sum(-1)


def _rows(q: State, wires: Sequence[int]) -> jax.Array:
    """Amplitudes `[B, 2^k, 2^(n - k)]`, `wires` first."""
    rest = [wire for wire in range(q.n) if wire not in wires]
    planes = with_axes(q, (PLANE, *wires, *rest)).array.reshape(2, 1 << len(wires), 1 << len(rest), -1)
    return jnp.moveaxis(jax.lax.complex(planes[0], planes[1]), -1, 0)


@of_register
def smaller_side(q: State, wires: Sequence[int]) -> Sequence[int]:
    """These wires, or the others where they are fewer: the state of all is pure."""
    rest = [wire for wire in range(q.n) if wire not in wires]
    return rest if len(rest) < len(wires) else wires


@of_register
def fidelity(q: State, vector: jax.Array, wires: Sequence[int]) -> jax.Array:
    """<v| rho |v> / <v|v> for the reduced state rho of `wires` and `vector[..., 2^k]`; 0 where v is 0."""
    unit = normalized(vector)
    if playing():
        rho = density(q, wires)
        unit = unit.astype(rho.dtype)
        return (unit.conj()[..., :, None] * rho * unit[..., None, :]).sum((-2, -1)).real

    def read(q: State) -> jax.Array:
        q = with_batch(q, unit.shape[:-1])
        each = jnp.broadcast_to(unit, (*q.batch, unit.shape[-1])).reshape(-1, unit.shape[-1])
        parts = jnp.einsum("bi,bir->br", each.conj(), _rows(q, wires))
        return (jnp.square(parts.real) + jnp.square(parts.imag)).sum(-1).reshape(q.batch)

    return query(q, read, 0)
