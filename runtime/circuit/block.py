"""The kernel `block`: a matrix on some wires. And `repeat`, the loop that carries a state.

What came before: a `State` and matrices. What leaves: the next `State`, whose axes begin with those worked
on. A matrix without leading axes is shared by all samples; with them, it is per sample. Everything is a
plain product, so that under any transformation of JAX shared matrices stay free of an axis of samples:
their gradient is one product over rows and samples together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit.gates import Matrix
from hqn.runtime.circuit.sites import Blank, collected, kernel, repeated
from hqn.runtime.circuit.state import PLANE, State, samples_last, standard, with_batch
from hqn.runtime.circuit.unitary import Unitary, embed
from hqn.runtime.circuit.words import of_register

Register = Any
"""A register in any representation; `State` is the one that others end in."""


@kernel
def block(q: State, u: Unitary | Matrix, wires: Sequence[int]) -> State:
    """`u` on `wires`, the first wire being its most significant bit."""
    unitary = u if isinstance(u, Unitary) else embed(u)
    matrix = _of_precision(unitary.array, q)
    axes = (PLANE, *wires) if unitary.plane else tuple(wires)
    batch = matrix.shape[:-2]
    q = with_batch(q, batch) if batch else q
    inside = [q.axes.index(axis) for axis in axes]
    runs, matrix_shape = _runs(inside, len(q.axes))
    rows = q.array.reshape(*(1 << len(run) for run in runs), q.array.shape[-1])
    mine = [runs.index(run) for run in _in_order(inside, runs)]
    rest = [axis for axis in q.axes if axis not in axes]
    if batch:
        rows = _per_sample(samples_last(matrix, 2, q.batch), rows, mine)
    else:
        rows = _shared(matrix, rows, matrix_shape, mine)
    return State(rows.reshape(1 << len(q.axes), -1), (*axes, *rest), q.batch)


def _of_precision(u: Matrix, q: State) -> jax.Array:
    """A constant takes the precision of the state."""
    return jnp.asarray(u, q.array.dtype) if isinstance(u, np.ndarray) else u


def _runs(inside: list[int], count: int) -> tuple[list[tuple[int, ...]], tuple[int, ...]]:
    """Memory axes merged into runs that a matrix takes or leaves as one, and the shape of its index."""
    runs: list[tuple[int, ...]] = []
    place = {axis: position for position, axis in enumerate(inside)}
    for axis in range(count):
        last = runs[-1][-1] if runs else None
        if last is not None and (
            (axis not in place and last not in place)
            or (axis in place and last in place and place[axis] == place[last] + 1)
        ):
            runs[-1] = (*runs[-1], axis)
        else:
            runs.append((axis,))
    return runs, tuple(1 << len(run) for run in _in_order(inside, runs))


def _in_order(inside: list[int], runs: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The runs that a matrix acts on, in the order of its index."""
    first = {run[0]: run for run in runs}
    return [first[axis] for axis in inside if axis in first]


def _shared(u: jax.Array, rows: jax.Array, shape: tuple[int, ...], mine: list[int]) -> jax.Array:
    size = u.shape[-1]
    contracted = tuple(range(1, 1 + len(shape)))
    return jnp.tensordot(u.reshape(size, *shape), rows, (contracted, tuple(mine)))


def _per_sample(u: jax.Array, rows: jax.Array, mine: list[int]) -> jax.Array:
    """`u[D, D, B]` on the axes `mine`."""
    rest = [axis for axis in range(rows.ndim - 1) if axis not in mine]
    rows = rows.transpose(*mine, *rest, rows.ndim - 1).reshape(u.shape[0], -1, rows.shape[-1])
    return jnp.einsum("ijb,jrb->irb", u, rows)


def repeat(
    turn: Callable[[Register, Any], Register],
    q: Register,
    per_turn: Any,
    take: jax.Array | None = None,
    again: bool = False,
) -> Register:
    """`turn(q, values)` for each leading index of the trees `per_turn`, compiled once; turns from `take[...]`
    on leave the register as it is. `again`: derivatives keep the register between turns and compute each turn
    again.
    """
    return turns(q, turn, per_turn, take, again)


@of_register
def turns(
    q: State,
    turn: Callable[[State, Any], State],
    per_turn: Any,
    take: jax.Array | None = None,
    again: bool = False,
) -> State:
    """`repeat` of one representation: the state has the samples and the precision of the last turn from the
    first turn on.
    """
    if isinstance(q, Blank):
        collected(turn, q, per_turn)
        return q
    turn, per_turn = repeated(turn, per_turn)

    def step(carry: State, given: Any) -> tuple[State, None]:
        number, values = given
        after = standard(turn(carry, values))
        return (after if take is None else _where(number < take, after, carry)), None

    first = jax.tree.map(lambda leaf: leaf[0], per_turn)
    q = standard(q if take is None else with_batch(q, take.shape))
    after = jax.eval_shape(lambda state: standard(turn(state, first)), q)
    q = with_batch(q, after.batch).astype(after.dtype)
    trips = len(jax.tree.leaves(per_turn)[0])
    given = None if take is None else jnp.arange(trips), per_turn
    if trips == 1:
        return step(q, jax.tree.map(lambda leaf: leaf[0], given))[0]
    return jax.lax.scan(jax.checkpoint(step) if again else step, q, given)[0]


def _where(go: jax.Array, after: State, before: State) -> State:
    """`after` for the samples that go on, `before` for the others."""
    flags = jnp.broadcast_to(go, after.batch).reshape(-1)
    found: State = jax.tree.map(lambda new, old: jnp.where(flags, new, old), after, before)
    return found
