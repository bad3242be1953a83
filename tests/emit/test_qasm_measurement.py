"""Exported programs that measure, reset and decide: what Qiskit reads against what was written."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qiskit import ClassicalRegister, QuantumCircuit, qasm2
from qiskit.circuit import IfElseOp
from whole.test_measurement import N, Text, X, circuit, texts

from hqn.compiler.diagnostics import Sink
from hqn.compiler.driver import build_as_written, qasm_programs
from support.branches import Branches, Condition
from support.openqasm import read
from support.whole import checked

HURRIED = settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))


def walk(
    found: QuantumCircuit, branches: Branches, wires: list[int], bits: list[str], when: Condition
) -> None:
    """What a circuit does, as Qiskit has read it."""
    for one in found.data:
        on = [wires[found.find_bit(qubit).index] for qubit in one.qubits]
        into = [bits[found.find_bit(bit).index] for bit in one.clbits]
        if isinstance(one.operation, IfElseOp):
            target, wanted = one.operation.condition
            of = list(target) if isinstance(target, ClassicalRegister) else [target]
            names = [bits[found.find_bit(bit).index] for bit in of]
            for block, is_met in zip(one.operation.blocks, (True, False), strict=False):
                walk(block, branches, on, into, _when(when, names, int(wanted), is_met))
        elif one.operation.name == "measure":
            branches.measure(on[0], into[0])
        elif one.operation.name == "reset":
            branches.reset(on[0])
        elif one.operation.name != "barrier":
            branches.gate(one.operation, tuple(on), when)


def _when(when: Condition, names: list[str], wanted: int, is_met: bool) -> Condition:
    """Under `when`, whether bits, the least significant first, read a number, or do not."""
    return lambda known: (
        when(known) and (sum(known[name] << place for place, name in enumerate(names)) == wanted) == is_met
    )


def branches_of(found: QuantumCircuit) -> Branches:
    branches = Branches(N)
    names = [f"bit{number}" for number in range(found.num_clbits)]
    for name in names:
        branches.states = {(*bits, (name, 0)): state for bits, state in branches.states.items()}
    walk(found, branches, list(range(N)), names, lambda _: True)
    return branches


def check(text: Text, language: str) -> None:
    wanted = Branches(N)
    text.run(wanted)
    weights = {"one": np.ones(())}
    built, sink = build_as_written(checked(circuit(text))), Sink()
    programs = qasm_programs(built, language, "net", sink, weights, {"x": X})
    if not programs:
        assert {one.code for one in sink.all} == {"HQN0722"}
        assert not any("bind" in one for found in sink.all for one in found.helps())
        assert any(word in circuit(text) for word in ("postselect", " and ", " or ", " != "))
        return
    (one,) = programs.values()
    found = read(one.text) if language == "qasm3" else qasm2.loads(one.text)
    there = tuple(sorted(text.there))
    np.testing.assert_allclose(branches_of(found).density(there), wanted.density(there), atol=1e-9)


@given(texts(looped=False), st.sampled_from(["qasm3", "qasm2"]))
@HURRIED
def test_lines_in_a_row(text: Text, language: str) -> None:
    check(text, language)


@given(texts(looped=True), st.sampled_from(["qasm3", "qasm2"]))
@HURRIED
def test_lines_in_a_loop(text: Text, language: str) -> None:
    check(text, language)
