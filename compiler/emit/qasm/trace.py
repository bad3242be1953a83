"""A circuit as a flat list of gates with scalar angles.

What came before: a circuit's `hqn.func` and scalars for its parameters and slots. What leaves: `Gate`s in
order. Loops are turned, sub-circuits are inlined, and their modifiers move inwards to single gates:
`inv` reverses, `ctrl` controls every gate, `pow` repeats. Invariant: the product of the gates is the unitary
that the run time applies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import pi

from hqn.compiler.emit.qasm.evaluate import Array, Evaluator, scalars
from hqn.compiler.emit.qasm.scalar import CannotExpress, Number, Scalar
from hqn.compiler.ir.hqn import FuncOp, ReturnOp
from hqn.compiler.ir.loops import LoopOp, YieldOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.qc import (
    CONDITIONS,
    QUERIES,
    AllocOp,
    ApplyOp,
    ExpectMatrixOp,
    ExpectOp,
    GateOp,
    Mod,
    RegType,
    controls,
    wire_count,
)
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Operation, SSAValue
from hqn.compiler.types.circuits.gates import MATRIX

Slots = Mapping[str, "Array | Slots"]
"""A function's slots by name and those of its instances by label, as stored (loop axes first)."""

Mods = tuple[Mod, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate on one wire tuple; controls of `mods` (outermost first) come first."""

    name: str
    wires: tuple[int, ...]
    angles: tuple[Scalar, ...] = ()
    mods: Mods = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """A circuit's gates, and its queries with the coefficients of their terms."""

    gates: list[Gate]
    queries: list[tuple[Operation, tuple[Scalar, ...]]]


def trace(module: Module, function: FuncOp, args: Mapping[str, Array], slots: Slots) -> Trace:
    """What a circuit that starts from |0…0> does, and what is read from its state."""
    tracer = _Tracer(module, function, args, slots)
    gates = [plain for gate in tracer.gates() for plain in _free_of_doubt(gate)]
    return Trace(gates, list(tracer.queries()))


def wires_of(function: FuncOp) -> int:
    """How many wires the register of a circuit has."""
    if function.qubit_params is not None:
        return wire_count(function.args[0])
    return max((wire_count(op.result) for op in function.walk() if isinstance(op, AllocOp)), default=0)


class _Tracer:
    def __init__(self, module: Module, function: FuncOp, args: Mapping[str, Array], slots: Slots) -> None:
        self.module, self.function, self.slots = module, function, slots
        self.values = Evaluator({name: slot for name, slot in slots.items() if not isinstance(slot, Mapping)})
        for name, value in zip(function.arg_names, function.args, strict=True):
            if not isinstance(value.type, RegType):
                self.values.bind(value, args[name])

    def gates(self) -> Iterator[Gate]:
        yield from self._run(list(self.function.block.ops))

    def queries(self) -> Iterator[tuple[Operation, tuple[Scalar, ...]]]:
        for op in self.function.walk():
            if isinstance(op, ExpectMatrixOp):
                raise CannotExpress("an observable that is given as a matrix, `hermitian`")
            if isinstance(op, QUERIES):
                terms = self.values.value(op.coefficients) if isinstance(op, ExpectOp) else ()
                yield op, tuple(terms)

    def _run(self, operations: Sequence[Operation]) -> Iterator[Gate]:
        for op in operations:
            match op:
                case GateOp():
                    yield from self._gate(op)
                case ApplyOp():
                    yield from self._apply(op)
                case LoopOp() if _carries_register(op):
                    yield from self._loop(op)
                case AllocOp() | ReturnOp() | YieldOp():
                    pass
                case _:
                    _check_no_effect(op)

    def _gate(self, op: GateOp) -> Iterator[Gate]:
        _check_unconditional(op.mods)
        if op.gate == MATRIX:
            raise CannotExpress("a gate that is given as a matrix: `unitary`, `su` or `evolve`")
        angles = None if op.angles is None else self.values.value(op.angles)
        for row, wires in enumerate(op.wires):
            yield Gate(op.gate, wires, () if angles is None else tuple(angles[row]), op.mods)

    def _loop(self, op: LoopOp) -> Iterator[Gate]:
        if op.take is not None or len(op.initial) > 1:
            raise CannotExpress("a loop that carries more than qubits")
        operations = list(op.block.ops)
        domains = [self.values.value(domain) for domain in op.domains]
        for turn in range(op.trips):
            self.values.bind(op.index, scalars(turn))
            for part, domain in zip(op.slices, domains, strict=True):
                self.values.bind(part, domain[turn, ...])
            yield from self._run(operations)
            self.values.forget([inner for outer in operations for inner in outer.walk()])

    def _apply(self, op: ApplyOp) -> Iterator[Gate]:
        _check_unconditional(op.mods)
        callee = self.module.callee(op)
        names = [name for name, v in zip(callee.arg_names, callee.args) if not isinstance(v.type, RegType)]
        args = {name: self.values.value(value) for name, value in zip(names, op.args, strict=True)}
        slots = {**self._slots(op.instance, op.turns)}
        slots |= {one.label: self._slots(one.instance, one.turns) for one in op.shared}
        inner = list(_Tracer(self.module, callee, args, slots).gates())
        own = op.wires[len(op.wires) - wires_of(callee) :]
        placed = [replace(gate, wires=tuple(own[wire] for wire in gate.wires)) for gate in inner]
        yield from _modified(placed, op.mods, op.wires[: len(op.wires) - len(own)])

    def _slots(self, instance: str, turns: Sequence[Turn]) -> Slots:
        slots = self.slots.get(instance, {})
        assert isinstance(slots, Mapping)
        return at_turns(slots, tuple(self.values.turn(turn) for turn in turns))


def at_turns(slots: Slots, turns: tuple[int, ...]) -> Slots:
    """The slots of an instance in one turn of its creating loops."""
    return {
        name: at_turns(slot, turns) if isinstance(slot, Mapping) else slot[(*turns, ...)]
        for name, slot in slots.items()
    }


def _modified(gates: list[Gate], mods: Mods, on: Sequence[int]) -> Iterator[Gate]:
    """The gates under modifiers, the outermost of which is first; `on` are the wires of their controls."""
    if not mods:
        yield from gates
        return
    first, *rest = mods
    taken = first.value if first.kind in ("ctrl", "negctrl") else 0
    inner = list(_modified(gates, tuple(rest), on[taken:]))
    if first.kind == "inv":
        yield from (replace(gate, mods=(first, *gate.mods)) for gate in reversed(inner))
    elif first.kind == "pow":
        yield from _powered(inner, first.value)
    else:
        wires = tuple(on[:taken])
        yield from (replace(gate, wires=(*wires, *gate.wires), mods=(first, *gate.mods)) for gate in inner)


def _free_of_doubt(gate: Gate) -> Iterator[Gate]:
    """Under controls the phase of `u`, `u2` and `u3` shows, and readers differ in it: OpenQASM's standard gates
    have one, Qiskit's another. Gates that all read alike then take their place."""
    taken = controls(gate.mods)
    if gate.name not in ("u", "u2", "u3") or not taken:
        yield gate
        return
    *first, phi, lam = gate.angles
    theta = first[0] if first else Number(pi / 2)
    parts: tuple[tuple[str, Scalar], ...]
    if gate.name == "u":
        parts = (("p", lam), ("ry", theta), ("rz", -theta), ("p", phi + theta))
    else:
        parts = (("rz", lam), ("ry", theta), ("rz", phi))
    plain = [Gate(name, gate.wires[taken:], (angle,)) for name, angle in parts]
    yield from _modified(plain, gate.mods, gate.wires[:taken])


def _powered(gates: list[Gate], exponent: int) -> Iterator[Gate]:
    if exponent < 0:
        gates = [replace(gate, mods=(Mod("inv"), *gate.mods)) for gate in reversed(gates)]
    for _ in range(abs(exponent)):
        yield from gates


def _carries_register(op: LoopOp) -> bool:
    return any(isinstance(value.type, RegType) for value in op.initial)


def _check_unconditional(mods: Mods) -> None:
    if any(mod.kind in CONDITIONS for mod in mods):
        raise CannotExpress("a gate under a measured bit")


def _check_no_effect(op: Operation) -> None:
    """Classical operations are computed when an angle needs them; an unknown user of a register is a gap."""
    uses_register = any(isinstance(value.type, RegType) for value in _registers(op))
    if uses_register and not isinstance(op, QUERIES):
        raise CannotExpress(f"`{op.name}`")


def _registers(op: Operation) -> list[SSAValue]:
    return [*op.operands, *op.results]
