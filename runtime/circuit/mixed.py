"""Density matrices: the same words for registers that are reset or traced out on the way.

What came before: a `State` and the words that act on it. What leaves: `Mixed`, a density matrix kept as a
state of twice the wires: wire w of the row, wire n + w of the column. A gate U acts as U on the rows and as
its conjugate on the columns, so the kernels of states do all the work. Invariant: the matrix is Hermitian,
and its trace is that of the state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit.block import block
from hqn.runtime.circuit.calls import Circuit, States, applied_once, on, on_each
from hqn.runtime.circuit.diagonal import Diagonal, phase
from hqn.runtime.circuit.expect import expect_matrix, measured_matrix
from hqn.runtime.circuit.gates import Matrix
from hqn.runtime.circuit.moves import Permutation, permute
from hqn.runtime.circuit.outcomes import probabilities
from hqn.runtime.circuit.reduced import density, fidelity, smaller_side
from hqn.runtime.circuit.shots import Shots
from hqn.runtime.circuit.sites import kernel, nested, query
from hqn.runtime.circuit.state import PLANE, State, normalized, standard, standard_axes, with_axes, with_batch
from hqn.runtime.circuit.unitary import Unitary, embed
from hqn.runtime.circuit.words import of


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Mixed:
    """`vector` has 2n wires: 0 … n - 1 are the row of the density matrix, n … 2n - 1 its column."""

    vector: State

    @property
    def n(self) -> int:
        return self.vector.n // 2

    @property
    def batch(self) -> tuple[int, ...]:
        return self.vector.batch

    @property
    def wires(self) -> tuple[int, ...]:
        """The order of the wires in `probabilities`."""
        return tuple(range(self.n))

    @property
    def dtype(self) -> Any:
        return self.vector.dtype

    def astype(self, dtype: Any) -> Mixed:
        return Mixed(self.vector.astype(dtype))

    def columns(self, wires: Sequence[int]) -> tuple[int, ...]:
        return tuple(self.n + wire for wire in wires)

    def planes(self, wires: Sequence[int]) -> jax.Array:
        """`[2, 2^k, 2^k, 2^r, 2^r, B]`: row and column of `wires`, then of the others."""
        rest = [wire for wire in range(self.n) if wire not in wires]
        axes = (PLANE, *wires, *self.columns(wires), *rest, *self.columns(rest))
        k, r = 1 << len(wires), 1 << len(rest)
        return with_axes(self.vector, axes).array.reshape(2, k, k, r, r, -1)


@kernel
def mixed(q: State) -> Mixed:
    """|q><q|; a density matrix stays what it is."""
    planes = standard(q).array.reshape(2, 1 << q.n, -1)
    (a, b), (c, d) = planes[:, :, None], planes[:, None]
    array = jnp.stack([a * c + b * d, b * c - a * d]).reshape(2 << 2 * q.n, -1)
    return Mixed(State(array, standard_axes(2 * q.n), q.batch))


@kernel
def reset(q: Mixed, wires: Sequence[int]) -> Mixed:
    """`wires` traced out and set to |0>."""
    axes = (*wires, *q.columns(wires))
    rest = tuple(axis for axis in q.vector.axes if axis not in axes)
    size = 1 << len(wires)
    blocks = with_axes(q.vector, (*axes, *rest)).array.reshape(size, size, -1, q.vector.array.shape[-1])
    traced = jnp.einsum("iirb->rb", blocks)
    zeros = jnp.zeros((traced.shape[0] * (size**2 - 1), traced.shape[1]), q.dtype)
    return Mixed(State(jnp.concatenate([traced, zeros]), (*axes, *rest), q.batch))


@kernel
def postselect(q: State, wires: Sequence[int], values: Sequence[int]) -> State:
    """The part where `wires` read `values`, normalised; all zeros where its probability is zero."""
    part = _kept(q, wires, values)
    scale = jnp.sqrt(_inverse(jnp.square(part.array).sum(0)))
    return State(part.array * scale, part.axes, part.batch)


@of(postselect, Mixed)
def _postselect(q: Mixed, wires: Sequence[int], values: Sequence[int]) -> Mixed:
    part = _kept(q.vector, (*wires, *q.columns(wires)), (*values, *values))
    scale = _inverse(_probabilities(Mixed(part)).sum(0))
    return Mixed(State(part.array * scale, part.axes, part.batch))


def _kept(q: State, wires: Sequence[int], values: Sequence[int]) -> State:
    axes = (*wires, *(axis for axis in q.axes if axis not in wires))
    index = int("".join(map(str, values)), 2)
    rows = with_axes(q, axes).array.reshape(1 << len(wires), -1, q.array.shape[-1])
    return State(jnp.zeros_like(rows).at[index].set(rows[index]).reshape(q.array.shape), axes, q.batch)


def _inverse(part: jax.Array) -> jax.Array:
    """1 / p, and 0 where p is no more than rounding leaves of zero."""
    seen = part > 100 * np.finfo(part.dtype).eps ** 2
    return jnp.where(seen, 1.0 / jnp.where(seen, part, 1.0), 0.0)


# --- the words of a register ----------------------------------------------------------------------

of(mixed, Mixed)(lambda q: q)
of(standard, Mixed)(lambda q: Mixed(standard(q.vector)))
of(with_batch, Mixed)(lambda q, batch: Mixed(with_batch(q.vector, batch)))
of(smaller_side, Mixed)(lambda q, wires: wires)  # only the sides of a pure state have the same eigenvalues


@of(block, Mixed)
def _block(q: Mixed, u: Unitary | Matrix, wires: Sequence[int]) -> Mixed:
    unitary = u if isinstance(u, Unitary) else embed(u)
    return Mixed(block(block(q.vector, unitary, wires), unitary.conj(), q.columns(wires)))


@of(permute, Mixed)
def _permute(q: Mixed, moves: Permutation) -> Mixed:
    columns = tuple(move.renamed(q.columns(range(q.n))) for move in moves.moves)
    return Mixed(permute(q.vector, Permutation(2 * q.n, moves.moves + columns)))


@of(phase, Mixed)
def _phase(q: Mixed, *gates: Diagonal) -> Mixed:
    return Mixed(phase(q.vector, *gates, *(gate.inverse().shifted(q.n) for gate in gates)))


@of(on, Mixed)
def _on(
    q: Mixed,
    wires: Sequence[int],
    circuit: Callable[[Any], Any],
    *,
    controls: Sequence[int] = (),
    when: Sequence[int] = (),
    times: int = 1,
) -> Mixed:
    if not controls and times == 1:
        return _named(q, wires, nested(circuit, False))
    for _ in range(abs(times)):
        once = applied_once(nested(circuit, bool(controls)), times > 0)

        q = _turned(q, partial(_on_row, wires=wires, once=once, controls=controls, when=when))
    return q


def _on_row(
    row: State,
    wires: Sequence[int],
    once: Callable[[States], States],
    controls: Sequence[int],
    when: Sequence[int],
) -> State:
    return on_each((row,), wires, once, controls, when)[0]


def _named(q: Mixed, wires: Sequence[int], circuit: Callable[[Mixed], Mixed]) -> Mixed:
    """A circuit that knows `wires` as 0, 1, …; it may reset."""
    order = (*wires, *(wire for wire in range(q.n) if wire not in wires))
    names = (*order, *q.columns(order), PLANE)
    numbers = {wire: number for number, wire in enumerate(names[:-1])} | {PLANE: PLANE}
    vector = State(q.vector.array, tuple(numbers[axis] for axis in q.vector.axes), q.batch)
    done = circuit(Mixed(vector)).vector
    return Mixed(State(done.array, tuple(names[axis] for axis in done.axes), done.batch))


def _turned(q: Mixed, circuit: Circuit) -> Mixed:
    """U rho U* for gates U that act on rows while columns are samples: twice, with adjoints between."""
    return _adjoint(_on_rows(_adjoint(_on_rows(q, circuit)), circuit))


def _on_rows(q: Mixed, circuit: Circuit) -> Mixed:
    n = q.n
    rows = State(standard(q.vector).array.reshape(2 << n, -1), standard_axes(n), (1 << n, *q.batch))
    after = standard(circuit(rows))
    return Mixed(State(after.array.reshape(2 << 2 * n, -1), standard_axes(2 * n), after.batch[1:]))


def _adjoint(q: Mixed) -> Mixed:
    """The conjugate transpose."""
    axes = (PLANE, *q.columns(range(q.n)), *range(q.n))
    planes = with_axes(q.vector, axes).array.reshape(2, 1 << 2 * q.n, -1)
    array = jnp.stack([planes[0], -planes[1]]).reshape(2 << 2 * q.n, -1)
    return Mixed(State(array, standard_axes(2 * q.n), q.batch))


# --- results --------------------------------------------------------------------------------------


@of(probabilities, Mixed)
def _probabilities(q: Mixed) -> jax.Array:
    return jnp.einsum("iib->ib", q.planes(q.wires)[0, :, :, 0, 0])


@of(density, Mixed)
def _density(q: Mixed, wires: Sequence[int]) -> jax.Array:
    def read(q: Mixed) -> jax.Array:
        planes = jnp.einsum("pijkkb->pbij", q.planes(wires))
        return jax.lax.complex(planes[0], planes[1]).reshape(*q.batch, *planes.shape[2:])

    return query(q, read, 2)


@of(expect_matrix, Mixed)
def _expect_matrix(q: Mixed, matrix: Matrix, wires: Sequence[int], shots: Shots | None = None) -> jax.Array:
    if shots is not None:
        return measured_matrix(q, matrix, wires, shots)
    return jnp.einsum("...ij,...ji->...", jnp.asarray(matrix), _density(q, wires)).real


@of(fidelity, Mixed)
def _fidelity(q: Mixed, vector: jax.Array, wires: Sequence[int]) -> jax.Array:
    unit = normalized(vector)
    return jnp.einsum("...i,...ij,...j->...", unit.conj(), _density(q, wires), unit).real
