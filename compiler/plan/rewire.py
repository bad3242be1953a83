"""Circuits on other wires, in place: what rewriting for a simulator needs.

What came before: operations of a copied module. What leaves: the same operations with wires renamed,
conditions as controls, and registers of more wires. Invariant: nothing but wires, modifiers and registers
changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hqn.compiler.ir import qc
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.properties import attributes, encode
from hqn.compiler.ir.qc import Mod, ModAttr, RegType, WiresAttr, wire_count
from hqn.compiler.ir.xdsl_api import Attribute, FunctionType, Operation, Rewriter, SSAValue


def register_of(function: FuncOp) -> int | None:
    """How many wires a circuit has; None where it has none."""
    given = [arg for arg in function.args if isinstance(arg.type, RegType)]
    made = [op.result for op in function.block.ops if isinstance(op, qc.AllocOp)]
    return wire_count((given + made)[0]) if given or made else None


def touched(op: Operation) -> set[int]:
    """The wires that an operation and those in it act on."""
    found = set[int]()
    for part in op.walk():
        if isinstance(part, qc.GateOp):
            found |= {wire for one in part.wires for wire in one}
        elif isinstance(part, qc.ApplyOp | qc.PostselectOp):
            found |= set(part.wires)
    return found


def drop(op: Operation) -> None:
    """Takes an operation out of the register's thread."""
    block = op.parent_block()
    assert block is not None
    op.results[0].replace_all_uses_with(op.operands[0])
    block.erase_op(op)


def rewire(op: Operation, names: Sequence[int], record: Mapping[int, int], more: Sequence[int] = ()) -> None:
    """Wire w becomes `names[w]`, a bit the control `record[bit]`; a call takes `more` wires behind."""
    if isinstance(op, qc.GateOp):
        mods, before, taken = _as_controls(op.mods, record)
        tuples = [_placed(one, names, before, taken) for one in op.wires]
        op.properties["wires"], op.properties["mods"] = WiresAttr(tuple(tuples)), _mods(mods)
    elif isinstance(op, qc.ApplyOp):
        mods, before, taken = _as_controls(op.mods, record)
        wires = (*_placed(op.wires, names, before, taken), *more)
        op.properties["wires"], op.properties["mods"] = encode(wires), _mods(mods)
    elif "wires" in op.properties and any(isinstance(value.type, RegType) for value in op.operands):
        op.properties["wires"] = encode(tuple(names[wire] for wire in op.wires))  # type: ignore[attr-defined]


Controls = list[int | None]
"""Wires of controls in order; None is one that the operation has already."""


def _as_controls(mods: Sequence[Mod], record: Mapping[int, int]) -> tuple[list[Mod], Controls, int]:
    """Modifiers with conditions as controls, the wires of all controls, and how many were there."""
    made, before, taken = list[Mod](), list[int | None](), 0
    for mod in mods:
        if mod.kind in qc.CONDITIONS:
            made.append(Mod("ctrl" if mod.kind == "if" else "negctrl"))
            before.append(record[mod.value])
            continue
        made.append(mod)
        if mod.kind in ("ctrl", "negctrl"):
            before += [None] * mod.value
            taken += mod.value
    return made, before, taken


def _placed(wires: Sequence[int], names: Sequence[int], before: Controls, taken: int) -> tuple[int, ...]:
    own = iter(wires[:taken])
    controls = [names[next(own)] if wire is None else wire for wire in before]
    return (*controls, *(names[wire] for wire in wires[taken:]))


def _mods(mods: Sequence[Mod]) -> Attribute:
    return attributes(ModAttr(mod) for mod in mods)


def pad_words(query: qc.ExpectOp, wires: Sequence[int], total: int) -> None:
    """Pauli words whose letters stand at `wires` of `total`."""
    words = []
    for word in query.paulis:
        letters = dict(zip(wires, word))
        words.append("".join(letters.get(wire, "I") for wire in range(total)))
    query.properties["paulis"] = attributes(words)


def add_wires(function: FuncOp, count: int) -> None:
    """The register of a circuit, wherever it is passed on, has `count` wires more."""
    if not count:
        return
    for op in function.walk():
        for block in (block for region in op.regions for block in region.blocks):
            for arg in block.args:
                _widen(arg, count)
        for result in op.results:
            _widen(result, count)
    old = function.type
    inputs, outputs = ([_wider(one, count) for one in side.data] for side in (old.inputs, old.outputs))
    function.properties["function_type"] = FunctionType.from_lists(inputs, outputs)


def _widen(value: SSAValue, count: int) -> None:
    if isinstance(value.type, RegType):
        Rewriter.replace_value_with_new_type(value, _wider(value.type, count))


def _wider(type_: Attribute, count: int) -> Attribute:
    return RegType(type_.data + count) if isinstance(type_, RegType) else type_
