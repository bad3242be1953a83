"""Figures of a simulation: how wide blocks are, what a state takes, what a step computes.

What came before: a number of wires. What leaves: widths, bytes and operations per sample. Invariant: blocks
are as wide as makes a layer of one-wire gates cheapest, by the bytes that it moves and the operations that it
takes. A wider block means fewer passes over the state and more arithmetic in each. The constants are fitted
to whole training steps on processors with 512-bit vectors and a batch of 32: docs/decisions/0009.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

FULL = 4
"""Up to this many wires, one matrix on all of them is cheapest and swallows permutations and phases."""
BATCH = 32
"""Samples that a circuit with arguments is planned for where nothing says how many."""
CACHE_BYTES = 1 << 21
"""What a core keeps close at hand."""
LARGE_BYTES = 1 << 27
"""One state from which on all cores together wait for memory."""
CACHED, BEYOND, LARGE = 20, 11, 28
"""Operations in the time that one byte of a state takes. Within the cache; beyond, where products wait for
memory too, so that a wider block costs relatively more; of a large state, where fewer passes save most."""
BUILD = 320
"""Operations in the time that one entry of a block's matrix takes to be built, once for all samples."""
UNROLLED = 10
"""Loops of fewer turns are written out: a compiled loop costs 1.2 to 1.4 times as much per turn."""
HOISTED_BYTES = 1 << 24
"""Matrices of all turns of a loop are built before it unless they take more than this."""


def layer_cost(widths: Iterable[int], n: int) -> float:
    """What one-wire gates in blocks of these widths cost one sample, in operations: every block reads and
    writes the state.
    """
    moved = 2 * state_bytes(n) * _operations_per_byte(n)
    return sum(moved + dense_operations(n, k) + (BUILD << 2 * k) / BATCH for k in widths)


def _operations_per_byte(n: int) -> int:
    if state_bytes(n) >= LARGE_BYTES:
        return LARGE
    return CACHED if BATCH * state_bytes(n) <= CACHE_BYTES else BEYOND


@cache
def width(n: int) -> int:
    """The width of blocks on a register of n wires: that of the cheapest cut into nearly equal ones."""
    cuts = (_evenly(n, count) for count in range(1, n + 1))
    return max(min(cuts, key=lambda widths: layer_cost(widths, n)), default=1)


def _evenly(wires: int, count: int) -> list[int]:
    base, extra = divmod(wires, count)
    return [base + (block < extra) for block in range(count)]


def split(wires: Sequence[int], n: int) -> tuple[tuple[int, ...], ...]:
    """Wires in order, cut into the fewest blocks of nearly equal width."""
    cuts = [0]
    for block in _evenly(len(wires), -(-len(wires) // width(n))):
        cuts.append(cuts[-1] + block)
    return tuple(tuple(wires[a:b]) for a, b in pairwise(cuts))


def state_bytes(n: int) -> int:
    """Bytes of one state of n wires in single precision."""
    return 8 << n


def dense_operations(n: int, k: int) -> int:
    """Floating-point operations of a matrix on k wires: 4 x 2^k per real number of the state."""
    return (2 << n) * (4 << k)


def phase_operations(n: int) -> int:
    """A complex product per amplitude, and its exponent from tables."""
    return 6 << n


def product_operations(n: int) -> int:
    """The last outer product dominates."""
    return 6 << n
