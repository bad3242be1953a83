"""What passes share: replacing operations, and the register's chain of gates.

Invariant: a gate can be moved only past gates on other wires, and never past a query of the state between.
"""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.ir.module import Built
from hqn.compiler.ir.qc import GateOp
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue

REACH = 64
"""How far back a gate looks for a partner; more finds little and costs quadratic time."""


def blocks(built: Built) -> Iterator[Block]:
    """Every block of the module, outer before inner."""
    return built.module.op.walk_blocks()


def gates(block: Block) -> list[GateOp]:
    """The gates of a block, in order."""
    return [op for op in block.ops if isinstance(op, GateOp)]


def touched(gate: GateOp) -> frozenset[int]:
    """Every wire that a gate acts on or is controlled by."""
    return frozenset(wire for one in gate.wires for wire in one)


def disjoint(gate: GateOp) -> bool:
    """Whether no two of its wire tuples share a wire, so that their order means nothing."""
    return len(touched(gate)) == sum(map(len, gate.wires))


def before(gate: GateOp) -> GateOp | None:
    """The gate that made the register, if nothing else looks at the state between the two."""
    owner = gate.register.owner
    return owner if isinstance(owner, GateOp) and gate.register.has_one_use() else None


def partners(gate: GateOp) -> Iterator[GateOp]:
    """Earlier gates that could stand right in front of this one, nearest first."""
    wires, cursor = touched(gate), before(gate)
    for _ in range(REACH):
        if cursor is None:
            return
        yield cursor
        if wires & touched(cursor):
            return
        cursor = before(cursor)


def remove(gate: GateOp) -> None:
    """Takes a gate out of the chain."""
    gate.result.replace_all_uses_with(gate.register)
    erase(gate)


def replace(op: Operation, value: SSAValue) -> None:
    """Puts a value in the place of an operation's one result; a value without a name takes its name."""
    if value.name_hint is None:
        value.name_hint = op.results[0].name_hint
    op.results[0].replace_all_uses_with(value)
    erase(op)


def erase(op: Operation) -> None:
    """Takes an operation that nobody uses out of its block."""
    block = op.parent_block()
    assert block is not None
    block.erase_op(op)
