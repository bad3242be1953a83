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
from hqn.runtime.circuit.words import of_register

Circuit = Callable[[State], State]
States = tuple[State, ...]


@of_register
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
    for _ in range(abs(times)):
        once = applied_once(nested(circuit, bool(controls)), times > 0)
        (q,) = on_each((q,), wires, once, controls, when)
    return q


def applied_once(circuit: Circuit, forward: bool) -> Callable[[States], States]:
    """The circuit, or its inverse, of a tuple of one state."""
    return lambda states: (circuit(states[0]) if forward else _undone(states[0], circuit),)


def on_each(
    states: States,
    wires: Sequence[int],
    circuit: Callable[[States], States],
    controls: Sequence[int],
    when: Sequence[int],
) -> States:
    """`on` for several states of the same wires at once, which `circuit` takes together."""
    n = states[0].n
    rest = [wire for wire in range(n) if wire not in wires and wire not in controls]
    names = (*wires, *rest, *controls)
    numbers = {wire: number for number, wire in enumerate(names)} | {PLANE: PLANE}
    states = tuple(State(q.array, tuple(numbers[axis] for axis in q.axes), q.batch) for q in states)
    done = _controlled(states, tuple(when), circuit)
    back = (*names, PLANE)
    return tuple(State(q.array, tuple(back[axis] for axis in q.axes), q.batch) for q in done)


def _controlled(states: States, when: tuple[int, ...], circuit: Callable[[States], States]) -> States:
    """`circuit` on the slice of the states where the last wires read `when`."""
    if not when:
        return circuit(states)
    *others, value = when
    halves = [_halves(q, q.n - 1) for q in states]
    done = _controlled(tuple(pair[value] for pair in halves), tuple(others), circuit)
    return tuple(_joined(pair[1 - value], q, value) for pair, q in zip(halves, done, strict=True))


def _halves(q: State, wire: int) -> tuple[State, State]:
    """The slices where a wire reads 0 and 1."""
    place, axes = q.axes.index(wire), tuple(axis for axis in q.axes if axis != wire)
    rows = q.array.reshape(1 << place, 2, -1, q.array.shape[-1])
    zero, one = (State(rows[:, half].reshape(-1, rows.shape[-1]), axes, q.batch) for half in (0, 1))
    return zero, one


def _joined(other: State, done: State, value: int) -> State:
    """The state of one wire more, the last, which reads `value` in `done`."""
    other = with_axes(with_batch(other, done.batch), done.axes)
    pair = (other, done) if value else (done, other)
    return State(jnp.concatenate([half.array for half in pair]), (done.n, *done.axes), done.batch)


def _undone(q: State, circuit: Circuit) -> State:
    """The inverse: the real form of a circuit is orthogonal, so its transpose."""
    after = jax.eval_shape(circuit, q)
    start = with_batch(standard(q), after.batch)

    def forward(array: jax.Array) -> jax.Array:
        return standard(circuit(State(array, start.axes, start.batch))).array

    (array,) = jax.linear_transpose(forward, start.array)(start.array)
    return State(array, start.axes, start.batch)
