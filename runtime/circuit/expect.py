"""Results: expectation values, probabilities, the state vector.

What came before: a `State`. What leaves: arrays whose leading axes are the samples. Nothing consumes the
state. Expectation values of words in I and Z are overlaps of the probabilities with signs; other words are
grouped so that one change of basis per wire makes all of a group diagonal at once. With `shots` frequencies
of drawn outcomes stand for the probabilities; a group is drawn once. Invariant: what depends on the state
passes `query` and is linear in the density matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit.block import block
from hqn.runtime.circuit.gates import SDG, H, Matrix
from hqn.runtime.circuit.outcomes import marginals, probabilities
from hqn.runtime.circuit.reduced import density
from hqn.runtime.circuit.shots import Shots, frequencies, spread
from hqn.runtime.circuit.signs import mask_of, overlaps
from hqn.runtime.circuit.sites import playing, query
from hqn.runtime.circuit.state import State, samples_first, standard, with_axes, with_batch
from hqn.runtime.circuit.unitary import inverse
from hqn.runtime.circuit.words import of_register

_BASIS: dict[str, Matrix] = {"X": H, "Y": H @ SDG}
_WIDEST = 4
"""Wires that change basis in one block."""


@of_register
def expect_z(q: State, wires: Sequence[int] | None = None, shots: Shots | None = None) -> jax.Array:
    """<Z> of each of `wires` (all, where None): `[..., wires]`."""

    def read(q: State) -> jax.Array:
        q = spread(q, shots)
        masks = [mask_of((wire,), q.wires) for wire in (range(q.n) if wires is None else wires)]
        return samples_first(overlaps(_measured(q, shots), masks), q)

    return query(q, read, 1)


def _measured(q: State, shots: Shots | None) -> jax.Array:
    """Probabilities, or the frequencies that stand for them: `[2^n, B]`."""
    table = probabilities(q)
    return table if shots is None else frequencies(table, shots)


@of_register
def expect(
    q: State,
    words: Sequence[str],
    coefficients: jax.Array | Sequence[float] | None = None,
    outputs: Sequence[int] | None = None,
    size: int | None = None,
    shots: Shots | None = None,
    again: bool = False,
) -> jax.Array:
    """Pauli sums: `result[..., o]` sums `coefficients[..., t] <words[t]>` over t with `outputs[t] == o`.

    A word has one letter of I, X, Y, Z per wire. Coefficients are 1 where None; without `outputs` every
    word is its own output; `size` is their number where the last ones are empty sums. With `again`, what
    reverse mode would keep of each group of words is computed again instead.
    """
    values = query(q, lambda q: _word_values(spread(q, shots), words, shots, again), 1)
    if coefficients is not None:
        values = values * jnp.asarray(coefficients, values.dtype)
    if outputs is None:
        return values
    size = size or max(outputs) + 1
    if tuple(outputs) == tuple(range(len(words))) and size == len(words):
        return values
    table = np.asarray(outputs)[:, None] == np.arange(size)
    return values @ jnp.asarray(table, values.dtype)


def _word_values(
    q: State, words: Sequence[str], shots: Shots | None = None, again: bool = False
) -> jax.Array:
    """<word> of each word: `[..., words]`."""
    groups = _groups(words)
    given = [(basis, tuple(words[t] for t in terms)) for basis, terms in groups]
    of_group = jax.checkpoint(_group_values, static_argnums=(1, 2)) if again else _group_values
    columns = [of_group(q, *one) for one in given] if shots is None else _drawn_values(q, given, shots)
    order = np.argsort([t for _, terms in groups for t in terms])
    values = jnp.concatenate(columns) if len(columns) > 1 else columns[0]
    return samples_first(values if (np.diff(order) == 1).all() else values[order], q)


def _groups(words: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Words that one basis (a letter per wire) makes diagonal together; greedy, first fit."""
    groups: list[tuple[str, list[int]]] = []
    for term, word in enumerate(words):
        for place, (basis, terms) in enumerate(groups):
            if all("I" in (a, b) or a == b for a, b in zip(basis, word)):
                merged = "".join(b if a == "I" else a for a, b in zip(basis, word))
                groups[place] = (merged, [*terms, term])
                break
        else:
            groups.append((word, [term]))
    return groups


def _group_values(q: State, basis: str, words: tuple[str, ...]) -> jax.Array:
    """`[words, B]`."""
    q = _turned(q, basis)
    return overlaps(probabilities(q), _masks(q, words))


