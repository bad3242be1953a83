"""Circuits that measure, reset and discard, as circuits of gates: what the simulator runs.

What came before: the program after the passes. What leaves: the same functions without bits, measurements and
discards. A measured wire is its own record: it is acted on no more, so gates under its bit are controlled by
it. A reset takes a fresh wire (deferred measurement), or it acts on a density matrix, `qc.mixed`: in a loop,
in a circuit that is applied, and where that is predicted to take less. Invariant: expectation values and
probabilities are those of the circuit that came; a program without such operations is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field

from hqn.compiler import memory
from hqn.compiler.ir import qc
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.location import like
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.xdsl_api import Block, Operation
from hqn.compiler.plan.execution import execution
from hqn.compiler.plan.rewire import add_wires, drop, pad_words, register_of, rewire, touched


def without_measurement(built: Built) -> Built:
    """The program as states and density matrices simulate it, each circuit by what takes less."""
    if not any(_is_measuring(op) for op in built.module.op.walk()):
        return built
    mixed = [name for name in open_choices(built) if _takes_less_mixed(built, name)]
    return rewritten(built, frozenset(mixed))


def rewritten(built: Built, mixed: Set[str] = frozenset()) -> Built:
    """The same with density matrices in the circuits named, as far as the others need none."""
    copied = built.with_module(built.module.clone())
    known: dict[str, _Facts] = {}
    for name, function in copied.module.functions.items():
        if register_of(function) is not None:
            known[name] = _rewrite(function, known, name in mixed)
    return copied


def open_choices(built: Built) -> list[str]:
    """The circuits whose resets fresh wires can stand for, so that either way is open."""
    found = []
    for name, function in rewritten(built).module.functions.items():
        own = built.module.functions[name]
        wires, resets = register_of(own), [op for op in own.block.ops if isinstance(op, qc.ResetOp)]
        if wires is not None and resets and _fresh_wires(own.block) and not _is_mixed(function):
            found.append(name)
    return found


def _is_mixed(function: FuncOp) -> bool:
    return any(isinstance(op, qc.MixedOp | qc.ResetOp) for op in function.walk())


def _takes_less_mixed(built: Built, name: str) -> bool:
    """Whether a density matrix fits and computes less; else bytes decide, of which fresh wires take fewer."""
    deferred, mixed = (
        execution(rewritten(built, names).module.functions[name]) for names in (set[str](), {name})
    )
    return mixed.one_sample <= memory.limit() and mixed.forward.operations < deferred.forward.operations


def _is_measuring(op: Operation) -> bool:
    return isinstance(op, qc.OPERATIONS)


@dataclass(frozen=True, slots=True)
class _Facts:
    """Whether a circuit needs a density matrix, and how many scratch wires it was given behind its own."""

    mixed: bool
    scratch: int = 0


def _rewrite(function: FuncOp, known: Mapping[str, _Facts], mixed: bool) -> _Facts:
    wires = register_of(function)
    assert wires is not None
    takes_qubits = function.qubit_params is not None
    resets = [op for op in function.walk() if isinstance(op, qc.ResetOp)]
    inner = any(op.parent_block() is not function.block for op in resets)
    mixed = mixed or inner or (takes_qubits and bool(resets))
    mixed = mixed or any(_needs_mixed(op, known) for op in function.walk())
    fresh = 0 if mixed else _fresh_wires(function.block)
    if not mixed and fresh <= wires:
        _Deferred(wires).run(function)
        return _Facts(False)
    return _Facts(True, _Mixed(function, wires, known).run())


def _needs_mixed(op: Operation, known: Mapping[str, _Facts]) -> bool:
    return isinstance(op, qc.ApplyOp) and known[op.callee].mixed


def _fresh_wires(block: Block) -> int:
    """How many wires the resets of a block take that are not in |0> anyway."""
    count, used = 0, set[int]()
    for op in block.ops:
        if isinstance(op, qc.ResetOp):
            count += len(used.intersection(op.wires))
            used -= set(op.wires)
        used |= touched(op)
    return count


# --- pure states ----------------------------------------------------------------------------------


@dataclass
class _Deferred:
    """A reset wire becomes a fresh one; the old one stays, entangled, and is traced out by being unread."""

    total: int
    now: list[int] = field(default_factory=list)
    """Where each wire of the circuit lies by now."""
    record: dict[int, int] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    words: list[tuple[qc.ExpectOp, tuple[int, ...]]] = field(default_factory=list)

    def run(self, function: FuncOp) -> None:
        self.now, before = list(range(self.total)), self.total
        self.block(function.block)
        add_wires(function, self.total - before)
        for query, wires in self.words:
            pad_words(query, wires, self.total)

    def block(self, block: Block) -> None:
        for op in list(block.ops):
            if isinstance(op, LoopOp):
                self.block(op.block)
            else:
                self.operation(op)

    def operation(self, op: Operation) -> None:
        match op:
            case qc.MeasureOp():
                self.record |= {bit: self.now[wire] for wire, bit in zip(op.wires, op.bits, strict=True)}
                drop(op)
            case qc.ResetOp():
                for wire in op.wires:
                    if wire in self.used:
                        self.now[wire], self.total = self.total, self.total + 1
                        self.used.discard(wire)
                drop(op)
            case qc.DiscardOp() | qc.BarrierOp():
                drop(op)
            case qc.ExpectOp():
                self.words.append((op, tuple(self.now)))
            case _:
                self.used |= touched(op)
                rewire(op, self.now, self.record)


# --- density matrices -----------------------------------------------------------------------------


@dataclass
class _Mixed:
    """A reset traces its wire out; a bit that outlives the reset of its wire is kept on a scratch wire."""

    function: FuncOp
    wires: int
    known: Mapping[str, _Facts]

    def run(self) -> int:
        """The number of scratch wires; they lie behind the circuit's own."""
        kept, own = self._scratch()
        below = max((self._below(op) for op in self.function.walk()), default=0)
        self._begin()
        record: dict[int, int] = {}
        for op in list(self.function.walk()):
            self._operation(op, record, kept, own)
        add_wires(self.function, own + below)
        for op in self.function.walk():
            if isinstance(op, qc.ExpectOp):
                pad_words(op, tuple(range(self.wires)), self.wires + own + below)
        return own + below

    def _below(self, op: Operation) -> int:
        return self.known[op.callee].scratch if isinstance(op, qc.ApplyOp) else 0

    def _begin(self) -> None:
        """The state is a density matrix from the first operation on that needs one."""
        if self.function.qubit_params is not None:
            return
        for op in self.function.block.ops:
            if any(isinstance(part, qc.ResetOp) or _needs_mixed(part, self.known) for part in op.walk()):
                register = next(value for value in op.operands if isinstance(value.type, qc.RegType))
                mixed = like(qc.MixedOp(register), op)
                self.function.block.insert_op_before(mixed, op)
                op.operands[list(op.operands).index(register)] = mixed.result
                return

    def _operation(self, op: Operation, record: dict[int, int], kept: dict[int, int], own: int) -> None:
        match op:
            case qc.MeasureOp():
                for wire, bit in zip(op.wires, op.bits, strict=True):
                    record[bit] = self.wires + kept[bit] if bit in kept else wire
                _store(op, {wire: record[bit] for wire, bit in zip(op.wires, op.bits) if bit in kept})
                drop(op)
            case qc.DiscardOp() | qc.BarrierOp():
                drop(op)
            case qc.GateOp():
                rewire(op, range(self.wires), record)
            case qc.ApplyOp():
                rewire(op, range(self.wires), record, more=range(self.wires + own, self._end(op, own)))

    def _end(self, op: qc.ApplyOp, own: int) -> int:
        return self.wires + own + self.known[op.callee].scratch

    def _scratch(self) -> tuple[dict[int, int], int]:
        """Scratch wires of the bits that need one, and how many there are; one serves bits after another."""
        place = {op: number for number, op in enumerate(self.function.walk())}
        kept: dict[int, int] = {}
        busy: list[int] = []
        for op in self.function.walk():
            if not isinstance(op, qc.MeasureOp):
                continue
            for wire, bit in zip(op.wires, op.bits, strict=True):
                last = _last_use(op, wire, bit, place)
                if last is None:
                    continue
                free = next((i for i, until in enumerate(busy) if until < place[op]), len(busy))
                busy[free : free + 1] = [last]
                kept[bit] = free
        return kept, len(busy)


def _last_use(measure: qc.MeasureOp, wire: int, bit: int, place: Mapping[Operation, int]) -> int | None:
    """Where a bit is read last, if that is after its wire is reset; a loop reads it to its end."""
    reset, last = False, None
    for sibling in _after(measure):
        for op in sibling.walk():
            reset |= isinstance(op, qc.ResetOp) and wire in op.wires
            conditions = [mod for mod in getattr(op, "mods", ()) if mod.kind in qc.CONDITIONS]
            if reset and any(mod.value == bit for mod in conditions):
                last = max(place[part] for part in sibling.walk())
    return last


def _after(op: Operation) -> Iterator[Operation]:
    following = op.next_op
    while following is not None:
        yield following
        following = following.next_op


def _store(measure: qc.MeasureOp, moved: Mapping[int, int]) -> None:
    """Brings measured wires onto scratch wires, which are reset before."""
    if not moved:
        return
    block = measure.parent_block()
    assert block is not None
    reset = like(qc.ResetOp(measure.register, list(moved.values())), measure)
    swap = like(qc.GateOp("swap", reset.result, list(moved.items())), measure)
    block.insert_ops_before([reset, swap], measure)
    measure.operands[0] = swap.result
