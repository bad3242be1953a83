"""Finite shots: outcomes drawn from the probabilities of a register.

What came before: a `State` and keys, one per sample. What leaves: the frequencies of outcomes, in place of
their probabilities; or outcomes themselves. Invariant: what is drawn for a sample depends on its key, the
group of terms and the number of the evaluation only, so noise is independent between all of these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit.exactly import is_exact, is_repeating, of_repetition
from hqn.runtime.circuit.outcomes import marginals
from hqn.runtime.circuit.sites import evaluation, query
from hqn.runtime.circuit.state import State, samples_first, with_batch
from hqn.runtime.keys import Keys, fold

COMPARED = 64
"""Up to so many outcomes, comparing every number with every edge is faster than sorting."""


@dataclass(frozen=True, slots=True)
class Shots:
    """So many outcomes per sample and group of terms; `keys[*samples]`."""

    count: int
    keys: jax.Array

    def of_groups(self, count: int) -> Shots:
        """For groups of terms, each measured on its own: keys `[count, *samples]`."""
        return Shots(self.count, jnp.stack([fold(self.keys, number) for number in range(count)]))


def shots(count: int, keys: Keys) -> Shots:
    """Shots of one query of one evaluation of a circuit."""
    return Shots(count, fold(keys.sample, evaluation()))


def spread(q: State, given: Shots | None) -> State:
    """The state for each sample that is measured on its own."""
    return q if given is None else with_batch(q, given.keys.shape)


def frequencies(probabilities: jax.Array, given: Shots) -> jax.Array:
    """`[outcomes, B]` as relative frequencies of as many drawn outcomes.

    In a repetition the results of the circuit are exact, and what its derivative is made of is measured: an
    estimate of the gradient that is right on average whatever is made of the results.
    """
    if is_exact():
        return probabilities
    again = Shots(given.count, of_repetition(given.keys))
    drawn = _counted(probabilities, again).astype(probabilities.dtype) / given.count
    return jnp.where(evaluation() == 0, probabilities, drawn) if is_repeating() else drawn


def sample(q: State, wires: Sequence[int], given: Shots) -> jax.Array:
    """Bits of the measured wires, shot by shot: `[..., shots, wires]`."""

    def read(q: State) -> jax.Array:
        q = spread(q, given)
        return samples_first(bits(_outcomes(marginals(q, wires), given), len(wires)), q)

    return query(q, read, 2)


def counts(q: State, wires: Sequence[int], given: Shots) -> jax.Array:
    """How often each outcome of the wires came, the first wire the most significant bit: `[..., 2^k]`."""

    def read(q: State) -> jax.Array:
        q = spread(q, given)
        return samples_first(_counted(marginals(q, wires), given), q)

    return query(q, read, 1)


def most_likely(q: State, wires: Sequence[int]) -> jax.Array:
    """The bits of the outcome of the largest probability, the lowest one of equals: `[..., wires]`."""

    def read(q: State) -> jax.Array:
        best = marginals(q, wires).argmax(0).astype(jnp.int32)
        return samples_first(bits(best[None], len(wires))[0], q)

    return query(q, read, 1)


def bits(outcomes: jax.Array, count: int) -> jax.Array:
    """`[shots, B]` as bits `[shots, count, B]`, the most significant first."""
    places = np.arange(count - 1, -1, -1)
    return (outcomes[:, None] >> places[:, None]) & 1


def _outcomes(probabilities: jax.Array, given: Shots) -> jax.Array:
    """`[shots, B]`: outcomes by the inverse of the distribution function; impossible ones never come."""

    def drawn(key: jax.Array, column: jax.Array) -> jax.Array:
        numbers, edges = _numbers(key, column, given.count)
        return jnp.searchsorted(edges, numbers, side="right").astype(jnp.int32)

    return _each(drawn, probabilities, given)


def _counted(probabilities: jax.Array, given: Shots) -> jax.Array:
    """`[outcomes, B]`: how often each of those outcomes comes."""

    def counted(key: jax.Array, column: jax.Array) -> jax.Array:
        numbers, edges = _numbers(key, column, given.count)
        if len(edges) <= COMPARED:
            below = (numbers[:, None] < edges).sum(0, dtype=jnp.int32)
        else:
            below = jnp.searchsorted(jnp.sort(numbers), edges, side="left").astype(jnp.int32)
        return jnp.diff(below, prepend=0)

    return _each(counted, probabilities, given)


def _numbers(key: jax.Array, column: jax.Array, count: int) -> tuple[jax.Array, jax.Array]:
    """Random numbers below the last edge of the distribution function, and its edges."""
    edges = jnp.cumsum(column)
    below = jnp.nextafter(edges[-1], jnp.zeros_like(edges[-1]))
    return jnp.minimum(jax.random.uniform(key, (count,), column.dtype) * edges[-1], below), edges


def _each(draw: Callable[[jax.Array, jax.Array], jax.Array], table: jax.Array, given: Shots) -> jax.Array:
    found: jax.Array = jax.vmap(draw, in_axes=(0, 1), out_axes=1)(given.keys.reshape(-1), table)
    return found