def _drawn_values(q: State, groups: Sequence[tuple[str, tuple[str, ...]]], shots: Shots) -> list[jax.Array]:
    """`[words, B]` of each group; outcomes of all groups are drawn at once."""
    states = [_turned(q, basis) for basis, _ in groups]
    tables = jnp.concatenate([probabilities(state) for state in states], 1)
    drawn = jnp.split(frequencies(tables, shots.of_groups(len(groups))), len(groups), 1)
    return [
        overlaps(found, _masks(state, words))
        for found, state, (_, words) in zip(drawn, states, groups, strict=True)
    ]


def _turned(q: State, basis: str) -> State:
    """The state in whose outcomes all words of a group can be read."""
    turned = [wire for wire, letter in enumerate(basis) if letter in _BASIS]
    for first in range(0, len(turned), _WIDEST):
        wires = turned[first : first + _WIDEST]
        change: Matrix = np.eye(1)
        for wire in wires:
            change = np.kron(change, _BASIS[basis[wire]])
        q = block(q, change, wires)
    return q


def _masks(q: State, words: Sequence[str]) -> list[int]:
    return [mask_of(tuple(i for i, letter in enumerate(word) if letter != "I"), q.wires) for word in words]


@of_register
def expect_matrix(q: State, matrix: Matrix, wires: Sequence[int], shots: Shots | None = None) -> jax.Array:
    """Re <q| M |q>, the expectation value of the Hermitian part of `M[..., 2^k, 2^k]` on k wires: `[...]`."""
    if shots is not None:
        return measured_matrix(q, matrix, wires, shots)
    if playing():
        return _overlap(matrix, density(q, wires))
    after = block(q, matrix, wires)
    before = with_axes(with_batch(q, after.batch), after.axes)
    return (before.array * after.array).sum(0).reshape(after.batch)


def measured_matrix(q: Any, matrix: Matrix, wires: Sequence[int], shots: Shots) -> jax.Array:
    """The mean of the eigenvalues of M that come where its eigenvectors are the outcomes of a measurement.

    The derivative by M, which these outcomes do not tell, is that of the expectation value, exactly.
    """
    matrix = jnp.asarray(matrix)
    fixed = jax.lax.stop_gradient(matrix)
    values, vectors = jnp.linalg.eigh((fixed + inverse(fixed)) / 2)

    def read(q: Any) -> jax.Array:
        turned = block(spread(q, shots), inverse(vectors), wires)
        return samples_first(frequencies(marginals(turned, wires), shots), turned)

    mean = (values * query(q, read, 1)).sum(-1)
    return _as_of_matrix(mean, matrix, density(q, wires))


@jax.custom_vjp
def _as_of_matrix(mean: jax.Array, matrix: jax.Array, rho: jax.Array) -> jax.Array:
    """`mean[...]`, whose derivative by the matrix is that of Re tr(rho M)."""
    return mean


def _by_matrix(given: tuple[jax.Array, ...], g: jax.Array) -> tuple[jax.Array, jax.Array, None]:
    def exact(matrix: jax.Array) -> jax.Array:
        return jnp.broadcast_to(_overlap(matrix, rho), g.shape)

    matrix, rho = given
    return g, jax.vjp(exact, matrix)[1](g)[0], None


_as_of_matrix.defvjp(lambda mean, matrix, rho: (mean, (matrix, rho)), _by_matrix)


def _overlap(matrix: Matrix, rho: jax.Array) -> jax.Array:
    """Re tr(rho M): `[...]`."""
    return (jnp.asarray(matrix, rho.dtype).swapaxes(-1, -2) * rho).sum((-2, -1)).real


@of_register
def probs(q: State, wires: Sequence[int] | None = None, shots: Shots | None = None) -> jax.Array:
    """Probabilities of the outcomes of `wires` (or all), the first the most significant: `[..., 2^k]`."""

    def read(q: State) -> jax.Array:
        q = spread(q, shots)
        table = marginals(q, range(q.n) if wires is None else wires)
        return samples_first(table if shots is None else frequencies(table, shots), q)

    return query(q, read, 1)


@of_register
def state(q: State) -> jax.Array:
    """The state vector, complex, wire 0 the most significant bit: `[..., 2^n]`."""

    def read(q: State) -> jax.Array:
        planes = standard(q).array.reshape(2, 1 << q.n, -1)
        return samples_first(jax.lax.complex(planes[0], planes[1]), q)

    return query(q, read, 1)
