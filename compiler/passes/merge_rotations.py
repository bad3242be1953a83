"""Rotations about one axis on the same wires become one: R(a) then R(b) is R(a + b), phase included.

What came before: circuits as chains of gates. What leaves: shorter chains. Invariant: a merged angle is the
sum of the two, so gradients and exports reach every weight.
"""

from __future__ import annotations

from hqn.compiler.ir import nn
from hqn.compiler.ir.location import like
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.qc import GateOp
from hqn.compiler.passes.chain import blocks, disjoint, erase, gates, partners, remove

ADDITIVE = frozenset(["rx", "ry", "rz", "p", "u1", "crx", "cry", "crz", "cp", "rxx", "ryy", "rzz", "rzx"])
"""Gates of one angle with G(a) G(b) = G(a + b); controls, `inv` and `pow` keep that."""


def merge_rotations(built: Built) -> None:
    """Adds the angles of rotations that follow each other about one axis on the same wires."""
    for block in blocks(built):
        for gate in gates(block):
            other = next((one for one in partners(gate) if _same_axis(one, gate)), None)
            if other is not None:
                _merge(other, gate)


def _same_axis(first: GateOp, second: GateOp) -> bool:
    same = (first.gate, first.mods, first.wires) == (second.gate, second.mods, second.wires)
    return same and second.gate in ADDITIVE and disjoint(second)


def _merge(first: GateOp, second: GateOp) -> None:
    """The sum takes the place of the second gate, where both tables of angles are known."""
    assert first.angles is not None and second.angles is not None
    total = like(nn.MapOp("add", [first.angles, second.angles]), second)
    merged = like(GateOp(second.gate, second.register, second.wires, total.result, second.mods), second)
    block = second.parent_block()
    assert block is not None
    block.insert_ops_before([total, merged], second)
    second.result.replace_all_uses_with(merged.result)
    erase(second)
    remove(first)
