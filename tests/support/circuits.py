"""Circuits of the IR, built by hand or at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from hqn.compiler.ir import hqn, nn, qc
from hqn.compiler.ir.declarations import Child
from hqn.compiler.ir.loops import RepeatOp, YieldOp
from hqn.compiler.ir.module import Built, Module
from hqn.compiler.ir.tensors import INDEX, tensor
from hqn.compiler.ir.xdsl_api import Block, SSAValue
from hqn.compiler.types.circuits.gates import GATES
from hqn.compiler.types.model import DType

ANGLES = (0.0, 0.3, -0.3, 1.1, 2.5)


@dataclass(frozen=True)
class Gate:
    """`angles` has one row per wire tuple; equal tables are one value of the circuit."""

    name: str
    wires: tuple[tuple[int, ...], ...]
    angles: tuple[tuple[float, ...], ...] = ()
    mods: tuple[qc.Mod, ...] = ()


@dataclass(frozen=True)
class Repeat:
    trips: int
    body: tuple[Gate, ...]


@dataclass(frozen=True)
class Look:
    """A query of the state in the middle of a circuit."""


Step = Gate | Repeat | Look


def f32(*shape: int):
    return tensor(DType.F32, shape)


def circuit(wires: int, steps: Sequence[Step], name: str = "c") -> Module:
    """The circuit, and at its end the probabilities of all wires."""
    block = Block()
    register: SSAValue = qc.AllocOp(wires).result
    block.add_op(register.owner)  # type: ignore[arg-type]
    register = _add(block, register, steps, {})
    end = qc.ProbsOp(register, range(wires))
    looks = [op.results[0] for op in block.ops if isinstance(op, qc.ProbsOp)]
    block.add_ops([end, hqn.ReturnOp([*looks, end.result])])
    types = [value.type for value in (*looks, end.result)]
    return Module.of([hqn.FuncOp(name, "circuit", block, types, [])])


def built(wires: int, *steps: Step) -> Built:
    module = circuit(wires, steps)
    return Built(module, frozenset(module.functions))


Tables = dict[tuple[tuple[float, ...], ...], SSAValue]


def _add(block: Block, register: SSAValue, steps: Sequence[Step], known: Tables) -> SSAValue:
    for step in steps:
        match step:
            case Gate():
                angles = _table(block, step, known) if step.angles else None
                op = qc.GateOp(step.name, register, step.wires, angles, step.mods)
                block.add_op(op)
                register = op.result
            case Repeat():
                body = Block(arg_types=[INDEX, register.type])
                body.add_op(YieldOp([_add(body, body.args[1], step.body, dict(known))]))
                loop = RepeatOp(step.trips, [], [register], body)
                block.add_op(loop)
                register = loop.final[0]
            case Look():
                block.add_op(qc.ProbsOp(register, range(qc.wire_count(register))))
    return register


def _table(block: Block, step: Gate, known: Tables) -> SSAValue:
    if step.angles not in known:
        flat = [angle for row in step.angles for angle in row]
        constant = nn.ConstantOp(flat, f32(len(step.angles), len(step.angles[0])))
        block.add_op(constant)
        known[step.angles] = constant.result
    return known[step.angles]


def modifiers(spare: int) -> st.SearchStrategy[tuple[qc.Mod, ...]]:
    """A few modifiers with at most `spare` controls."""
    kinds = [qc.Mod("inv"), qc.Mod("pow", 2)] + ([qc.Mod("ctrl"), qc.Mod("negctrl")] if spare else [])
    return st.one_of(st.just(()), st.just(()), st.sampled_from(kinds).map(lambda mod: (mod,)))


@st.composite
def random_gates(draw: st.DrawFn, wires: int) -> Gate:
    name = draw(st.sampled_from(sorted({one.name for one in GATES.values() if one.qubits <= wires})))
    signature = GATES[name]
    mods = draw(modifiers(wires - signature.qubits))
    width = signature.qubits + qc.controls(mods)
    one = st.permutations(range(wires)).map(lambda order: tuple(order[:width]))
    tuples = tuple(draw(st.lists(one, min_size=1, max_size=3)))
    row = st.tuples(*[st.sampled_from(ANGLES)] * signature.params)
    angles = tuple(draw(row) for _ in tuples) if signature.params else ()
    return Gate(name, tuples, angles, mods)


@st.composite
def random_steps(draw: st.DrawFn, wires: int) -> tuple[Step, ...]:
    """Gates from a small pool, so that inverses and equal axes meet; sometimes a loop or a look."""
    pool = draw(st.lists(random_gates(wires), min_size=1, max_size=5))
    pool += [Gate(one.name, one.wires[::-1], one.angles[::-1], one.mods) for one in pool]
    gates = st.sampled_from(pool)
    loops = st.builds(Repeat, st.integers(1, 3), st.lists(gates, min_size=1, max_size=5).map(tuple))
    step = st.one_of(gates, gates, gates, gates, loops, st.just(Look()))
    return tuple(draw(st.lists(step, min_size=1, max_size=14)))


def applied(
    wires: int, steps: Sequence[Step], on: Sequence[int], mods: Sequence[qc.Mod], inside: int
) -> Built:
    """Steps as a circuit that takes `inside` qubits, applied once to wires of another."""
    body = Block(arg_types=[qc.RegType(inside)])
    plain = [step for step in steps if not isinstance(step, Look)]
    end = _add(body, body.args[0], plain, {})
    body.add_op(hqn.ReturnOp([end]))
    taken = hqn.FuncOp("inner", "circuit", body, [end.type], ["register"], qubit_params=inside)
    block = Block()
    alloc = qc.AllocOp(wires)
    apply = qc.ApplyOp("inner", "inner", alloc.result, on, (), mods)
    probabilities = qc.ProbsOp(apply.result, range(wires))
    block.add_ops([alloc, apply, probabilities, hqn.ReturnOp([probabilities.result])])
    child = Child("inner", "inner")
    outer = hqn.FuncOp("c", "circuit", block, [probabilities.result.type], [], children=[child])
    return Built(Module.of([taken, outer]), frozenset({"c"}))
