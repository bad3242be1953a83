"""Passes keep what a circuit computes: random circuits against NumPy matrices and against Qiskit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.ir import qc
from hqn.compiler.ir.module import Module
from hqn.compiler.passes import DEFAULT, PASSES, run_passes
from hqn.compiler.passes.cancel_inverses import INVERSE
from hqn.compiler.passes.merge_rotations import ADDITIVE
from hqn.compiler.types.circuits.gates import GATES
from support.circuits import Gate, Look, Repeat, Step, built, circuit, random_steps
from support.unitary import embedded, gate_matrix, unitaries

WIRES = 3
NAMES = [one.name for one in PASSES]


def gates_of(module: Module) -> list[qc.GateOp]:
    return [op for op in module.op.walk() if isinstance(op, qc.GateOp)]


def shown(module: Module) -> list[tuple[str, tuple[tuple[int, ...], ...]]]:
    return [(op.gate, op.wires) for op in gates_of(module)]


def after(name: str, *steps: Step, wires: int = WIRES) -> list[tuple[str, tuple[tuple[int, ...], ...]]]:
    return shown(run_passes(built(wires, *steps), [name], verify=True).module)


def same(before: Module, behind: Module) -> None:
    for one, other in zip(unitaries(before, "c"), unitaries(behind, "c"), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


@pytest.mark.parametrize("name", [*NAMES, "all of them"])
@given(steps=random_steps(WIRES))
def test_a_pass_keeps_the_unitary(name: str, steps: tuple[Step, ...]) -> None:
    start = built(WIRES, *steps)
    text = start.module.text()
    end = run_passes(start, DEFAULT if name == "all of them" else [name], verify=True)
    same(start.module, end.module)
    assert start.module.text() == text, "the given program is untouched"


@given(steps=random_steps(WIRES), order=st.permutations(NAMES))
def test_passes_may_run_in_any_order(steps: tuple[Step, ...], order: list[str]) -> None:
    start = built(WIRES, *steps)
    same(start.module, run_passes(start, order, verify=True).module)


@given(steps=random_steps(WIRES))
def test_passes_never_make_more_gates(steps: tuple[Step, ...]) -> None:
    start = built(WIRES, *steps)
    counts = [sum(len(op.wires) for op in gates_of(start.module))]
    run_passes(start, after=lambda _, now: counts.append(sum(len(op.wires) for op in gates_of(now.module))))
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("name", sorted(INVERSE))
def test_inverses_are_inverse(name: str) -> None:
    product = gate_matrix(name, []) @ gate_matrix(INVERSE[name], [])
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)


@pytest.mark.parametrize("name", sorted(ADDITIVE))
def test_angles_add(name: str) -> None:
    product = gate_matrix(name, [0.4]) @ gate_matrix(name, [1.3])
    np.testing.assert_allclose(product, gate_matrix(name, [1.7]), atol=1e-12)


QISKIT = {"id": "id", "rot": None, "u1": None, "u2": None, "u3": None, "u": "u", "p": "p"}


@given(steps=random_steps(WIRES))
def test_the_oracle_agrees_with_qiskit(steps: tuple[Step, ...]) -> None:
    """Up to a global phase of the whole circuit; our wire 0 is Qiskit's last qubit."""
    quantum_info = pytest.importorskip("qiskit.quantum_info")
    gates = [step for step in steps if isinstance(step, Gate) and not step.mods]
    gates = [gate for gate in gates if QISKIT.get(gate.name, gate.name)]
    ours = unitaries(circuit(WIRES, gates), "c")[-1]
    theirs = quantum_info.Operator(_in_qiskit(gates)).data
    assert abs(np.trace(ours.conj().T @ theirs)) == pytest.approx(2**WIRES, abs=1e-9)


def _in_qiskit(gates: list[Gate]):
    from qiskit import QuantumCircuit

    made = QuantumCircuit(WIRES)
    for gate in gates:
        for row, wires in enumerate(gate.wires):
            angles = gate.angles[row] if gate.angles else ()
            getattr(made, gate.name)(*angles, *(WIRES - 1 - wire for wire in wires))
    return made


def test_embedding_puts_the_first_wire_first() -> None:
    flip = embedded(gate_matrix("cx", []), (2, 0), 3)
    assert flip[0b101, 0b001] == 1
    assert flip[0b001, 0b101] == 1


@pytest.mark.parametrize("name", sorted({one.name for one in GATES.values()}))
def test_the_oracle_knows_every_gate(name: str) -> None:
    signature = GATES[name]
    matrix = gate_matrix(name, [0.1, 0.2, 0.3, 0.4][: signature.params])
    np.testing.assert_allclose(matrix @ matrix.conj().T, np.eye(2**signature.qubits), atol=1e-12)


def ring(n: int) -> list[Gate]:
    return [Gate("cx", ((wire, (wire + 1) % n),)) for wire in range(n)]


def test_an_expanded_ring_is_one_operation() -> None:
    assert after("group_gates", *ring(4), wires=4) == [("cx", ((0, 1), (1, 2), (2, 3), (3, 0)))]


def test_rows_of_rotations_become_layers() -> None:
    steps = [Gate(name, ((wire,),), ((0.3,),)) for wire in range(3) for name in ("rx", "ry")]
    assert after("group_gates", *steps) == [("rx", ((0,), (1,), (2,))), ("ry", ((0,), (1,), (2,)))]


def test_a_gate_does_not_pass_another_on_its_wire() -> None:
    steps = [Gate("h", ((0,),)), Gate("cx", ((0, 1),)), Gate("h", ((1,),))]
    assert [name for name, _ in after("group_gates", *steps)] == ["h", "cx", "h"]


def test_nothing_moves_past_a_look() -> None:
    steps = [Gate("x", ((0,),)), Look(), Gate("x", ((0,),))]
    assert len(after("cancel_inverses", *steps)) == 2
    assert len(after("group_gates", *steps)) == 2


def test_nested_inverses_vanish() -> None:
    names = ["h", "s", "cx", "cx", "sdg", "h"]
    steps = [Gate(name, ((0, 1),) if name == "cx" else ((0,),)) for name in names]
    assert after("cancel_inverses", *steps) == []


def test_inverses_meet_past_other_wires() -> None:
    steps = [Gate("x", ((0,),)), Gate("h", ((1,),)), Gate("x", ((0,),))]
    assert after("cancel_inverses", *steps) == [("h", ((1,),))]


def test_an_inverted_gate_cancels_the_gate() -> None:
    angles = ((0.3, 1.1, 2.5),)
    steps = [Gate("rot", ((0,),), angles), Gate("rot", ((0,),), angles, (qc.Mod("inv"),))]
    assert after("cancel_inverses", *steps) == []


def test_rotations_about_one_axis_merge() -> None:
    steps = [Gate("rz", ((0,),), ((0.3,),)), Gate("rz", ((0,),), ((1.1,),)), Gate("rx", ((0,),), ((1.1,),))]
    assert after("merge_rotations", *steps) == [("rz", ((0,),)), ("rx", ((0,),))]


def test_loops_are_entered_and_kept() -> None:
    steps = [Repeat(3, (Gate("h", ((0,),)), Gate("h", ((0,),)), Gate("x", ((0,),))))]
    assert after("cancel_inverses", *steps) == [("x", ((0,),))]


def test_ten_thousand_gates_are_grouped_quickly() -> None:
    """Linear in the gates: the look back is bounded."""
    steps = [Gate("x" if turn % 2 else "h", ((turn % 3,),)) for turn in range(10_000)]
    start = built(WIRES, *steps)
    assert len(gates_of(run_passes(start).module)) < 10_000
