"""What a circuit's state is: the choice against all others by brute force, and what the plan says of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.compiler import driver, memory
from hqn.compiler.ir import qc
from hqn.compiler.ir.module import Built
from hqn.compiler.plan.execution import Execution, execution
from hqn.compiler.plan.measurement import open_choices, rewritten, without_measurement
from hqn.compiler.plan.narrow import GAIN, cut_of
from hqn.compiler.plan.text import execution_text
from support.whole import checked


def built(n: int, lines: list[str]) -> Built:
    body = "\n  ".join(lines)
    text = f"circuit c(x: f32) -> f32 {{\n  qubits q[{n}]\n  {body}\n  return expect(Z(q[0]))\n}}\n"
    return driver.build(checked(f"{text}model net(x: f32) -> f32 {{ return c(x) }}\n"))


def figures(program: Built) -> Execution:
    return execution(program.module["c"])


GATES = st.sampled_from(
    ["rx(x) q", "h q", "cx q[0], q[1]", "ecr q[1], q[2]", "repeat 3 { ry(x) q; cx q[1], q[2] }"]
)
RESETS = st.sampled_from(["reset q[0]", "reset q[1]", "reset q[2]"])


@settings(max_examples=30, deadline=None)
@given(st.lists(GATES, min_size=1, max_size=8), st.lists(st.one_of(GATES, RESETS), max_size=8), RESETS)
def test_resets_are_simulated_by_what_computes_least(before: list[str], after: list[str], last: str) -> None:
    program = built(3, ["h q", *before, *after, last])
    chosen, fresh, mixed = (
        figures(one) for one in (without_measurement(program), rewritten(program), rewritten(program, {"c"}))
    )
    if open_choices(program):
        assert mixed.mixed and not fresh.mixed
        assert chosen.forward.operations == min(fresh.forward.operations, mixed.forward.operations)
    else:
        assert chosen == fresh


LATE = [
    "h q",
    *["repeat 9 { rx(x) q; ecr q[0], q[1]; cx q[1], q[2] }"] * 3,
    "reset q[0]",
    "reset q[1]",
    "reset q[2]",
]


def test_late_resets_take_a_density_matrix_unless_it_does_not_fit() -> None:
    """Fresh wires would be there from the first gate on."""
    program = built(3, LATE)
    assert figures(without_measurement(program)).mixed
    text = execution_text(program)
    assert "state: a density matrix of 3 qubits" in text
    assert "rejected: a state vector of 6 qubits, fresh ones for resets" in text
    with memory.limited(figures(rewritten(program, {"c"})).one_sample - 1):
        assert not figures(without_measurement(program)).mixed


@settings(max_examples=15, deadline=None)
@given(st.integers(12, 15), st.lists(st.sampled_from(["cz q[0..N step 2], q[1..N step 2]", "h q",
       "repeat i in 0..M { cx q[i], q[i + 1] }", "cx q[3], q[0]", "cx q[7], q[3]"]), max_size=5))  # fmt: skip
def test_cones_are_cut_where_they_touch_much_less(n: int, lines: list[str]) -> None:
    named = [line.replace("N", str(n - n % 2)).replace("M", str(n - 1)) for line in lines]
    module = built(n, ["rx(x) q", *named]).module
    cut = cut_of(module["c"])
    assert cut is not None
    gates = sum(len(op.wires) for op in cut.copy.walk() if isinstance(op, qc.GateOp))
    touched = sum((len(cone.kept) + 1) * 2 ** len(cone.wires) for cone in cut.cones)
    assert cut.gains == (GAIN * touched <= (gates + 1) * 2**n)


@pytest.mark.parametrize(
    ("wires", "first"), [(14, "a state vector of 14 qubits"), (40, "1 light cone of up to 2 qubits")]
)
def test_the_plan_lists_cones_and_the_whole_state(wires: int, first: str) -> None:
    chain = f"repeat i in 0..{wires - 1} {{ cx q[i], q[i + 1] }}"
    lines = ["rx(x) q", "cx q[1], q[0]"] if wires == 40 else ["rx(x) q", chain, f"cx q[{wires - 1}], q[0]"]
    text = execution_text(built(wires, lines))
    assert f"state: {first}" in text
    assert ("rejected: a state vector of 40 qubits      24 TiB" in text) == (wires == 40)
    assert "rejected: " in text
