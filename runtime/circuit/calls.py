"""Circuits applied like gates, to some wires of a caller's state, with modifiers.

What came before: a function from states to states that numbers its wires from 0. What leaves: the same on any
wires, controlled, repeated or undone. Wires are names of axes, so giving a circuit some of them copies
nothing; a wire that a circuit does not know stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp

from hqn.runtime.circuit.sites import Blank, nested
from hqn.runtime.circuit.state import PLANE, State, standard, with_axes, with_batch

Circuit = Callable[[State], State]


def on(
    q: State,
    wires: Sequence[int],
    circuit: Circuit,
    *,
    controls: Sequence[int] = (),
    when: Sequence[int] = (),
    times: int = 1,
) -> State:
    """`circuit` on `wires`, which it knows as 0, 1, …; where `controls` read `when`; `times` times.

    Negative `times` undo the circuit.
    """
    if isinstance(q, Blank):
        for _ in range(abs(times)):
            nested(circuit, bool(controls))(q)
        return q
    rest = [wire for wire in range(q.n) if wire not in wires and wire not in controls]
    names = (*wires, *rest, *controls)
    numbers = {wire: number for number, wire in enumerate(names)} | {PLANE: PLANE}
    q = State(q.array, tuple(numbers[axis] for axis in q.axes), q.batch)
    for _ in range(abs(times)):
        q = _controlled(q, tuple(when), _turn(nested(circuit, bool(controls)), times > 0))
    return State(q.array, tuple(axis if axis == PLANE else names[axis] for axis in q.axes), q.batch)


def _turn(circuit: Circuit, forward: bool) -> Circuit:
    return circuit if forward else lambda given: _undone(given, circuit)


def _controlled(q: State, when: tuple[int, ...], circuit: Circuit) -> State:
    """`circuit` on the slice of the state where the last wires read `when`."""
    if not when:
        return circuit(q)
    *others, value = when
    wire = q.n - 1
    place, axes = q.axes.index(wire), tuple(axis for axis in q.axes if axis != wire)
    rows = q.array.reshape(1 << place, 2, -1, q.array.shape[-1])
    halves = [State(rows[:, half].reshape(-1, rows.shape[-1]), axes, q.batch) for half in (0, 1)]
    done = _controlled(halves[value], tuple(others), circuit)
    other = with_axes(with_batch(halves[1 - value], done.batch), done.axes)
    pair = (other, done) if value else (done, other)
    return State(jnp.concatenate([half.array for half in pair]), (wire, *done.axes), done.batch)


def _undone(q: State, circuit: Circuit) -> State:
    """The inverse: the real form of a circuit is orthogonal, so its transpose."""
    after = jax.eval_shape(circuit, q)
    start = with_batch(standard(q), after.batch)

    def forward(array: jax.Array) -> jax.Array:
        return standard(circuit(State(array, start.axes, start.batch))).array

    (array,) = jax.linear_transpose(forward, start.array)(start.array)
    return State(array, start.axes, start.batch)
