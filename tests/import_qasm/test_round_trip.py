"""Imported programs compute what Qiskit says that they compute, and so does what is exported again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from import_qasm.programs import OLD_GATES, OLD_HEAD, call, old_programs, programs
from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.circuit import library as lib
from qiskit.quantum_info import Operator

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all
from hqn.compiler.driver import build, check, qasm_programs
from hqn.compiler.import_qasm.import_text import import_text
from hqn.compiler.import_qasm.standard import PRELUDE_GATES, QELIB1
from hqn.compiler.source import Source
from hqn.compiler.syntax.format import format_module
from support.openqasm import read


def imported(text: str, name: str = "main.qasm") -> str:
    """The hqn text of a program without mistakes, in which the formatter finds nothing to do."""
    sink = Sink()
    found = import_text(Source(name, text), sink)
    assert found is not None, f"{text}\n{render_all(sink, False)}"
    assert found == format_module(Source("main.hqn", found), sink)
    return found


def exported(text: str, language: str = "qasm3", model: str = "main", **bound: object) -> str:
    """hqn text as OpenQASM; the text must be right."""
    sink = Sink()
    checked = check(Source("main.hqn", text), sink)
    assert checked is not None, f"{text}\n{render_all(sink, False)}"
    found = qasm_programs(build(checked), language, model, sink, None, bound)
    assert len(found) == 1, render_all(sink, False)
    return next(iter(found.values())).text


def same(one: QuantumCircuit, other: QuantumCircuit) -> bool:
    """Whether two circuits are one unitary up to a global phase."""
    plain = [circuit.remove_final_measurements(inplace=False) or circuit for circuit in (one, other)]
    return Operator(plain[0]).equiv(Operator(plain[1]), rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(programs())
def test_openqasm_3_keeps_its_unitary(program: tuple[str, str]) -> None:
    text, flat = program
    again = exported(imported(text))
    assert same(read(again), qasm3.loads(flat)), f"{text}\n{imported(text)}"


@settings(max_examples=60, deadline=None)
@given(old_programs())
def test_openqasm_2_keeps_its_unitary(text: str) -> None:
    meant = qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    assert same(read(exported(imported(text))), meant), f"{text}\n{imported(text)}"


@settings(max_examples=30, deadline=None)
@given(old_programs())
def test_what_is_exported_is_imported_again(text: str) -> None:
    """hqn -> OpenQASM 3 -> hqn -> OpenQASM 3, and over OpenQASM 2.0 where it can say the program."""
    ours = imported(text)
    first = exported(ours)
    second = exported(imported(first))
    assert same(read(first), read(second))


OTHERS = {
    "r": (2, lib.RGate),
    "dcx": (0, lib.DCXGate),
    "xx_plus_yy": (2, lib.XXPlusYYGate),
    "xx_minus_yy": (2, lib.XXMinusYYGate),
    "iswap": (0, lib.iSwapGate),
    "ecr": (0, lib.ECRGate),
    "ryy": (1, lib.RYYGate),
    "rzx": (1, lib.RZXGate),
    "cs": (0, lib.CSGate),
    "csdg": (0, lib.CSdgGate),
    "ccz": (0, lib.CCZGate),
    "c3sx": (0, lib.C3SXGate),
    "c4x": (0, lib.C4XGate),
    "phase": (1, lib.PhaseGate),
    "cphase": (1, lib.CPhaseGate),
}


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_gates_that_only_we_declare(name: str) -> None:
    """Those of the wide `qelib1.inc` that Qiskit has as gates and not in its own include."""
    params, gate = OTHERS[name]
    angles = [0.3, -1.1][:params]
    one = gate(*angles)
    meant = QuantumCircuit(5)
    meant.append(one, range(one.num_qubits))
    operands = ", ".join(f"q[{place}]" for place in range(one.num_qubits))
    head = OLD_HEAD.replace("qreg q[4]", "qreg q[5]")
    text = f"{head}{call(name, [repr(angle) for angle in angles])} {operands};"
    assert same(read(exported(imported(text))), meant)


def test_every_gate_of_the_includes_is_tested() -> None:
    assert QELIB1.keys() | PRELUDE_GATES == (OLD_GATES.keys() | OTHERS.keys()) - {"mine", "U", "CX"}


def test_inputs_become_parameters() -> None:
    inputs = "input angle θ; input array[float[64], 2] w;"
    ours = imported(f'OPENQASM 3; include "stdgates.inc"; {inputs} qubit q; rx(θ + w[1]) q;')
    assert "model main(theta: angle, w: angle[2])" in ours
    bound = read(exported(ours, theta=0.25, w=[9.0, 0.5]))
    meant = QuantumCircuit(1)
    meant.rx(0.75, 0)
    assert same(bound, meant)


def test_final_measurements_become_probabilities() -> None:
    head = 'OPENQASM 3; include "stdgates.inc"; qubit[4] q; bit[4] c; h q;'
    assert "return probs(q)\n" in imported(f"{head} c = measure q;")
    assert "f32[8]" in (some := imported(f"{head} for int i in {{0, 1, 3}} {{ c[i] = measure q[i]; }}"))
    assert "return probs(q[0..2], q[3])\n" in some
    assert "-> c64[16]" in imported(head) and "return state(q)\n" in imported(head)


def test_precision_survives() -> None:
    numbers = np.random.default_rng(1).normal(size=5)
    lines = "".join(f"rz({number!r}) q; h q;" for number in map(float, numbers))
    again = exported(imported(f'OPENQASM 3; include "stdgates.inc"; qubit q; {lines}'))
    assert all(repr(float(number)) in again for number in numbers)
