"""Steps of a tape: what they do to a state, how they are inverted, what their values' gradients are.

What came before: kernels with their arrays (`values`) apart from everything static. What leaves: states. On
the way back the ordinary kernels of the inverse step carry a value and its cotangent (a `Pair`, the axes of
both in one order): a step is orthogonal in its real form, so that its transpose is its inverse. Gradients of
what samples share are sums over samples within one product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit.block import block, turns
from hqn.runtime.circuit.calls import on, on_each
from hqn.runtime.circuit.diagonal import Diagonal, exponent, phase
from hqn.runtime.circuit.gates import Matrix
from hqn.runtime.circuit.moves import Permutation, permute
from hqn.runtime.circuit.state import PLANE, State, samples_last, standard
from hqn.runtime.circuit.unitary import Unitary

Values = Any
"""The arrays of a step, a tree; of several steps, a tuple of trees."""
Pair = tuple[State, State]
"""A value and its cotangent."""


@dataclass(frozen=True, eq=False)
class Block:
    """A matrix on wires: its value, or a constant."""

    wires: tuple[int, ...]
    plane: bool
    constant: np.ndarray[Any, Any] | None = None

    def run(self, q: State, values: Values) -> State:
        return block(q, Unitary(self._matrix(values), self.plane), self.wires)

    def inverse(self, values: Values) -> tuple[Step, Values]:
        if self.constant is not None:
            return Block(self.wires, self.plane, self.constant.swapaxes(-1, -2)), ()
        return self, values.swapaxes(-1, -2)

    def undo(self, both: Pair, values: Values) -> tuple[Pair, Values]:
        step, transposed = self.inverse(values)
        both = _each(step, both, transposed)
        return both, () if self.constant is not None else self._gradient(both, values)

    def _matrix(self, values: Values) -> Matrix:
        return values if self.constant is None else self.constant

    def _gradient(self, both: Pair, u: jax.Array) -> jax.Array:
        """d/dU of <cotangent, U value>: U times the overlaps of both before it, whose axes are in front."""
        shape = (u.shape[-1], both[0].array.shape[0] // u.shape[-1], -1)
        value, cotangent = (q.array.reshape(shape) for q in both)
        if u.ndim == 2:
            overlap = jnp.einsum("arb,crb->ac", cotangent, value)
            return jnp.asarray(u @ overlap, u.dtype)
        overlaps = (cotangent[:, None] * value[None]).sum(2)
        matrices, spread = jax.vjp(lambda u: samples_last(u, 2, both[0].batch), u)
        gradient: jax.Array
        (gradient,) = spread((matrices[:, :, None] * overlaps[None]).sum(1).astype(u.dtype))
        return gradient


@dataclass(frozen=True, eq=False)
class Permute:
    """Moves of amplitudes; no values."""

    moves: Permutation

    def run(self, q: State, values: Values) -> State:
        return permute(q, self.moves)

    def inverse(self, values: Values) -> tuple[Step, Values]:
        return Permute(self.moves.inverse()), values

    def undo(self, both: Pair, values: Values) -> tuple[Pair, Values]:
        return _each(Permute(self.moves.inverse()), both, values), values


@dataclass(frozen=True, eq=False)
class Phase:
    """Diagonal gates; values are the angles of each, None where it has none."""

    gates: tuple[Diagonal, ...]

    def run(self, q: State, values: Values) -> State:
        return phase(q, *self._given(values))

    def inverse(self, values: Values) -> tuple[Step, Values]:
        return Phase(tuple(gate.inverse() for gate in self.gates)), values

    def undo(self, both: Pair, values: Values) -> tuple[Pair, Values]:
        step, _ = self.inverse(values)
        both = _each(step, both, values)
        if all(angles is None for angles in values):
            return both, values
        after, _ = both
        shape = (1 << after.axes.index(PLANE), 2, -1, after.array.shape[-1])
        value, bar = (q.array.reshape(shape) for q in both)
        turned = (bar[:, 1] * value[:, 0] - bar[:, 0] * value[:, 1]).reshape(1 << after.n, -1)

        def spread(values: Values) -> jax.Array:
            moving = [gate for gate in self._given(values) if gate.angles is not None]
            return jnp.broadcast_to(exponent(moving, after), turned.shape)

        return both, jax.vjp(spread, values)[1](turned)[0]

    def _given(self, values: Values) -> list[Diagonal]:
        pairs = zip(self.gates, values, strict=True)
        return [gate if angles is None else gate.with_angles(angles) for gate, angles in pairs]


@dataclass(frozen=True, eq=False)
class On:
    """Steps that number their wires from 0, on some wires, where the controls read `when`."""

    wires: tuple[int, ...]
    controls: tuple[int, ...]
    when: tuple[int, ...]
    steps: tuple[Step, ...]

    def run(self, q: State, values: Values) -> State:
        def circuit(q: State) -> State:
            return run(self.steps, q, values)

        return on(q, self.wires, circuit, controls=self.controls, when=self.when)

    def inverse(self, values: Values) -> tuple[Step, Values]:
        steps, values = inverted(self.steps, values)
        return On(self.wires, self.controls, self.when, steps), values

    def undo(self, both: Pair, values: Values) -> tuple[Pair, Values]:
        gradients: list[Values] = []

        def circuit(both: tuple[State, ...]) -> tuple[State, ...]:
            value, cotangent = both
            pair, found = undo(self.steps, (value, cotangent), values)
            gradients.append(found)
            return pair

        value, cotangent = on_each(both, self.wires, circuit, self.controls, self.when)
        return (value, cotangent), gradients[0]


@dataclass(frozen=True, eq=False)
class Repeat:
    """Equal turns; values have an axis of turns in front."""

    steps: tuple[Step, ...]
    trips: int

    def run(self, q: State, values: Values) -> State:
        def turn(q: State, given: tuple[Values, jax.Array]) -> State:
            return run(self.steps, q, given[0])

        return turns(q, turn, (values, np.arange(self.trips)))

    def inverse(self, values: Values) -> tuple[Step, Values]:
        steps, values = inverted(self.steps, values)
        return Repeat(steps, self.trips), jax.tree.map(lambda array: array[::-1], values)

    def undo(self, both: Pair, values: Values) -> tuple[Pair, Values]:
        def turn(both: Pair, values: Values) -> tuple[Pair, Values]:
            (value, cotangent), gradients = undo(self.steps, both, values)
            return (standard(value), standard(cotangent)), gradients

        start = (standard(both[0]), standard(both[1]))
        return jax.lax.scan(turn, start, values, length=self.trips, reverse=True)


Step = Block | Permute | Phase | On | Repeat
Recorded = tuple[Step, Values]


def _each(step: Step, both: Pair, values: Values) -> Pair:
    value, cotangent = both
    return step.run(value, values), step.run(cotangent, values)


def run(steps: tuple[Step, ...], q: State, values: Values) -> State:
    """The state after all steps."""
    for step, own in zip(steps, values, strict=True):
        q = step.run(q, own)
    return q


def inverted(steps: tuple[Step, ...], values: Values) -> tuple[tuple[Step, ...], Values]:
    """The steps that undo these."""
    pairs = [step.inverse(own) for step, own in zip(steps, values, strict=True)][::-1]
    return tuple(step for step, _ in pairs), tuple(own for _, own in pairs)


def undo(steps: tuple[Step, ...], both: Pair, values: Values) -> tuple[Pair, Values]:
    """A value and its cotangent before the steps, and the gradients of the steps' values."""
    gradients: list[Values] = []
    for step, own in zip(reversed(steps), reversed(values), strict=True):
        both, found = step.undo(both, own)
        gradients.append(found)
    return both, tuple(gradients[::-1])
