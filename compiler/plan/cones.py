"""Backward light cones: which gates and wires an observable depends on.

What came before: the gates of a circuit in order, loops written out, and the wires of an observable. What
leaves: a `Cone`. Invariant: a gate outside of it cancels with its inverse in U† O U, because it acts on wires
that nothing later in the cone touches, or because it and the observable are both diagonal there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hqn.compiler.ir.qc import GateOp
from hqn.compiler.plan.gates import DIAGONAL


@dataclass(frozen=True, slots=True)
class Cone:
    """`kept` are (number of a gate, number of a tuple of it), in order; `wires` in order."""

    kept: tuple[tuple[int, int], ...]
    wires: tuple[int, ...]

    def joined(self, other: Cone) -> Cone:
        """Both at once: gates of one that the other lacks cancel in it as those outside do."""
        return Cone(tuple(sorted({*self.kept, *other.kept})), tuple(sorted({*self.wires, *other.wires})))

    @property
    def cost(self) -> int:
        """Amplitudes touched, up to a factor that is alike for all cones."""
        return (len(self.kept) + 1) << len(self.wires)


def backward(gates: Sequence[GateOp], wires: frozenset[int], diagonal: bool) -> Cone:
    """The cone of an observable on `wires`; `diagonal` says whether it is a function of Z alone."""
    live, plain = set(wires), set(wires) if diagonal else set[int]()
    kept: list[tuple[int, int]] = []
    for number in reversed(range(len(gates))):
        gate = gates[number]
        turns_only = gate.gate in DIAGONAL
        for place in reversed(range(len(gate.wires))):
            touched = set(gate.wires[place])
            inside = touched & live
            if not inside or (turns_only and inside <= plain):
                continue
            kept.append((number, place))
            live |= touched
            plain -= touched
    return Cone(tuple(reversed(kept)), tuple(sorted(live)))
