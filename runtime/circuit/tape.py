"""The representation behind adjoint gradients: a register that records kernels and runs them when read.

What came before: a `State` and the words that act on it. What leaves: the same results with the same
derivatives. A word that reads the register runs what was recorded under one rule of differentiation, which
keeps the last state alone and un-computes it backwards (Jones and Gacon 2020), so that memory does not grow
with depth. Invariant: every step is unitary; derivatives hold along unitary matrices, and those of higher
order differentiate the rule itself, which keeps what reverse mode keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from hqn.runtime.circuit.block import block, turns
from hqn.runtime.circuit.calls import on
from hqn.runtime.circuit.diagonal import Diagonal, phase
from hqn.runtime.circuit.exactly import is_simulated
from hqn.runtime.circuit.expect import expect, expect_matrix, expect_z, probs, state
from hqn.runtime.circuit.gates import Matrix
from hqn.runtime.circuit.mixed import mixed, postselect
from hqn.runtime.circuit.moves import Permutation, permute
from hqn.runtime.circuit.reduced import density, entropy, fidelity, purity
from hqn.runtime.circuit.sites import playing
from hqn.runtime.circuit.state import State, with_axes, with_batch
from hqn.runtime.circuit.tape_steps import (
    Block,
    On,
    Permute,
    Phase,
    Recorded,
    Repeat,
    Step,
    inverted,
    run,
    undo,
)
from hqn.runtime.circuit.unitary import Unitary, embed
from hqn.runtime.circuit.words import of


class Tape:
    """Kernels on `n` wires from the state `start` on; without one, those of a circuit to be called."""

    def __init__(self, n: int, start: State | None, recorded: tuple[Recorded, ...] = ()) -> None:
        self.n, self.start, self.recorded = n, start, recorded
        self._read: State | None = None

    def then(self, step: Step, values: Any) -> Tape:
        """One step more; from the state read before, if it was."""
        if self._read is not None:
            return Tape(self.n, self._read, ((step, values),))
        return Tape(self.n, self.start, (*self.recorded, (step, values)))

    def read(self) -> State:
        """The state after all steps; computed once."""
        assert self.start is not None
        if self._read is None:
            steps = tuple(step for step, _ in self.recorded)
            self._read = _evolved(self.start, steps, tuple(values for _, values in self.recorded))
        return self._read


def adjoint(q: Any) -> Any:
    """The register from whose state on gradients are computed by un-computing it.

    Under a method that runs the circuit at other angles, it stays as it is.
    """
    return q if playing() or is_simulated() else Tape(q.n, q)


def _evolved(start: State, steps: tuple[Step, ...], values: tuple[Any, ...]) -> State:
    def forward(array: jax.Array, values: tuple[Any, ...]) -> State:
        return run(steps, State(array, start.axes, start.batch), values)

    def kept(array: jax.Array, values: tuple[Any, ...]) -> tuple[State, tuple[State, jax.Array, Any]]:
        after = forward(array, values)
        return after, (after, array[:0], values)

    def backward(residual: tuple[State, jax.Array, Any], cotangent: State) -> tuple[jax.Array, Any]:
        after, empty, values = residual
        (_, before), gradients = undo(steps, (after, cotangent), values)
        array = with_axes(before, start.axes).array
        return _of_samples(array, start, after.batch).astype(empty.dtype), gradients

    evolve = jax.custom_vjp(forward)
    evolve.defvjp(kept, backward)
    return evolve(start.array, values)


def _of_samples(array: jax.Array, start: State, batch: tuple[int, ...]) -> jax.Array:
    """The cotangent of a state that became one of the samples `batch`."""

    def spread(array: jax.Array) -> jax.Array:
        return with_batch(State(array, start.axes, start.batch), batch).array

    given: jax.Array
    like: Any = jax.ShapeDtypeStruct(start.array.shape, array.dtype)  # type: ignore[no-untyped-call]
    (given,) = jax.linear_transpose(spread, like)(array)
    return given


# --- the words of a register ------------------------------------------------------------------------


@of(block, Tape)
def _block(q: Tape, u: Unitary | Matrix, wires: Sequence[int]) -> Tape:
    unitary = u if isinstance(u, Unitary) else embed(u)
    if isinstance(unitary.array, np.ndarray):
        return q.then(Block(tuple(wires), unitary.plane, unitary.array), ())
    return q.then(Block(tuple(wires), unitary.plane), unitary.array)


@of(permute, Tape)
def _permute(q: Tape, moves: Permutation) -> Tape:
    return q.then(Permute(moves), ())


@of(phase, Tape)
def _phase(q: Tape, *gates: Diagonal) -> Tape:
    return q.then(Phase(tuple(gate.with_angles(None) for gate in gates)), [gate.angles for gate in gates])


@of(on, Tape)
def _on(
    q: Tape,
    wires: Sequence[int],
    circuit: Callable[[Any], Any],
    *,
    controls: Sequence[int] = (),
    when: Sequence[int] = (),
    times: int = 1,
) -> Tape:
    steps, values = _recorded(circuit(Tape(q.n - len(controls), None)))
    if times < 0:
        steps, values = inverted(steps, values)
    for _ in range(abs(times)):
        q = q.then(On(tuple(wires), tuple(controls), tuple(when), steps), values)
    return q


@of(turns, Tape)
def _turns(
    q: Tape,
    turn: Callable[[Any, Any], Any],
    per_turn: Any,
    take: jax.Array | None = None,
    again: bool = False,
) -> Tape | State:
    """The values of all turns first, which no state enters; then turns that compute nothing else.

    A loop that stops early runs on the state, in reverse mode.
    """
    if take is not None:
        return turns(q.read(), turn, per_turn, take, again)
    seen: list[tuple[Step, ...]] = []

    def collected(given: Any) -> tuple[Any, ...]:
        steps, values = _recorded(turn(Tape(q.n, None), given))
        seen.append(steps)
        return values

    values = jax.vmap(collected)(per_turn)
    return q.then(Repeat(seen[0], len(jax.tree.leaves(per_turn)[0])), values)


def _recorded(tape: Tape) -> tuple[tuple[Step, ...], tuple[Any, ...]]:
    return tuple(step for step, _ in tape.recorded), tuple(values for _, values in tape.recorded)


# --- results ----------------------------------------------------------------------------------------


def _reading(word: Any) -> None:
    """A result of a tape is that of its state."""
    of(word, Tape)(lambda q, *args, **named: word(q.read(), *args, **named))


for _word in (expect_z, expect_matrix, probs, state, density, purity, entropy, fidelity, mixed, postselect):
    _reading(_word)


@of(expect, Tape)
def _expect(
    q: Tape,
    words: Sequence[str],
    coefficients: jax.Array | Sequence[float] | None = None,
    outputs: Sequence[int] | None = None,
    size: int | None = None,
) -> jax.Array:
    """Each group of words is computed again on the way back, so that none keeps a state of its own."""
    return expect(q.read(), words, coefficients, outputs, size, again=True)
