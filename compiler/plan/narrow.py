"""Circuits cut to the light cones of what they measure: a state per cone instead of one of all wires.

What came before: a module. What leaves: the same, where circuits of many qubits whose local results depend on
few of them call a function per shape of cone; equal cones elsewhere on the register share it, with their
angles stacked. Invariant: values and derivatives are those of the whole circuit, and a function that gains
little is left as it is. For targets that simulate; what is exported keeps all of its gates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hqn.compiler import memory
from hqn.compiler.ir import qc
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import SlotOp
from hqn.compiler.ir.loops import LoopOp, YieldOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.xdsl_api import Block, Operation
from hqn.compiler.plan import cost
from hqn.compiler.plan.cone_calls import rewrite
from hqn.compiler.plan.cones import Cone, backward
from hqn.compiler.plan.simulate import carries_register
from hqn.compiler.plan.written_out import write_out

SMALLEST = 12
"""Registers below this are simulated whole: more functions would cost more than they save."""
GAIN = 4
"""How much less the cones must touch."""
MOST_TUPLES = 20_000
"""Circuits with more gates, loops written out, are left whole."""
LOCAL = (qc.ExpectOp, qc.ExpectMatrixOp, qc.ProbsOp, qc.ReducedOp)
"""Queries of some wires."""


def narrow(module: Module) -> Module:
    """The module with its circuits cut; itself where there is nothing to cut."""
    functions: list[FuncOp] = []
    cut = False
    for func in module.functions.values():
        found = cut_of(func)
        cut = cut or (found is not None and found.gains)
        functions += found.functions() if found is not None and found.gains else [func.clone()]
    return Module.of(functions) if cut else module


Group = tuple[Cone, list[int]]


@dataclass(frozen=True, slots=True)
class Cut:
    """A circuit that can be cut: a copy of it, its gates, and the cones of its queries."""

    copy: FuncOp
    gates: list[qc.GateOp]
    found: dict[Operation, list[Group]]
    n: int

    @property
    def cones(self) -> list[Cone]:
        return [cone for groups in self.found.values() for cone, _ in groups]

    @property
    def gain(self) -> int:
        """How many times fewer amplitudes the cones touch than a state of all wires."""
        gates = sum(len(gate.wires) for gate in self.gates)
        return ((gates + 1) << self.n) // sum(cone.cost for cone in self.cones)

    @property
    def gains(self) -> bool:
        """Whether cutting is worth it, or the only way."""
        return self.gain >= GAIN or not _fits(self.n)

    def functions(self) -> list[FuncOp]:
        """The functions of the cones and the one that calls them; only once."""
        return rewrite(self.copy, self.gates, self.found)


def cut_of(func: FuncOp) -> Cut | None:
    """How a circuit would be cut; None where it is small or something in it is in the way."""
    alloc = next((op for op in func.block.ops if isinstance(op, qc.AllocOp)), None)
    if alloc is None or qc.wire_count(alloc.result) < SMALLEST or not _can(func):
        return None
    copy = func.clone()
    write_out(copy)
    gates = [op for op in copy.block.ops if isinstance(op, qc.GateOp)]
    found: dict[Operation, list[Group]] = {
        op: list(_groups(op, gates)) for op in copy.block.ops if isinstance(op, LOCAL)
    }
    cut = Cut(copy, gates, found, qc.wire_count(alloc.result))
    return cut if found and all(cone.wires for cone in cut.cones) else None


def _fits(n: int) -> bool:
    """Whether a state of all wires fits at all."""
    return memory.STATES * cost.state_bytes(n) <= memory.limit()


def _can(func: FuncOp) -> bool:
    """Whether all that happens to the register is gates, loops of gates and local queries, at the end."""
    return _tuples(func.block, top=True) <= MOST_TUPLES


def _tuples(block: Block, top: bool = False) -> float:
    """Tuples of wires with loops written out; infinite where something else than gates is met."""
    total: float = 0
    measured = False
    for op in block.ops:
        if isinstance(op, qc.GateOp):
            plain = not any(mod.kind in qc.CONDITIONS for mod in op.mods) and not measured
            total += len(op.wires) if plain else float("inf")
        elif isinstance(op, LoopOp) and carries_register(op):
            alone = len(op.initial) == 1 and op.take is None and not op.stacked and not measured
            total += op.trips * _tuples(op.block) if alone else float("inf")
        elif isinstance(op, LOCAL):
            measured = True
            total += 0 if top else float("inf")
        elif (_takes_register(op) and not isinstance(op, YieldOp)) or not (top or _copies(op)):
            return float("inf")
    return total


def _copies(op: Operation) -> bool:
    """Whether a turn's copy of it is the same but for constants: it has no body and calls no instance."""
    return not op.regions and (isinstance(op, SlotOp) or not hasattr(op, "indices"))


def _takes_register(op: Operation) -> bool:
    return any(isinstance(value.type, qc.RegType) for value in op.operands)


def _groups(query: Operation, gates: list[qc.GateOp]) -> Iterator[Group]:
    """The cones of a query, each with the terms that are read from it."""
    cones: dict[tuple[frozenset[int], bool], Cone] = {}
    found: dict[Cone, list[int]] = {}
    for number, (wires, diagonal) in enumerate(_terms(query)):
        key = wires, diagonal
        if key not in cones:
            cones[key] = backward(gates, *key)
        found.setdefault(cones[key], []).append(number)
    yield from _joined(sorted(found.items(), key=lambda item: -item[0].cost))


def _joined(groups: list[Group]) -> Iterator[Group]:
    """Cones joined where one state for both costs no more than two."""
    kept: list[Group] = []
    for cone, terms in groups:
        for place, (other, read) in enumerate(kept):
            both = other.joined(cone)
            if both.cost <= other.cost + cone.cost:
                kept[place] = both, [*read, *terms]
                break
        else:
            kept.append((cone, terms))
    yield from kept


def _terms(query: Operation) -> Iterator[tuple[frozenset[int], bool]]:
    """The wires of every term, and whether it is diagonal."""
    if isinstance(query, qc.ExpectOp):
        for word in query.paulis:
            yield frozenset(wire for wire, letter in enumerate(word) if letter != "I"), set(word) <= set("IZ")
    else:
        assert isinstance(query, qc.ExpectMatrixOp | qc.ProbsOp | qc.ReducedOp)
        yield frozenset(query.wires), isinstance(query, qc.ProbsOp)
