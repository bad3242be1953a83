"""Gates that only move amplitudes: X, CX, SWAP and their controlled forms.

What came before: gate names on tuples of wires. What leaves: a `Permutation`, one per run of such gates,
and the primitive `permute` that moves the rows of a state by it. The primitive is linear and its transpose
moves rows by the inverse permutation, so that every mode of differentiation gathers and none scatters; a
batch of whatever origin is one more axis. An emitted program names the gates, never the table; above
`TABLE_WIRES` wires not even the compiled program holds the table: indices are computed from their bits
where they are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from hqn.runtime.circuit.sites import kernel
from hqn.runtime.circuit.state import State, standard_axes

TABLE_WIRES = 21
"""The largest register whose permutations are compiled as tables (4 bytes a row)."""

Wires = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Move:
    """Exchanges the values of `targets` (two: swap) or flips it (one) where `controls` read `on`."""

    targets: tuple[int, ...]
    controls: tuple[int, ...] = ()
    on: tuple[int, ...] = ()

    def source(self, index: Any, wires: tuple[int, ...]) -> Any:
        """Where the amplitude that ends at `index` comes from; `wires` name its bits from the top."""
        places = {wire: len(wires) - 1 - position for position, wire in enumerate(wires)}
        active = index.dtype.type(1)
        for wire, value in zip(self.controls, self.on):
            active = active & (((index >> places[wire]) & 1) ^ (1 - value))
        bits = [places[wire] for wire in self.targets]
        if len(bits) == 1:
            return index ^ (active << bits[0])
        differs = active & ((index >> bits[0]) ^ (index >> bits[1])) & 1
        return index ^ (differs << bits[0]) ^ (differs << bits[1])

    def renamed(self, names: Sequence[int]) -> Move:
        targets = tuple(names[wire] for wire in self.targets)
        return Move(targets, tuple(names[wire] for wire in self.controls), self.on)


@dataclass(frozen=True, slots=True)
class Permutation:
    """`moves` on n wires, applied one after the other. Every move is its own inverse."""

    n: int
    moves: tuple[Move, ...]

    def __matmul__(self, later: Permutation) -> Permutation:
        """This permutation and then `later`."""
        return Permutation(self.n, self.moves + later.moves)

    def inverse(self) -> Permutation:
        return Permutation(self.n, self.moves[::-1])

    def on(self, wires: Sequence[int], n: int) -> Permutation:
        """The same on the given wires of a register of n."""
        return Permutation(n, tuple(move.renamed(wires) for move in self.moves))

    def source(self, index: Any, wires: tuple[int, ...] | None = None) -> Any:
        """The index that each of `index` is filled from."""
        for move in reversed(self.moves):
            index = move.source(index, wires or tuple(range(self.n)))
        return index

    def table(self) -> np.ndarray[Any, Any]:
        """i32[2^n]: row i of the result is row `table[i]` of the argument."""
        return np.asarray(self.source(np.arange(1 << self.n, dtype=np.int32)))


_TARGETS = {"x": 1, "cx": 1, "ccx": 1, "swap": 2, "cswap": 2}


def permutation(n: int, *gates: tuple[str, Wires] | tuple[str, Wires, tuple[int, ...]]) -> Permutation:
    """Gates `(name, tuples of wires)` or `(name, tuples of wires, on)` in order, controls first.

    `name`: x cx ccx swap cswap, with any number of further controls; `on` are the values of all controls
    where they are not all 1.
    """
    moves: list[Move] = []
    for name, tuples, *on in gates:
        for wires in tuples:
            controls, targets = tuple(wires[: -_TARGETS[name]]), tuple(wires[-_TARGETS[name] :])
            moves.append(Move(targets, controls, on[0] if on else (1,) * len(controls)))
    return Permutation(n, tuple(moves))


def tuples(
    first: Sequence[int], step: int, count: int, modulo: int | None = None
) -> tuple[tuple[int, ...], ...]:
    """`count` tuples of wires, each `step` further than the one before, around a ring of `modulo` wires."""
    ring = modulo or max(first) + step * count + 1
    return tuple(tuple((wire + turn * step) % ring for wire in first) for turn in range(count))


def cx_ring(n: int, r: int) -> Permutation:
    """CX from wire i to wire (i + r) mod n, for i = 0 … n - 1 in order."""
    return permutation(n, ("cx", tuples((0, r), 1, n, n)))


def cx_chain(n: int) -> Permutation:
    """CX from wire i to wire i + 1, for i = 0 … n - 2 in order."""
    return permutation(n, ("cx", tuples((0, 1), 1, n - 1)))


@kernel
def permute(q: State, moves: Permutation) -> State:
    """The state after `moves`; its axes are in standard order."""
    target = standard_axes(q.n)
    array = permute_p.bind(q.array, moves=moves, source=q.axes, target=target)
    return State(array, target, q.batch)


# --- the primitive ----------------------------------------------------------------------------------

permute_p: Any = Primitive("permute")
"""`permute(array[..., 2^(n+1), B]; moves, source, target)`: rows whose axes lie in the order `source` become
rows in the order `target`, after `moves`."""


def _rows(index: Any, moves: Permutation, source: tuple[int, ...], target: tuple[int, ...]) -> Any:
    """For each row `index` of the result, the row of the argument that it is filled from."""
    index = moves.source(index, target)
    last = len(target) - 1
    row = index & 0
    for place, axis in enumerate(target):
        row = row | (((index >> (last - place)) & 1) << (last - source.index(axis)))
    return row


@lru_cache(maxsize=256)
def _table(
    moves: Permutation, source: tuple[int, ...], target: tuple[int, ...]
) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.asarray(_rows(np.arange(1 << len(target), dtype=np.int32), moves, source, target))


def _gather(
    array: jax.Array, *, moves: Permutation, source: tuple[int, ...], target: tuple[int, ...]
) -> jax.Array:
    if len(target) - 1 <= TABLE_WIRES:
        rows: Any = _table(moves, source, target)
    else:
        rows = _rows(jax.lax.iota(jnp.int32, 1 << len(target)), moves, source, target)
    return array.at[..., rows, :].get(mode="promise_in_bounds", unique_indices=True)


def _transpose(
    cotangent: Any,
    array: Any,
    *,
    moves: Permutation,
    source: tuple[int, ...],
    target: tuple[int, ...],
) -> tuple[Any]:
    if type(cotangent) is ad.Zero:
        return (ad.Zero(array.aval),)
    return (permute_p.bind(cotangent, moves=moves.inverse(), source=target, target=source),)


def _batch(arguments: Any, dims: Any, **params: Any) -> tuple[jax.Array, int]:
    (array,), (dim,) = arguments, dims
    moved: jax.Array = permute_p.bind(jnp.moveaxis(array, dim, 0), **params)
    return moved, 0


permute_p.def_impl(jax.jit(_gather, static_argnames=("moves", "source", "target")))
permute_p.def_abstract_eval(lambda array, **_: array)
ad.deflinear2(permute_p, _transpose)  # type: ignore[no-untyped-call]
batching.primitive_batchers[permute_p] = _batch
mlir.register_lowering(permute_p, mlir.lower_fun(_gather, multiple_results=False))
