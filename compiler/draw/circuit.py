"""A circuit of the IR as a picture.

What came before: a function of kind circuit, best before the passes that merge gates. What leaves: a
`Picture`. Invariants: each wire tuple of each gate, each applied circuit and each query is one symbol, in the
order of the program; loops stay loops; an operation that is new to this file is a box with its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.draw.facts import circuit_facts, register_size, signature_text
from hqn.compiler.draw.picture import Control, Element, Form, Frame, Kind, Layer, Picture, Symbol
from hqn.compiler.draw.queries import expectation
from hqn.compiler.draw.values import dependence, index_name, row_text, value_text
from hqn.compiler.ir.hqn import FuncOp, ReturnOp
from hqn.compiler.ir.loops import LoopOp, YieldOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.nn_matrix import MatrixOp
from hqn.compiler.ir.qc import (
    CONDITIONS,
    AllocOp,
    ApplyOp,
    ExpectOp,
    GateOp,
    MeasureOp,
    Mod,
    PostselectOp,
    RegType,
    wire_count,
)
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue
from hqn.compiler.types.circuits.gates import MATRIX

MOST = 4000
"""Symbols of one picture; what is beyond is counted and not drawn."""

_CONTROLLED = {
    "cx": (1, "x"), "cy": (1, "y"), "cz": (1, "z"), "ch": (1, "h"), "cp": (1, "p"), "crx": (1, "rx"),
    "cry": (1, "ry"), "crz": (1, "rz"), "cu": (1, "cu"), "ccx": (2, "x"), "cswap": (1, "swap"),
}  # fmt: skip
_MADE = {"evolution": "evolve"}
_FORMS: dict[str, Form] = {"x": "plus", "z": "dot", "swap": "cross"}


def picture(module: Module, func: FuncOp) -> Picture:
    """The circuit with its signature and what it holds."""
    reader = _Reader(module)
    elements = tuple(reader.elements(func.block))
    wires = register_size(func)
    return Picture(
        title=signature_text(func),
        facts=circuit_facts(module, func, wires),
        wires=tuple(f"q{wire}" for wire in range(wires)),
        elements=elements,
        left_out=reader.left_out,
    )


@dataclass
class _Reader:
    """Reads blocks in order until the picture is full."""

    module: Module
    room: int = MOST
    left_out: int = field(default=0)

    def elements(self, block: Block) -> Iterator[Element]:
        for op in block.ops:
            if isinstance(op, AllocOp | ReturnOp | YieldOp) or not _register(op):
                continue
            if op.regions:
                if body := tuple(self._inside(op)):
                    yield Frame(_frame_label(op), body)
            elif symbols := self._drawn(op):
                yield Layer(symbols)

    def _inside(self, op: Operation) -> Iterator[Element]:
        for region in op.regions:
            for block in region.blocks:
                yield from self.elements(block)

    def _drawn(self, op: Operation) -> tuple[Symbol, ...]:
        count = len(op.wires) if isinstance(op, GateOp) else 1
        drawn = min(count, self.room)
        self.room -= drawn
        self.left_out += count - drawn
        if isinstance(op, GateOp):
            return tuple(_gate(op, row) for row in range(drawn))
        return self._other(op) if drawn else ()

    def _other(self, op: Operation) -> tuple[Symbol, ...]:
        if isinstance(op, ApplyOp):
            return (_applied(op, self.module.callee(op)),)
        if isinstance(op, ExpectOp):
            return expectation(op)
        if isinstance(op, MeasureOp):
            name = f"{', '.join(f'b{bit}' for bit in op.bits)} = measure"
            return (Symbol(name, "measure", tuple(op.wires), writes=tuple(op.bits)),)
        if isinstance(op, PostselectOp):
            return (Symbol("postselect", "measure", tuple(op.wires), args=", ".join(map(str, op.values))),)
        return (_unknown(op),)


def _register(op: Operation) -> SSAValue | None:
    return next((value for value in op.operands if isinstance(value.type, RegType)), None)


def _frame_label(op: Operation) -> str:
    if not isinstance(op, LoopOp):
        return _word(op)
    used = any(True for _ in op.index.uses)
    return f"x {op.trips}, {index_name(op.index)} = 0..{op.trips}" if used else f"x {op.trips}"


def _gate(op: GateOp, row: int) -> Symbol:
    own, (name, args) = _CONTROLLED.get(op.gate, (0, op.gate))[0], _named(op, row)
    given, power = modified(op.mods)
    wires, kind = op.wires[row], dependence([] if op.angles is None else [op.angles])
    count, (condition, reads) = len(given) + own, _condition(op.mods)
    controls = tuple(Control(wire, on) for wire, on in zip(wires, (*given, *[True] * own)))
    return Symbol(
        name=name,
        kind=kind,
        targets=wires[count:],
        form="box" if power or condition else _form(name, count),
        controls=controls,
        power=power,
        args=args,
        condition=condition,
        reads=reads,
    )


def _named(op: GateOp, row: int) -> tuple[str, str]:
    """The name of a gate without its own controls, and what it is given; a matrix is named by its making."""
    if op.angles is None or op.gate != MATRIX:
        name = _CONTROLLED.get(op.gate, (0, op.gate))[1]
        return name, "" if op.angles is None else row_text(op.angles, row)
    made = op.angles.owner
    if not isinstance(made, MatrixOp):
        return op.gate, value_text(op.angles)
    return _MADE.get(made.fn, made.fn), ", ".join(value_text(arg) for arg in made.args)


def _form(name: str, controls: int) -> Form:
    """The usual signs: a controlled x is a plus, a controlled z a dot, a swap two crosses."""
    form = _FORMS.get(name, "box")
    return form if controls or form == "cross" else "box"


def modified(mods: tuple[Mod, ...]) -> tuple[tuple[bool, ...], str]:
    """The values of the controls that modifiers add, outermost first, and what they make of the name."""
    controls: list[bool] = []
    power = ""
    for mod in mods:
        if mod.kind in ("ctrl", "negctrl"):
            controls += [mod.kind == "ctrl"] * mod.value
        elif mod.kind not in CONDITIONS:
            power = ("†" if mod.kind == "inv" else f"^{mod.value}") + power
    return tuple(controls), power


def _condition(mods: tuple[Mod, ...]) -> tuple[str, tuple[int, ...]]:
    """What measured bits must read, and which."""
    found = [mod for mod in mods if mod.kind in CONDITIONS]
    words = " and ".join(f"{'' if mod.kind == 'if' else 'not '}b{mod.value}" for mod in found)
    return words, tuple(mod.value for mod in found)


def _applied(op: ApplyOp, callee: FuncOp) -> Symbol:
    given, power = modified(op.mods)
    name, label = visible(callee.definition), visible(op.instance)
    condition, reads = _condition(op.mods)
    return Symbol(
        name=name,
        kind="circuit",
        targets=op.wires[len(given) :],
        controls=tuple(Control(wire, on) for wire, on in zip(op.wires, given)),
        power=power,
        args=", ".join(value_text(arg) for arg in op.args),
        label="" if label == name else label,
        condition=condition,
        reads=reads,
    )


def _unknown(op: Operation) -> Symbol:
    """Any other operation on the register: a box on its wires, or on all of them."""
    register = _register(op)
    assert register is not None
    wires = getattr(op, "wires", None) or tuple(range(wire_count(register)))
    queries = not any(isinstance(result.type, RegType) for result in op.results)
    kind: Kind = "query" if queries else "measure" if len(op.results) > 1 else "fixed"
    given = [value_text(value) for value in op.operands if value is not register]
    return Symbol(_word(op), kind, tuple(wires), args=", ".join(given))


def _word(op: Operation) -> str:
    return op.name.rpartition(".")[2].partition("_")[0]
