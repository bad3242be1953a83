"""Gates of one name become one operation over many wire tuples: an expanded ring of CX, a layer of RX.

What came before: a run of gates between two looks at the state. What leaves: as few operations as commuting
gates on other wires allows. Invariant: tuples keep the order in which they meet on any one wire.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hqn.compiler.ir.location import like
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.nn_shape import ConcatOp
from hqn.compiler.ir.qc import GateOp, Mod, Wires
from hqn.compiler.ir.tensors import shape, with_shape
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue
from hqn.compiler.passes.chain import REACH, before, blocks, erase, gates, touched
from hqn.compiler.types.circuits.gates import MATRIX


@dataclass
class _Layer:
    """Gates of one name and modifiers that will be one operation."""

    first: GateOp
    members: list[GateOp] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    def take(self, gate: GateOp) -> None:
        self.members.append(gate)
        self.touched |= touched(gate)

    @property
    def wires(self) -> Wires:
        return tuple(one for gate in self.members for one in gate.wires)


def group_gates(built: Built) -> None:
    """Makes one operation of gates of one name that can stand side by side."""
    for block in blocks(built):
        for run in list(_runs(block)):
            layers = _layers(run)
            if len(layers) < len(run):
                _rebuild(run, layers)


def _runs(block: Block) -> Iterator[list[GateOp]]:
    """Chains of gates, as long as nothing looks at the state between them."""
    run: list[GateOp] = []
    for gate in gates(block):
        if run and before(gate) is not run[-1]:
            yield run
            run = []
        run.append(gate)
    if run:
        yield run


def _layers(run: list[GateOp]) -> list[_Layer]:
    layers: list[_Layer] = []
    for gate in run:
        layer = _home(gate, layers)
        if layer is None:
            layer = _Layer(gate)
            layers.append(layer)
        layer.take(gate)
    return layers


def _home(gate: GateOp, layers: list[_Layer]) -> _Layer | None:
    """The nearest earlier layer of the same kind that the gate can reach past gates on other wires.

    A gate that is a matrix stays alone: matrices differ in size.
    """
    if gate.gate == MATRIX:
        return None
    wires, kind = touched(gate), _kind(gate)
    for layer in layers[: -REACH - 1 : -1]:
        if _kind(layer.first) == kind:
            return layer
        if wires & layer.touched:
            return None
    return None


def _kind(gate: GateOp) -> tuple[str, tuple[Mod, ...]]:
    return gate.gate, gate.mods


def _rebuild(run: list[GateOp], layers: list[_Layer]) -> None:
    """Puts the layers where the last gate stood: all angles are known there."""
    last, register = run[-1], run[0].register
    block = last.parent_block()
    assert block is not None
    for layer in layers:
        made, angles = _angles(layer)
        gate = like(GateOp(layer.first.gate, register, layer.wires, angles, layer.first.mods), layer.first)
        block.insert_ops_before([*made, gate], last)
        register = gate.result
    last.result.replace_all_uses_with(register)
    for old in reversed(run):
        erase(old)


def _angles(layer: _Layer) -> tuple[list[Operation], SSAValue | None]:
    """One table of the members' angles, and what computes it."""
    tables = [gate.angles for gate in layer.members if gate.angles is not None]
    if len(tables) < 2:
        return [], tables[0] if tables else None
    rows = sum(shape(table)[0] for table in tables)
    type_ = with_shape(tables[0].type, (rows, shape(tables[0])[1]))
    joined = like(ConcatOp.of(type_, *tables, axis=0), layer.first)
    return [joined], joined.result
