"""Imported programs that measure, reset and decide: exported again they are what they were."""

from __future__ import annotations

import numpy as np
import pytest
from emit.test_qasm_measurement import branches_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_qasm.test_round_trip import exported, imported
from qiskit import qasm2, qasm3

from support.openqasm import read

HEAD = (
    'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\nbit[3] c;\nry(0.7) q[0];\nry(1.9) q[1];\nh q[2];\n'
)
LINES = [
    "h q[{a}];", "ry(0.4) q[{a}];", "cx q[{a}], q[{b}];", "reset q[{a}];", "c[{a}] = measure q[{b}];",
    "c = measure q;",
    "if (c[{a}]) { x q[{b}]; }", "if (!c[{a}]) { ry(0.3) q[{b}]; } else { h q[{a}]; }",
    "if (c == {n}) { x q[{a}]; h q[{b}]; }",
    "if (c[{a}] == false) cx q[{a}], q[{b}];",
]  # fmt: skip
HURRIED = settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    count = draw(st.integers(2, 8))
    found = []
    for _ in range(count):
        a, b, _c = draw(st.permutations(range(3)))
        line, number = draw(st.sampled_from(LINES)), draw(st.integers(0, 7))
        found.append(line.replace("{a}", str(a)).replace("{b}", str(b)).replace("{n}", str(number)))
    return found


@given(lines())
@HURRIED
def test_what_is_measured_steers_the_same_gates(written: list[str]) -> None:
    text = HEAD + "\n".join(written)
    meant = branches_of(qasm3.loads(text)).density((0, 1, 2))
    ours = imported(text)
    found = branches_of(read(exported(ours))).density((0, 1, 2))
    if "return probs" in ours:  # the last measurements, whose outcome the result is
        meant, found = np.diag(meant), np.diag(found)
        places = [
            place for place in range(3) if any(f"q[{place}]" in one for one in [ours.split("return")[1]])
        ]
        meant, found = (_marginal(one, places or [0, 1, 2]) for one in (meant, found))
    np.testing.assert_allclose(found, meant, atol=1e-9, err_msg=ours)


def _marginal(chances: np.ndarray, places: list[int]) -> np.ndarray:
    rest = tuple(place for place in range(3) if place not in places)
    return chances.real.reshape(2, 2, 2).sum(axis=rest)


def test_conditions_of_openqasm_2() -> None:
    head = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\ncreg c[2];\n'
    text = head + "h q[0];\nry(0.3) q[1];\nmeasure q[0] -> c[0];\nmeasure q[1] -> c[1];\nif(c==2) x q[2];\n"
    meant = branches_of(qasm2.loads(text)).density((2,))
    ours = imported(text)
    assert "if not c_0 and c_1 { x q[2] }" in ours
    np.testing.assert_allclose(branches_of(read(exported(ours))).density((2,)), meant, atol=1e-9)


def test_a_last_measurement_is_the_result() -> None:
    ours = imported(HEAD + "c[0] = measure q[0];\nif (c[0]) { x q[1]; }\nc[1] = measure q[1];")
    assert "c_0 = measure q[0]" in ours and "c_1" not in ours
    assert "return probs(q[0..2])" in ours


@pytest.mark.parametrize(
    "line", ["while (c[0]) { h q; }", "if (c[0] ^ c[1]) { x q[2]; }", "if (c[0]) { c[1] = measure q[1]; }"]
)
def test_what_is_no_condition_here_is_refused(line: str) -> None:
    from import_qasm.test_hostile import codes

    assert codes(HEAD + "c = measure q;\n" + line) <= {"HQN0138", "HQN0139"}
