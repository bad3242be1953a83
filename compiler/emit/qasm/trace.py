"""A circuit as gates with scalar angles.

What came before: a circuit's `hqn.func`, and scalars for its parameters and slots. What leaves: its gates.
With names, sub-circuits become gates that the program defines, and loops stay loops; without them loops are
turned, sub-circuits are inlined, and their modifiers move inwards to single gates: `inv` reverses, `ctrl`
controls every gate, `pow` repeats. Invariant: the product of the gates is the unitary that the run time
applies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from hqn.compiler.emit.qasm.evaluate import Array, Evaluator, scalars
from hqn.compiler.emit.qasm.fold import folded
from hqn.compiler.emit.qasm.library import Library
from hqn.compiler.emit.qasm.matrices import numbers, unitary
from hqn.compiler.emit.qasm.names import Names
from hqn.compiler.emit.qasm.phases import free_of_doubt, modified
from hqn.compiler.emit.qasm.scalar import CannotExpress, Scalar
from hqn.compiler.emit.qasm.slots import Slots, at_turns
from hqn.compiler.emit.qasm.structure import Act, Conditions, Gate, Item, Mods, Trace, acts, gates, placed
from hqn.compiler.emit.qasm.synthesis import MOST_QUBITS, synthesized
from hqn.compiler.ir.hqn import FuncOp, ReturnOp
from hqn.compiler.ir.loops import LoopOp, YieldOp
from hqn.compiler.ir.module import Module, calls
from hqn.compiler.ir.qc import (
    CONDITIONS,
    QUERIES,
    AllocOp,
    ApplyOp,
    BarrierOp,
    DiscardOp,
    ExpectMatrixOp,
    ExpectOp,
    FidelityOp,
    GateOp,
    MeasureOp,
    PostselectOp,
    RegType,
    ResetOp,
    controls,
    wire_count,
)
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Operation, SSAValue
from hqn.compiler.types.circuits.gates import MATRIX

Args = Mapping[str, Array]


def trace(module: Module, function: FuncOp, args: Args, slots: Slots, names: Names | None) -> Trace:
    """What a circuit that starts from |0…0> does, and what is read from its state. `names` are those of the
    program; without them everything is written out."""

    def body(callee: FuncOp, own: Args, below: Slots) -> list[Gate]:
        return _only_gates(
            _Tracer(module, callee, own, below, library, Bits(count()), keeps_loops=False).items()
        )

    library = None if names is None else Library(module, names, body)
    numbers_ = count()
    tracer = _Tracer(module, function, args, slots, library, Bits(numbers_))
    items = tuple(tracer.items())
    items, definitions = free_of_doubt(items, library.definitions if library else ())
    return Trace(items, definitions, next(numbers_), tuple(tracer.queries()))


class Bits(dict[int, int]):
    """The program's bits by those of one call of a circuit; `below` are those of the calls in it."""

    def __init__(self, numbers: Iterator[int]) -> None:
        super().__init__()
        self.numbers = numbers
        self.below: dict[Operation, Bits] = {}

    def __missing__(self, bit: int) -> int:
        self[bit] = next(self.numbers)
        return self[bit]

    def of(self, call: Operation) -> Bits:
        return self.below.setdefault(call, Bits(self.numbers))


def _only_gates(items: Iterable[Item]) -> list[Gate]:
    """Raises CannotExpress where a qubit is measured or reset, which no gate can."""
    listed = list(items)
    if acts(listed):
        raise CannotExpress("a measurement, reset or barrier in a circuit under a modifier")
    return list(gates(listed))


def wires_of(function: FuncOp) -> int:
    """How many wires the register of a circuit has."""
    if function.qubit_params is not None:
        return wire_count(function.args[0])
    return max((wire_count(op.result) for op in function.walk() if isinstance(op, AllocOp)), default=0)


