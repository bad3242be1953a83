"""A circuit's `hqn.func` as lines of Python: the steps of its plan in words of `hqn.runtime.circuit`.

What came before: the function and, from `plan.simulate`, its `SimPlan`. What leaves: lines in the writer. The
operations are walked in order; classical ones are written by `emit_operation`, gates are silent until the
end of their segment, whose steps are then written, all angles being known. The register is one Python
variable. Invariant: matrices of slots that a loop reads in its own turn are built before the loop, for all
turns at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from hqn.compiler.emit.jax import circuit_angles as angles_
from hqn.compiler.emit.jax.calls import slots_of_call
from hqn.compiler.emit.jax.circuit_matrices import Build, matrix_bytes, products
from hqn.compiler.emit.jax.circuit_results import operand_of, result_code, shots_code
from hqn.compiler.emit.jax.code import Code, call, index
from hqn.compiler.emit.jax.gate_text import diagonal, matrix, permutation, wires_text
from hqn.compiler.emit.jax.operations import emit_operation
from hqn.compiler.emit.jax.slots import TurnKey, reads_slots, turn_keys
from hqn.compiler.emit.jax.turns import Input, turn_inputs
from hqn.compiler.emit.jax.values import Mark, Value
from hqn.compiler.emit.jax.writer import Writer
from hqn.compiler.emit.text import quoted_name
from hqn.compiler.ir.hqn import FuncOp, ReturnOp
from hqn.compiler.ir.instances import SlotOp
from hqn.compiler.ir.loops import LoopOp, YieldOp
from hqn.compiler.ir.qc import (
    QUERIES,
    AllocOp,
    ApplyOp,
    GateOp,
    MixedOp,
    PostselectOp,
    RegType,
    ResetOp,
    controls,
)
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Operation, SSAValue
from hqn.compiler.plan import cost
from hqn.compiler.plan.demand import NO_DEMAND
from hqn.compiler.plan.execution import execution
from hqn.compiler.plan.gates import Use
from hqn.compiler.plan.simulate import carries_register, simulate
from hqn.compiler.plan.steps import (
    Dense,
    Item,
    Layer,
    Loop,
    Permute,
    Phase,
    Product,
    Segment,
    SimPlan,
    Step,
    segments,
)  # fmt: skip
from hqn.compiler.types.model import DType

REGISTER = "q"


def emit_circuit(writer: Writer, func: FuncOp) -> int | None:
    """All lines of a circuit function, its `return` included.

    Gives the samples that it may take at once. A circuit that takes qubits becomes a function that gives a
    circuit, for `qc.on`: its arguments are the weights and values, the state comes later.
    """
    plan = simulate(func)
    state = _Circuit(writer, plan, plan.segments(), register=writer.names.new(REGISTER))
    state.loops = {item.op: item for item in _loops(plan.items)}
    if not any(isinstance(arg.type, RegType) for arg in func.args):
        chosen = execution(func, plan, writer.module.demands.get(func.symbol_name, NO_DEMAND))
        state.adjoint, state.again = chosen.adjoint, chosen.again
        state.operations(func.block.ops)
        return chosen.at_once
    name = writer.names.new("circuit")
    with writer.nested(f"def {name}({state.register}):"):
        state.operations(op for op in func.block.ops if not isinstance(op, ReturnOp))
        writer.line(f"return {state.register}")
    writer.line(f"return {name}")
    return None


def _loops(items: Iterable[Item]) -> Iterable[Loop]:
    for item in items:
        if isinstance(item, Loop):
            yield item
            yield from _loops(item.items)


@dataclass
class _Circuit:
    """One circuit function on its way to text."""

    writer: Writer
    plan: SimPlan
    segments: dict[Operation, Segment]
    register: str
    adjoint: bool = False
    """Whether gradients un-compute the state."""
    again: bool = False
    """Whether gradients compute the turns of compiled loops again."""
    levels: frozenset[int] = frozenset()
    sure: frozenset[Mark] = frozenset()
    loops: dict[LoopOp, Loop] = field(default_factory=dict)
    measured: int = 0
    """Queries so far."""
    built: dict[str, str] = field(default_factory=dict)
    """Names of matrices of all turns, by their expression."""
    wholes: dict[SSAValue, Code] = field(default_factory=dict)
    """Angles in all turns, written before the loops that read them."""
    given: dict[tuple[str, tuple[TurnKey, ...]], str] = field(default_factory=dict)
    """Names of those matrices that a compiled turn is given, by expression and turn."""

    def operations(self, ops: Iterable[Operation]) -> None:
        for op in ops:
            with self.writer.at(op):
                self.operation(op)

    def operation(self, op: Operation) -> None:
        if isinstance(op, GateOp | AllocOp):
            if op in self.segments:
                for step in self.segments[op].steps:
                    self.step(step)
        elif isinstance(op, ApplyOp):
            self.call(op)
        elif isinstance(op, MixedOp):
            self.assign(call("qc.mixed", self.register))
        elif isinstance(op, ResetOp):
            self.assign(call("qc.reset", self.register, wires_text(op.wires)))
        elif isinstance(op, PostselectOp):
            values = wires_text(op.values)
            self.assign(call("qc.postselect", self.register, wires_text(op.wires), values))
        elif isinstance(op, QUERIES):
            self.query(op)
        elif isinstance(op, LoopOp) and carries_register(op):
            self.loop(self.loops[op])
        elif not isinstance(op, YieldOp):
            emit_operation(self.writer, op)

    def assign(self, code: Code | str) -> None:
        self.writer.line(f"{self.register} = {code if isinstance(code, str) else code.text}")

    # --- angles ---

    def angles(self, use: Use) -> Code:
        """The angles of a use, one per tuple where the gate takes one."""
        assert use.angles is not None
        flat = angles_.flat(use)
        value = self.writer.value(flat or use.angles).array()
        self.levels, self.sure = self.levels | value.levels, self.sure | value.sure
        return value.code if flat else angles_.column(use, value.code)

    # --- steps ---

    def step(self, step: Step) -> None:
        match step:
            case Product():
                self.product(step)
            case Layer() | Dense():
                for uses, wires, build in products(step):
                    self.block(uses, wires, build)
            case Permute():
                self.assign(call("qc.permute", self.register, permutation(step.uses, self.plan.n)))
            case Phase():
                parts = [diagonal(use, self.plan.n, self.angles) for use in step.uses]
                self.assign(call("qc.phase", self.register, *parts))

    def product(self, step: Product) -> None:
        n, like = str(self.plan.n), self.like()
        if not step.uses:
            self.start(call("qc.zero_state", n, named=like))
            return
        parts = [
            f"({matrix(use, self.angles).text}, {wires_text([one[0] for one in use.wires])})"
            for use in step.uses
        ]
        constant = all(use.angles is None for use in step.uses)
        self.start(call("qc.product_state", n, *parts, named=like if constant else {}))

    def start(self, state: Code) -> None:
        self.assign(call("qc.adjoint", state) if self.adjoint else state)

    def like(self) -> dict[str, str]:
        """What the precision of a fresh state is taken from."""
        if reads_slots(self.writer.func, self.writer.module):
            return {"like": "p"}
        args = [
            self.writer.value(arg).text for arg in self.writer.func.args if not isinstance(arg.type, RegType)
        ]
        return {"like": args[0]} if args else {}

    def block(self, uses: list[Use], wires: tuple[int, ...], build: Build) -> None:
        """One matrix on `wires`: of this place, or one turn of those built for all turns."""
        turns = self.turns(uses)
        if turns is None:
            code = build(uses, wires, self.angles)
        else:
            text = build(uses, wires, self.whole).text
            given = self.given.get((text, turn_keys(turns)))
            numbers = self.writer.turn_numbers(turns) if given is None else []
            code = Code(given) if given else index(Code(self.all_turns(text)), *numbers)
        self.assign(call("qc.block", self.register, code, wires_text(wires)))

    # --- matrices of all turns ---

    def turns(self, uses: list[Use]) -> tuple[Turn, ...] | None:
        """The turns in which a matrix is read that is worth building for all turns at once."""
        turns = None if any(use.site for use in uses) else angles_.turns(uses)
        if turns is None or any(turn.index is not None and not self.known(turn) for turn in turns[:-1]):
            return None
        return turns if matrix_bytes(uses) <= cost.HOISTED_BYTES else None

    def known(self, turn: Turn) -> bool:
        """Whether the number of a turn is a Python number here."""
        assert turn.index is not None
        found = self.writer.values.get(turn.index)
        return found is not None and found.bare

    def whole(self, use: Use) -> Code:
        """The angles of a use in all turns of the loops that create its slots, whose axes lead."""
        flat = angles_.flat(use)
        value = flat or use.angles
        assert value is not None
        if value not in self.wholes:
            before = dict(self.writer.values)
            for op in angles_.chain(value) or ():
                self._whole_operation(op)
            self.wholes[value] = self.writer.value(value).array().code
            self.writer.values = before
        return self.wholes[value] if flat else angles_.column(use, self.wholes[value])

    def _whole_operation(self, op: Operation) -> None:
        if not isinstance(op, SlotOp):
            emit_operation(self.writer, op)
            return
        code, result = Code(f"p[{quoted_name(op.slot)}]"), op.result
        levels = frozenset({0}) if op.turns else frozenset[int]()
        self.writer.values[result] = Value(code, shape(result), dtype(result), levels)

    def all_turns(self, text: str) -> str:
        """The name of matrices of all turns, built here unless they have been."""
        if text not in self.built:
            self.built[text] = self.writer.names.new("u")
            self.writer.line(f"{self.built[text]} = {text}")
        return self.built[text]

    def matrices(self, loop: Loop) -> Iterable[tuple[str, tuple[Turn, ...]]]:
        """The matrices that a loop reads, inner loops included: of its turns, and of turns that are fixed."""
        for segment in segments(loop.items):
            for step in segment.steps:
                for uses, wires, build in products(step):
                    turns = self.turns(uses)
                    if turns is not None and turns[-1].index in (loop.op.index, None):
                        yield build(uses, wires, self.whole).text, turns

    # --- loops ---

    def loop(self, loop: Loop) -> None:
        if loop.empty:
            return
        for text, _ in self.matrices(loop):
            self.all_turns(text)
        if loop.unrolled:
            self.written_out(loop.op)
        else:
            self.scan(loop)

    def written_out(self, op: LoopOp) -> None:
        number = self.writer.names.new(op.index.name_hint, "i")
        self.writer.values[op.index] = Value(Code(number), (), DType.I32, bare=True)
        with self.writer.nested(f"for {number} in range({op.trips}):"):
            self.operations(op.block.ops)

    def scan(self, loop: Loop) -> None:
        writer, before = self.writer, self.given
        function, given = writer.names.new("turn"), writer.names.new("given")
        inputs = turn_inputs(writer, loop.op) + self.turn_matrices(loop)
        place = len(writer.lines)
        with writer.nested(f"def {function}():"):
            self.operations(loop.op.block.ops)
            writer.line(f"return {self.register}")
        self.given = before
        body = [line.text for line in writer.lines[place + 1 :]]
        read = [one for one in inputs if any(_mentions(text, one.name) for text in body)] or inputs[:1]
        names = [one.name for one in read]
        parameter = names[0] if len(names) == 1 else given
        head = writer.lines[place]
        writer.lines[place] = replace(head, text=f"def {function}({self.register}, {parameter}):")
        if len(names) > 1:
            first = writer.lines[place + 1]
            writer.lines.insert(place + 1, replace(first, text=f"{', '.join(names)} = {given}"))
        outside = [one.outside.text for one in read]
        values = outside[0] if len(outside) == 1 else f"({', '.join(outside)})"
        take = loop.op.take
        named = {} if take is None else {"take": writer.value(take).array().text}
        named |= {"again": "True"} if self.again else {}
        self.assign(call("qc.repeat", function, self.register, values, named=named))

    def turn_matrices(self, loop: Loop) -> list[Input]:
        """The matrices of all turns that the turns of a loop are given one by one."""
        found = dict[tuple[str, tuple[TurnKey, ...]], Input]()
        for text, turns in self.matrices(loop):
            if turns[-1].index is None:
                continue
            key, name = (text, turn_keys(turns)), self.all_turns(text)
            if key not in found:
                outer = self.writer.turn_numbers(turns[:-1])
                last, trips = turns[-1], loop.op.trips
                stop = last.offset + last.stride * (trips - 1) + 1
                taken = [*outer, f"{last.offset}:{stop}:{last.stride}"]
                if (last.stride, last.offset) == (1, 0):
                    taken = [*outer, f":{trips}"]
                found[key] = Input(self.writer.names.new("u"), index(Code(name), *taken))
        self.given = self.given | {key: one.name for key, one in found.items()}
        return list(found.values())

    # --- calls and results ---

    def call(self, op: ApplyOp) -> None:
        """A circuit on some wires of this register."""
        signature = self.writer.module.signatures[op.callee]
        values = [self.writer.value(arg).array() for arg in op.args]
        for value in values:
            self.levels, self.sure = self.levels | value.levels, self.sure | value.sure
        wires = wires_text(op.wires[controls(op.mods) :])
        if op in self.plan.written:
            self.start(call("qc.amplitudes", str(self.plan.n), values[0].code, wires))
            return
        own = [slots_of_call(self.writer, op, signature)] if signature.reads else []
        circuit = call(signature.name, *own, *(value.code for value in values))
        self.assign(call("qc.on", self.register, wires, circuit, named=_modifiers(op)))

    def query(self, op: Operation) -> None:
        result, given = op.results[0], None
        read = operand_of(op)
        if read is not None:
            value = self.writer.value(read).array()
            self.levels, self.sure = self.levels | value.levels, self.sure | value.sure
            given = value.code
        self.measured += 1
        shots, levels, sure = shots_code(self.writer, op, self.measured), self.levels, self.sure
        if shots is not None:
            levels |= frozenset(range(self.writer.depth + 1))
            sure |= {"keys", *range(1, self.writer.depth + 1)}
        code = result_code(op, self.register, given, shots)
        self.writer.bind(result, Value(code, shape(result), dtype(result), levels, sure))


def _modifiers(op: ApplyOp) -> dict[str, str]:
    """Modifiers as arguments of `qc.on`."""
    count, times, when = controls(op.mods), 1, list[int]()
    for mod in op.mods:
        if mod.kind in ("ctrl", "negctrl"):
            when += [int(mod.kind == "ctrl")] * mod.value
        else:
            times *= -1 if mod.kind == "inv" else mod.value
    named = {"controls": _tuple(op.wires[:count]), "when": _tuple(tuple(when))} if count else {}
    return named | ({"times": str(times)} if times != 1 else {})


def _tuple(values: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, values))}{',' if len(values) == 1 else ''})"


def _mentions(text: str, name: str) -> bool:
    return any(word == name for word in _words_of(text))


def _words_of(text: str) -> list[str]:
    return "".join(char if char.isidentifier() or char.isdigit() else " " for char in text).split()
