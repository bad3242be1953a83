"""Long flat programs become loops that do the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from import_qasm.test_round_trip import exported, imported, same
from qiskit import qasm2

from hqn.compiler.diagnostics import Sink
from hqn.compiler.import_qasm import tree
from hqn.compiler.import_qasm.fold import LEAST_TURNS, fold
from hqn.compiler.import_qasm.import_text import import_text
from hqn.compiler.import_qasm.scope import Scope
from hqn.compiler.import_qasm.write import text
from hqn.compiler.source import Source, Span
from hqn.compiler.syntax import ast
from hqn.compiler.syntax.layout import WIDTH
from support.goldens import Goldens
from support.openqasm import read

HERE = Path(__file__).parent / "goldens"
SPAN = Span(Source("main.qasm", ""), 0, 0)
QUBITS = 1000

Flat = tuple[str, tuple[int, ...]]
"""A gate and the indices of its qubits."""

GATES = [("x", 1), ("rz(0.5)", 1), ("cx", 2), ("ccx", 3)]


@st.composite
def repeating(draw: st.DrawFn, depth: int = 3) -> list[Flat]:
    """Gates in nested repetitions whose indices advance, with others in between."""
    found: list[Flat] = []
    for _ in range(draw(st.integers(1, 3))):
        if depth == 0 or draw(st.booleans()):
            name, count = draw(st.sampled_from(GATES))
            indices = st.lists(st.integers(300, 320), min_size=count, max_size=count, unique=True)
            found.append((name, tuple(draw(indices))))
            continue
        block = draw(repeating(depth - 1))
        steps = [[draw(st.integers(-2, 2)) for _ in indices] for _, indices in block]
        found += [
            (name, tuple(index + turn * step for index, step in zip(indices, by, strict=True)))
            for turn in range(draw(st.integers(2, 7)))
            for (name, indices), by in zip(block, steps, strict=True)
        ]
    return found


def statements(gates: Iterable[Flat]) -> list[ast.Statement]:
    """Gates on `q`."""
    return [
        ast.Gate((), _callee(name), tuple(map(_qubit, indices)), None, span=SPAN) for name, indices in gates
    ]


def _callee(name: str) -> ast.Expr:
    if name == "rz(0.5)":
        return tree.call(SPAN, "rz", tree.floating(SPAN, 0.5))
    return tree.name(SPAN, name)


def _qubit(index: int) -> ast.Expr:
    return tree.subscript(SPAN, tree.name(SPAN, "q"), tree.integer(SPAN, index))


def written_out(found: Iterable[ast.Statement], turns: Mapping[str, int]) -> Iterator[Flat]:
    """The gates of loops one by one; `turns` are the variables of the loops around."""
    for one in found:
        if isinstance(one, ast.Gate):
            indices = (text(qubit)[2:-1] for qubit in one.operands)
            yield text(one.callee), tuple(eval(index, {}, dict(turns)) for index in indices)
            continue
        assert isinstance(one, ast.Evaluate) and isinstance(one.value, ast.Loop)
        binder = one.value.binder
        assert binder is not None and binder.variable is not None and isinstance(binder.domain, ast.Range)
        assert binder.variable.name not in turns
        assert isinstance(binder.domain.stop, ast.Int) and binder.domain.stop.value >= LEAST_TURNS
        for turn in range(binder.domain.stop.value):
            yield from written_out(one.value.body.statements, {**turns, binder.variable.name: turn})


def size(found: Iterable[ast.Statement]) -> int:
    return sum(1 for one in found for node in ast.walk(one) if isinstance(node, ast.Gate))


@settings(max_examples=200, deadline=None)
@given(repeating())
def test_loops_written_out_are_the_same_gates(gates: list[Flat]) -> None:
    folded = fold(statements(gates), Scope())
    assert list(written_out(folded, {})) == gates
    assert size(folded) <= len(gates)


@pytest.mark.parametrize("period", [1, 7, 16, 40, 300])
def test_every_period_is_found(period: int) -> None:
    """Blocks without an inner repetition; those of a long block move by one step."""
    block = [("cx", (3 * place * place % 97, 100 + place * place % 89)) for place in range(period)]
    gates = [
        (name, (one + turn * (place % 3 if period <= 16 else 2), other + 2 * turn))
        for turn in range(5)
        for place, (name, (one, other)) in enumerate(block)
    ]
    folded = fold(statements([("x", (0,)), *gates, ("x", (1,))]), Scope())
    assert len(folded) == 3
    assert size(folded) == period + 2


def test_short_runs_stay() -> None:
    gates = statements(("x", (index,)) for index in range(LEAST_TURNS - 1))
    assert fold(gates, Scope()) is gates


def test_a_program_in_layers_is_readable(golden: Goldens) -> None:
    source = (HERE / "layers.qasm").read_text(encoding="utf-8")
    golden(HERE / "layers.expected.hqn", imported(source, "layers.qasm"))


LONG = """OPENQASM 3;
include "stdgates.inc";
input array[angle, 8] first_angles_of_a_long_name; input angle another_angle_of_a_long_name;
const array[float, 40] table = {NUMBERS};
gate wide(a, b, c) control_of_a_long_name, target_of_a_long_name, another_target_of_a_long_name, fourth {
  ctrl(3) @ rx(a * sin(b + c) + b * sin(c + a) + c * sin(a + b) + a * b * c - sin(a) * sin(b) * sin(c) / 2)
    control_of_a_long_name, target_of_a_long_name, another_target_of_a_long_name, fourth;
}
qubit[23] register_of_a_long_name; bit[23] c;
for int i in [0:5] {
  h register_of_a_long_name[i];
  for int j in [0:3] { if (i == j) { x register_of_a_long_name[i]; ctrl @ wide(table[3],
    another_angle_of_a_long_name, first_angles_of_a_long_name[i] * first_angles_of_a_long_name[j])
    register_of_a_long_name[10], register_of_a_long_name[i], register_of_a_long_name[20],
    register_of_a_long_name[21], register_of_a_long_name[22]; } else { y register_of_a_long_name[j]; } }
}
MEASURES
"""


def test_lines_that_are_too_long_are_broken_as_the_formatter_does() -> None:
    numbers = "{" + ", ".join(f"0.{place}5" for place in range(10, 50)) + "}"
    measures = "".join(
        f"c[{place}] = measure register_of_a_long_name[{place}];\n" for place in (0, 2, 3, 7, 9)
    )
    ours = imported(LONG.replace("{NUMBERS}", numbers).replace("MEASURES", measures), "main.qasm")
    assert max(map(len, ours.splitlines())) <= WIDTH
    assert len(ours.splitlines()) > 30


PROGRAMS = {
    "down": "".join(f"cx q[{5 - i}], q[{4 - i}]; rz(0.3) q[{i}];" for i in range(5)),
    "nested": "".join(f"ccx q[{i}], q[{i + 1}], q[{j}];" for _ in range(4) for j in (4, 5) for i in range(3)),
    "loops": "".join(f"h q; cu1(0.2) q[{i}], q[5]; cx q[0], q[{i + 1}];" for i in range(4)),
    "gates": "gate g a, b { cx a, b; h a; cx a, b; h a; cx a, b; h a; cx a, b; h a; } g q[0], q[1];",
    "names": "qreg i[4]; h i[0]; h i[1]; h i[2]; h i[3]; cx i[1], q[0]; " * 4,
}


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_folded_programs_keep_their_unitary(name: str) -> None:
    body = PROGRAMS[name].replace("qreg i[4];", "")
    registers = "qreg q[6];" + ("qreg i[4];" if name == "names" else "")
    program = f'OPENQASM 2.0; include "qelib1.inc"; {registers} {body}'
    ours = imported(program)
    assert "repeat" in ours
    meant = qasm2.loads(program, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    assert same(read(exported(ours)), meant), ours


def test_loops_of_the_program_get_other_variables() -> None:
    """A loop of the program stands in one of ours, and ours in one of the program."""
    own = "for int i in [0:2] { cx q[i], q[i + 1]; cx q[i], q[i + 1]; cx q[i], q[i + 1]; cx q[i], q[i + 1]; }"
    ours = imported(f'OPENQASM 3; include "stdgates.inc"; qubit[4] q; {f"{own} h q; " * 4}')
    assert "repeat i_ in 0..4" in ours or "repeat i_2 in 0..4" in ours
    assert ours.count("cx") == 1


def test_resets_are_folded_and_measured_bits_stay() -> None:
    head = 'OPENQASM 3; include "stdgates.inc"; qubit[4] q; bit[4] c; h q;'
    assert "{ reset q[i] }" in imported(head + "".join(f"reset q[{i}];" for i in range(4)))
    turn = "c[0] = measure q[0]; if (c[0]) { x q[1]; } h q[0];"
    assert imported(head + 4 * turn).count("measure") == 4


def test_a_mistake_keeps_its_place() -> None:
    """Gates that name a qubit twice are not hidden in a loop."""
    source = Source("main.qasm", 'OPENQASM 3; include "stdgates.inc"; qubit[6] q;' + "cx q[3], q[3];" * 5)
    sink = Sink()
    assert import_text(source, sink) is None
    assert len({found.span.start for found in sink.all if found.span}) == 5
