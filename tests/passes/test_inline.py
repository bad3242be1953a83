"""Circuits without weights are inlined with their wires and controls; others stay calls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.ir import qc
from hqn.compiler.ir.module import Built
from hqn.compiler.lower import lower
from hqn.compiler.passes import run_passes
from hqn.compiler.types import typed
from support import typed_programs as build
from support.circuits import Gate, Step, applied, random_steps
from support.typed_programs import SPAN, child, f32, function
from support.unitary import unitaries

CONTROLS = [(), (qc.Mod("ctrl"),), (qc.Mod("negctrl"),)]


def calls(built: Built) -> int:
    return sum(isinstance(op, qc.ApplyOp) for op in built.module.op.walk())


@given(random_steps(2), st.permutations(range(4)), st.sampled_from(CONTROLS))
def test_inlining_keeps_the_unitary(
    steps: tuple[Step, ...], order: list[int], mods: tuple[qc.Mod, ...]
) -> None:
    start = applied(4, steps, order[: 2 + qc.controls(mods)], mods, 2)
    start.module.verify()
    end = run_passes(start, ["inline_circuits"], verify=True)
    assert calls(end) == 0
    assert list(end.module.functions) == ["c"]
    assert end.module["c"].children == ()
    (one,), (other,) = unitaries(start.module, "c"), unitaries(end.module, "c")
    np.testing.assert_allclose(one, other, atol=1e-10)


@pytest.mark.parametrize("mod", [qc.Mod("inv"), qc.Mod("pow", 3)])
def test_inverted_and_repeated_circuits_stay_calls(mod: qc.Mod) -> None:
    start = applied(3, [Gate("s", ((0,),))], (1,), (mod,), 1)
    assert calls(run_passes(start, verify=True)) == 1


def test_a_circuit_with_weights_stays_a_call() -> None:
    w = build.weight("w", f32(1, 1))
    turned = build.gate("rx", (0,), angles=build.slot_read(w))
    inner = function("inner", "circuit", (), None, turned, slots=(w,), qubits=1, qubit_params=1)
    apply = typed.ApplyCircuit(instance="i", function=inner, wires=(0,), args=(), span=SPAN)
    probabilities = typed.Probabilities(wires=(0,), type=f32(2), span=SPAN)
    outer = function("c", "circuit", (), probabilities, apply, qubits=1, children=(child("i", inner),))
    end = run_passes(lower(build.program(outer)), verify=True)
    assert calls(end) == 1
    assert [one.name for one in end.module["c"].children] == ["i"]


def test_a_library_ring_becomes_one_operation() -> None:
    inner = build.entangle(4)
    apply = typed.ApplyCircuit(instance="e", function=inner, wires=(3, 2, 1, 0), args=(), span=SPAN)
    probabilities = typed.Probabilities(wires=(0,), type=f32(2), span=SPAN)
    outer = function("c", "circuit", (), probabilities, apply, qubits=4, children=(child("e", inner),))
    end = run_passes(lower(build.program(outer)), verify=True)
    (gate,) = [op for op in end.module.op.walk() if isinstance(op, qc.GateOp)]
    assert gate.wires == ((3, 2), (2, 1), (1, 0))
