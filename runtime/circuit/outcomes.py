"""Probabilities of the outcomes of a register.

What came before: a `State`. What leaves: squares of amplitudes, columns being samples. Invariant: nothing
consumes the state.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from hqn.runtime.circuit.state import PLANE, State
from hqn.runtime.circuit.words import of_register


@of_register
def probabilities(q: State) -> jax.Array:
    """|amplitude|^2 in the order of `q.wires`: `[2^n, B]`."""
    place = q.axes.index(PLANE)
    rows = q.array.reshape(1 << place, 2, 1 << (len(q.axes) - place - 1), -1)
    return jnp.square(rows).sum(1).reshape(1 << q.n, -1)


def marginals(q: State, wires: Sequence[int]) -> jax.Array:
    """Probabilities of the outcomes of `wires`, the first the most significant bit: `[2^k, B]`."""
    order = q.wires
    table = probabilities(q).reshape(*(2,) * q.n, -1)
    rest = tuple(place for place, wire in enumerate(order) if wire not in wires)
    table = table.transpose(*(order.index(wire) for wire in wires), *rest, q.n)
    return table.reshape(1 << len(wires), 1 << len(rest), -1).sum(1)
