"""Emitted OpenQASM, read by Qiskit and by the reference parser, against the circuit built in Qiskit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import openqasm3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.quantum_info import Operator

from hqn.compiler.emit.qasm.scalar import CannotExpress, Grid, Number, text
from hqn.compiler.emit.qasm.target import QasmTarget
from hqn.compiler.ir.hqn import FuncOp, ReturnOp
from hqn.compiler.ir.module import Built, Entry, Module
from hqn.compiler.ir.nn import ConstantOp
from hqn.compiler.ir.qc import AllocOp, GateOp, Mod, StateOp, controls
from hqn.compiler.ir.tensors import tensor
from hqn.compiler.ir.xdsl_api import Block
from hqn.compiler.types.circuits.gates import GATES
from hqn.compiler.types.model import DType
from support.qiskit_gates import modified, qiskit_gate

WIRES = 4
Applied = tuple[str, tuple[int, ...], tuple[float, ...], tuple[Mod, ...]]


def built(gates: Sequence[Applied], wires: int = WIRES) -> Built:
    block = Block()
    alloc = AllocOp(wires)
    block.add_op(alloc)
    register = alloc.result
    for name, places, angles, mods in gates:
        table = ConstantOp(angles, tensor(DType.F64, (1, len(angles)))) if angles else None
        if table:
            block.add_op(table)
        gate = GateOp(name, register, [places], table.result if table else None, mods)
        block.add_op(gate)
        register = gate.result
    state = StateOp(register)
    block.add_ops([state, ReturnOp([state.result])])
    function = FuncOp("c", "circuit", block, [state.result.type], [], source="c.hqn:1")
    module = Module.of([function])
    module.verify()
    return Built(module, entries=(Entry("c", "c", "c"),))


def reference(gates: Sequence[Applied], wires: int = WIRES) -> QuantumCircuit:
    circuit = QuantumCircuit(wires)
    for name, places, angles, mods in gates:
        gate = qiskit_gate(name, angles)
        for mod in reversed(mods):
            gate = modified(gate, mod.kind, mod.value)
        circuit.append(gate, places)
    return circuit


@st.composite
def applied(draw: st.DrawFn, modifiers: bool) -> Applied:
    mods = draw(st.lists(st.sampled_from(MODS), max_size=2)) if modifiers else []
    known = sorted({one.name for one in GATES.values()})
    fits = [name for name in known if GATES[name].qubits + controls(mods) <= WIRES]
    name = draw(st.sampled_from(fits))
    needed = GATES[name].qubits + controls(mods)
    places = tuple(draw(st.permutations(range(WIRES)))[:needed])
    angles = draw(st.lists(st.floats(-6, 6), min_size=GATES[name].params, max_size=GATES[name].params))
    return name, places, tuple(angles), tuple(mods)


MODS = [Mod("inv"), Mod("ctrl"), Mod("negctrl"), Mod("pow", 2), Mod("pow", -1), Mod("pow", 3)]


def emitted(gates: Sequence[Applied], language: str) -> str:
    target, program = QasmTarget(language, "c"), built(gates)
    assert list(target.unsupported(program)) == []
    return target.emit(program)["c"].text


@settings(max_examples=60, deadline=None)
@given(st.lists(applied(modifiers=True), min_size=1, max_size=6))
def test_openqasm_3_is_the_circuit(gates: list[Applied]) -> None:
    program = emitted(gates, "qasm3")
    openqasm3.parse(program)
    assert Operator(qasm3.loads(program)).equiv(Operator(reference(gates)), rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(applied(modifiers=False), min_size=1, max_size=8))
def test_openqasm_2_is_the_circuit(gates: list[Applied]) -> None:
    program = emitted(gates, "qasm2")
    assert Operator(qasm2.loads(program)).equiv(Operator(reference(gates)), rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(applied(modifiers=True), min_size=1, max_size=4))
def test_openqasm_2_expands_modifiers(gates: list[Applied]) -> None:
    target, program = QasmTarget("qasm2", "c"), built(gates)
    assert not list(target.unsupported(program))
    text_ = target.emit(program)["c"].text
    assert Operator(qasm2.loads(text_)).equiv(Operator(reference(gates)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("controls", [3, 5])
@pytest.mark.parametrize("name", ["x", "h", "y", "sx", "cu", "ry"])
def test_openqasm_2_expands_many_controls(name: str, controls: int) -> None:
    """A multi-controlled gate on every wire."""
    own, angles = GATES[name].qubits, (0.3, 1.1, -0.4, 0.8)[: GATES[name].params]
    wires = controls + own
    gates = [(name, tuple(range(wires))[::-1], angles, (Mod("ctrl", controls),))]
    text_ = QasmTarget("qasm2", "c").emit(built(gates, wires))["c"].text
    assert Operator(qasm2.loads(text_)).equiv(Operator(reference(gates, wires)), rtol=1e-9, atol=1e-9)


def test_openqasm_2_refuses_too_many_controls() -> None:
    program = built([("x", tuple(range(12)), (), (Mod("ctrl", 11),))], 12)
    (found,) = QasmTarget("qasm2", "c").unsupported(program)
    assert found.code == "HQN0722"
    assert "--emit qasm3" in "".join(found.helps())


@given(st.integers(-300, 300), st.integers(2, 12))
def test_grid_angles_print_exactly(steps: int, bits: int) -> None:
    shown = text(Grid(steps, bits)).replace("pi", "math.pi")
    assert math.isclose(eval(shown, {"math": math}), steps * 2 * math.pi / 2**bits, rel_tol=1e-15)


def test_numbers_that_are_no_angles_are_refused() -> None:
    with pytest.raises(CannotExpress):
        text(Number(math.nan))


def test_a_bound_angle_reads_back_as_the_same_double() -> None:
    angles = np.random.default_rng(0).normal(size=20)
    assert [float(text(Number(float(angle)))) for angle in angles] == angles.tolist()
