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
from hqn.runtime.circuit.state import PLANE, State, standard_axes

TABLE_WIRES = 17
"""Rows of up to so many binary axes are permuted by tables in the compiled program (4 bytes a row)."""
FEW = 8
"""Below so many samples, both planes are moved by one set of indices: reading indices is half of the work."""

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
        order = wires or tuple(range(self.n))
        for moves in _together(self.moves[::-1], order):
            index = moves[0].source(index, order) if len(moves) == 1 else _shifted(index, moves, order)
        return index

    def table(self) -> np.ndarray[Any, Any]:
        """i32[2^n]: row i of the result is row `table[i]` of the argument."""
        return np.asarray(self.source(np.arange(1 << self.n, dtype=np.int32)))


def _together(moves: Sequence[Move], order: tuple[int, ...]) -> list[list[Move]]:
    """Neighbouring CX of one distance whose bits no other of the run has moved: one shift does them all."""
    runs: list[list[Move]] = []
    for move in moves:
        last = runs[-1] if runs else []
        moved = {one.targets[0] for one in last}
        if (
            last
            and all(_is_cx(one) for one in (last[0], move))
            and _distance(last[0], order) == _distance(move, order)
            and not moved & {move.controls[0], move.targets[0]}
        ):
            last.append(move)
        else:
            runs.append([move])
    return runs


def _is_cx(move: Move) -> bool:
    return len(move.targets) == 1 and move.on == (1,)


def _distance(move: Move, order: tuple[int, ...]) -> int:
    return order.index(move.targets[0]) - order.index(move.controls[0])


def _shifted(index: Any, moves: Sequence[Move], order: tuple[int, ...]) -> Any:
    """`index` with the bits of all controls added to those of their targets, which lie equally far away."""
    mask = sum(1 << (len(order) - 1 - order.index(move.controls[0])) for move in moves)
    distance, bits = _distance(moves[0], order), index & index.dtype.type(mask)
    return index ^ (bits >> distance if distance > 0 else bits << -distance)


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
    last, row, place = len(target) - 1, index & 0, 0
    while place < len(target):
        first, start = place, source.index(target[place])
        while place < len(target) and source.index(target[place]) == start + place - first:
            place += 1
        mask = ((1 << (place - first)) - 1) << (last - place + 1)
        up, bits = first - start, index & index.dtype.type(mask)
        row = row | (bits << up if up >= 0 else bits >> -up)
    return row


@lru_cache(maxsize=256)
def _table(
    moves: Permutation, source: tuple[int, ...], target: tuple[int, ...]
) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.asarray(_rows(np.arange(1 << len(target), dtype=np.int32), moves, source, target))


def _gather(
    array: jax.Array, *, moves: Permutation, source: tuple[int, ...], target: tuple[int, ...]
) -> jax.Array:
    if source[0] == target[0] == PLANE and array.shape[-1] < FEW:
        planes = array.reshape(*array.shape[:-2], 2, -1, array.shape[-1])
        return _taken(planes, moves, source[1:], target[1:]).reshape(array.shape)
    return _taken(array, moves, source, target)


def _taken(
    array: jax.Array, moves: Permutation, source: tuple[int, ...], target: tuple[int, ...]
) -> jax.Array:
    if len(target) <= TABLE_WIRES:
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
