"""What circuits that measure become: how many wires they take, and where density matrices are needed."""

from __future__ import annotations

import pytest

from hqn.compiler import driver
from hqn.compiler.ir import qc
from hqn.compiler.ir.module import Built
from hqn.compiler.plan.measurement import without_measurement
from hqn.compiler.plan.rewire import register_of
from support.whole import checked

START = "qubits q[3]\nh q\n"


def built(lines: str, more: str = "") -> Built:
    text = f"{more}\ncircuit c(x: f32) -> f32 {{\n{START}{lines}\nreturn expect(Z(q[2]))\n}}\n"
    return driver.build(checked(f"{text}model net(x: f32) -> f32 {{ return c(x) }}\n"))


def planned(program: Built) -> tuple[int, bool]:
    """The wires of the circuit, and whether it is a density matrix somewhere."""
    found = without_measurement(program)
    found.module.verify()
    left = [op for op in found.module.op.walk() if isinstance(op, qc.MeasureOp | qc.DiscardOp | qc.BarrierOp)]
    assert not left
    function = found.module["c"]
    wires = register_of(function)
    assert wires is not None
    return wires, any(isinstance(op, qc.MixedOp) for op in function.walk())


POOL = "circuit pool(a: qubit, b: qubit) { weight w: f32 = ones\nm = measure a\nif m { rx(w) b } }"
BOTH = "circuit both(a: qubit, b: qubit) { m = measure a\nif m { x b }\nreset a }"
CLEAN = "circuit clean(a: qubit, b: qubit) { weight w: f32 = ones\nrx(w) b\nreset a }"


@pytest.mark.parametrize(
    ("lines", "more", "wires", "mixed"),
    [
        ("b = measure q[0]\nif b { x q[2] }", "", 3, False),
        ("discard q[0]\nbarrier q[1]", "", 3, False),
        ("b = measure q[0]\nreset q[0]\nif b { cx q[0], q[2] }", "", 4, False),
        ("reset q[0]\nreset q[0]\nreset q[1]", "", 5, False),
        ("repeat i in 0..4 { reset q[i % 2]\nh q[i % 2] }\nreset q[2]", "", 3, True),
        ("repeat 4 { reset q[0]\ncx q[0], q[2] }", "", 3, True),
        ("repeat 4 { b = measure q[0]\nif b { x q[2] }\nreset q[0] }", "", 3, True),
        ("repeat 4 { b = measure q[0]\nreset q[0]\nif b { x q[2] } }", "", 4, True),
        ("pool q[0], q[2]", POOL, 3, False),
        ("clean q[0], q[2]", CLEAN, 3, True),
        ("both q[0], q[2]\nboth q[1], q[2]", BOTH, 5, False),
    ],
)
def test_wires_and_representations(lines: str, more: str, wires: int, mixed: bool) -> None:
    assert planned(built(lines, more)) == (wires, mixed)


def test_resets_that_would_double_the_wires_take_a_density_matrix() -> None:
    lines = "\n".join("reset q[0]\nh q[0]" for _ in range(5))
    assert planned(built(lines)) == (3, True)


def test_a_program_without_measurement_is_left_alone() -> None:
    program = built("cx q[0], q[1]")
    assert without_measurement(program) is program
