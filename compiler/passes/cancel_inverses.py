"""Gates that undo each other, with nothing but gates on other wires between them, vanish.

What came before: circuits as chains of gates. What leaves: shorter chains. Invariant: every state that is
read stays the same, global phase included.
"""

from __future__ import annotations

from hqn.compiler.ir.module import Built
from hqn.compiler.ir.qc import GateOp, Mod
from hqn.compiler.passes.chain import blocks, disjoint, gates, partners, remove

_THEIR_OWN = ("x", "y", "z", "h", "cx", "cy", "cz", "ch", "swap", "ecr", "ccx", "cswap")
INVERSE = {name: name for name in _THEIR_OWN} | {"s": "sdg", "sdg": "s", "t": "tdg", "tdg": "t"}
_CONTROLS = ("ctrl", "negctrl")
_SYMMETRIC = frozenset({"cz", "swap"})


def cancel_inverses(built: Built) -> None:
    """Removes pairs of gates that undo each other, and `id`."""
    for block in blocks(built):
        for gate in gates(block):
            if gate.gate == "id":
                remove(gate)
                continue
            other = next((one for one in partners(gate) if _undo(one, gate)), None)
            if other is not None:
                remove(gate)
                remove(other)


def _undo(first: GateOp, second: GateOp) -> bool:
    """Whether the second gate undoes the first."""
    return _gates_are_inverse(first, second) and _wires_fit(first, second)


def _gates_are_inverse(first: GateOp, second: GateOp) -> bool:
    if first.gate == second.gate and _only_inverted(first.mods, second.mods):
        return first.angles is second.angles
    controlled = all(mod.kind in _CONTROLS for mod in first.mods)
    return INVERSE.get(first.gate) == second.gate and first.mods == second.mods and controlled


def _only_inverted(first: tuple[Mod, ...], second: tuple[Mod, ...]) -> bool:
    """Whether the two differ in exactly one `inv`."""
    plain = [[mod for mod in mods if mod.kind != "inv"] for mods in (first, second)]
    inversions = len(first) - len(plain[0]) + len(second) - len(plain[1])
    return plain[0] == plain[1] and inversions % 2 == 1


def _wires_fit(first: GateOp, second: GateOp) -> bool:
    """Same tuples in reverse; in any order where no two share a wire and each has the same angles."""
    one, other = _tuples(first), _tuples(second)
    if first.angles is None and disjoint(first):
        return sorted(one) == sorted(other)
    if first.angles is not None:
        return disjoint(first) and one == other
    return one == other[::-1]


def _tuples(gate: GateOp) -> list[tuple[int, ...]]:
    if gate.gate in _SYMMETRIC and not gate.mods:
        return [tuple(sorted(one)) for one in gate.wires]
    return list(gate.wires)
