"""Figures of a simulation: how wide blocks are, what a state takes, what a step computes.

What came before: a number of wires. What leaves: widths, bytes and operations per sample. The widths were
measured on processors with 512-bit vectors, a batch of 32 and whole training steps: one full matrix up to 4
wires, then blocks of nearly equal width; a wider block does more arithmetic than it saves in memory traffic.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

FULL = 4
"""Up to this many wires, one matrix on all of them is cheapest and swallows permutations and phases."""
_WIDEST = {5: 3, 6: 3, 7: 4, 8: 4, 9: 5, 10: 5}
UNROLLED = 10
"""Loops of fewer turns are written out: a compiled loop costs 1.2 to 1.4 times as much per turn."""
HOISTED_BYTES = 1 << 24
"""Matrices of all turns of a loop are built before it unless they take more than this."""


def width(n: int) -> int:
    """The width of blocks on a register of n wires."""
    return n if n <= FULL else _WIDEST.get(n, 4)


def split(wires: Sequence[int], n: int) -> tuple[tuple[int, ...], ...]:
    """Wires in order, cut into the fewest blocks of nearly equal width."""
    count = -(-len(wires) // width(n))
    base, extra = divmod(len(wires), count)
    cuts = [0]
    for block in range(count):
        cuts.append(cuts[-1] + base + (block < extra))
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