class _Tracer:
    """Traces one function. Without a library everything is written out; `depth` loops stand around it."""

    def __init__(
        self,
        module: Module,
        function: FuncOp,
        args: Args,
        slots: Slots,
        library: Library | None,
        bits: Bits,
        keeps_loops: bool = True,
        depth: int = 0,
    ) -> None:
        self.module, self.function, self.slots = module, function, slots
        self.library, self.bits, self.depth = library, bits, depth
        self.keeps_loops = keeps_loops and library is not None
        self.values = Evaluator({name: slot for name, slot in slots.items() if not isinstance(slot, Mapping)})
        for name, value in zip(function.arg_names, function.args, strict=True):
            if not isinstance(value.type, RegType):
                self.values.bind(value, args[name])

    def items(self) -> Iterator[Item]:
        yield from self._run(list(self.function.block.ops))

    def queries(self) -> Iterator[tuple[Operation, tuple[Scalar, ...]]]:
        for op in self.function.walk():
            if isinstance(op, FidelityOp):
                raise CannotExpress("a state that is given as a vector, `fidelity`")
            if isinstance(op, ExpectOp | ExpectMatrixOp):
                scalars_ = op.coefficients if isinstance(op, ExpectOp) else op.matrix
                yield op, tuple(self.values.value(scalars_).flat)
            elif isinstance(op, QUERIES):
                yield op, ()

    def _run(self, operations: Sequence[Operation]) -> Iterator[Item]:
        for op in operations:
            match op:
                case GateOp():
                    yield from self._gate(op)
                case ApplyOp():
                    yield from self._apply(op)
                case LoopOp() if _carries_register(op):
                    yield from self._loop(op)
                case MeasureOp():
                    yield Act("measure", op.wires, tuple(self.bits[bit] for bit in op.bits))
                case ResetOp() | BarrierOp():
                    yield Act(op.name.removeprefix("qc."), op.wires)
                case PostselectOp():
                    raise CannotExpress("a state that is selected by what it reads, `postselect`")
                case AllocOp() | ReturnOp() | YieldOp() | DiscardOp():
                    pass
                case _:
                    _check_no_effect(op)

    def _gate(self, op: GateOp) -> Iterator[Gate]:
        mods, conditions = self._split(op.mods)
        if op.gate == MATRIX:
            yield from self._matrix(op)
            return
        angles = None if op.angles is None else self.values.value(op.angles)
        for row, wires in enumerate(op.wires):
            yield Gate(op.gate, wires, () if angles is None else tuple(angles[row]), mods, conditions)

    def _split(self, mods: Mods) -> tuple[Mods, Conditions]:
        """Modifiers without the measured bits among them."""
        conditions = [(self.bits[mod.value], mod.kind == "if") for mod in mods if mod.kind in CONDITIONS]
        return tuple(mod for mod in mods if mod.kind not in CONDITIONS), tuple(conditions)

    def _matrix(self, op: GateOp) -> Iterator[Gate]:
        """A matrix as gates; its phase shows where somebody may control it."""
        assert op.angles is not None
        mods, conditions = self._split(op.mods)
        matrix, taken = unitary(numbers(self.values.value(op.angles))), controls(op.mods)
        on, wires = op.wires[0][:taken], op.wires[0][taken:]
        if len(wires) > MOST_QUBITS:
            raise CannotExpress(f"a matrix on more than {MOST_QUBITS} qubits")
        shows_phase = taken > 0 or self.function.qubit_params is not None
        parts = modified(synthesized(matrix, wires, with_phase=shows_phase), mods, on)
        yield from (replace(part, conditions=conditions) for part in parts)

    def _loop(self, op: LoopOp) -> Iterator[Item]:
        if op.take is not None or len(op.initial) > 1:
            raise CannotExpress("a loop that carries more than qubits")
        self.depth += 1
        turns = list(self._turns(op))
        self.depth -= 1
        loop = None
        if self.keeps_loops and self.library is not None:
            loop = folded(self.library.names.turn(self.depth), turns)
        if loop is None:
            yield from (item for turn in turns for item in turn)
        elif loop.body:
            yield loop

    def _turns(self, op: LoopOp) -> Iterator[list[Item]]:
        operations = list(op.block.ops)
        domains = [self.values.value(domain) for domain in op.domains]
        for turn in range(op.trips):
            self.values.bind(op.index, scalars(turn))
            for part, domain in zip(op.slices, domains, strict=True):
                self.values.bind(part, domain[turn, ...])
            yield list(self._run(operations))
            self.values.forget([inner for outer in operations for inner in outer.walk()])

    def _apply(self, op: ApplyOp) -> Iterator[Item]:
        mods, conditions = self._split(op.mods)
        callee = self.module.callee(op)
        names = [name for name, v in zip(callee.arg_names, callee.args) if not isinstance(v.type, RegType)]
        args = {name: self.values.value(value) for name, value in zip(names, op.args, strict=True)}
        slots = {**self._slots(op.instance, op.turns)}
        slots |= {one.label: self._slots(one.instance, one.turns) for one in op.shared}
        is_plain = not op.mods
        stays_loop = self.keeps_loops and is_plain and _has_loops(self.module, callee)
        found = None
        if self.library is not None and not stays_loop:
            found = self.library.call(callee, args, slots)
        if found is not None:
            yield Gate(found[0], op.wires, found[1], mods, conditions)
            return
        taken = len(op.wires) - wires_of(callee)
        library, bits = self.library if is_plain else None, self.bits.of(op)
        inner = _Tracer(self.module, callee, args, slots, library, bits, self.keeps_loops, self.depth)
        items = [placed(item, op.wires[taken:]) for item in inner.items()]
        if is_plain:
            yield from items
            return
        for gate in modified(_only_gates(items), mods, op.wires[:taken]):
            yield replace(gate, conditions=(*conditions, *gate.conditions))

    def _slots(self, instance: str, turns: Sequence[Turn]) -> Slots:
        slots = self.slots.get(instance, {})
        assert isinstance(slots, Mapping)
        return at_turns(slots, tuple(self.values.turn(turn) for turn in turns))


def _has_loops(module: Module, function: FuncOp) -> bool:
    """Whether gates are repeated in a circuit or below it: a gate's definition has no loops."""
    if any(isinstance(op, LoopOp) and _carries_register(op) for op in function.walk()):
        return True
    return any(_has_loops(module, module.callee(call)) for call in calls(function))


def _carries_register(op: LoopOp) -> bool:
    return any(isinstance(value.type, RegType) for value in op.initial)


def _check_no_effect(op: Operation) -> None:
    """Classical operations are computed when an angle needs them; an unknown user of a register is a gap."""
    uses_register = any(isinstance(value.type, RegType) for value in _registers(op))
    if uses_register and not isinstance(op, QUERIES):
        raise CannotExpress(f"`{op.name}`")


def _registers(op: Operation) -> list[SSAValue]:
    return [*op.operands, *op.results]
