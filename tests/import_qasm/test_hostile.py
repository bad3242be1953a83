"""Broken, hostile and endless programs: diagnostics with a place, in bounded time, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from import_qasm.programs import old_programs, programs

from hqn.compiler.cli import main
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all
from hqn.compiler.driver import check
from hqn.compiler.import_qasm.import_text import import_text
from hqn.compiler.source import Source
from support.mutations import mutated

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\n'


def survives(text: str) -> str | None:
    """Imported, with a text that checks; or refused, with a place for every reason."""
    sink = Sink()
    found = import_text(Source("main.qasm", text), sink)
    assert (found is None) == sink.has_errors
    assert all(one.span is not None for one in sink.all)
    if found is not None:
        again = Sink()
        assert check(Source("main.hqn", found), again) is not None, f"{found}\n{render_all(again, False)}"
    render_all(sink, False)
    return found


def codes(text: str) -> set[str]:
    sink = Sink()
    import_text(Source("main.qasm", text), sink)
    return {one.code for one in sink.all}


@settings(max_examples=150, deadline=None)
@given(mutated(programs().map(lambda pair: pair[0])))
def test_mutated_programs(text: str) -> None:
    survives(text)


@settings(max_examples=100, deadline=None)
@given(mutated(old_programs()))
def test_mutated_old_programs(text: str) -> None:
    survives(text)


MEASURING = """bit[3] c; bit d;
h q[0]; c[0] = measure q[0]; if (c[0] == 1 && !d) { x q[1]; } else { h q[0]; }
d = measure q[1]; if (c == 3) reset q[2]; for int i in [0:1] { d = measure q[i]; if (d) x q[2]; }
measure q -> c;
"""


@settings(max_examples=150, deadline=None)
@given(mutated(st.just(HEAD + MEASURING)))
def test_mutated_measurements(text: str) -> None:
    survives(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.text("OPENQASM 3.0;{}[]()@:,+-*/^$#\"'\n qubitgatexforin", max_size=80))
def test_any_text(anything: str, likely: str) -> None:
    survives(anything)
    survives(HEAD + likely)


def test_one_statement_a_million_times_is_refused_with_the_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "long.qasm"
    path.write_text(HEAD + "x q[0];\n" * 1_000_000, encoding="utf-8")
    start = time.process_time()
    assert main(["import", str(path)]) == 1
    assert time.process_time() - start < 2
    assert "HQN0194" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("x q[0];" * 200_001, "HQN0140", id="statements"),
        pytest.param(
            "for int i in [0:1000000000000] { let a = q[{1, 0, 2}]; x a[i % 3]; }", "HQN0140", id="turns"
        ),
        pytest.param("rx(" + "-" * 100_000 + "1) q;", "HQN0141", id="signs"),
        pytest.param("rx(" + "(" * 100_000, "HQN0141", id="brackets"),
        pytest.param("{" * 100_000, "HQN0131", id="braces"),
        pytest.param("rx(" + "1+" * 100_000 + "1) q;", "HQN0141", id="sum"),
        pytest.param("if (true) " * 10_000 + "x q;", "HQN0141", id="blocks"),
        pytest.param("rx(0x" + "f" * 100_000 + ") q;", "HQN0142", id="digits"),
        pytest.param("const int n = 2 ** 62 * 2;", "HQN0142", id="whole number"),
        pytest.param("/* " * 100_000, "HQN0131", id="comments"),
        pytest.param("qubit[9223372036854775807] all;", "HQN0140", id="qubits"),
        pytest.param("qubit[40] all;", "HQN0416", id="state"),
    ],
)
def test_what_is_endless_is_refused_with_a_limit(text: str, code: str) -> None:
    start = time.process_time()
    assert code in codes(HEAD + text)
    assert time.process_time() - start < 20


def test_doubling_values_are_bounded() -> None:
    lines = ["float x0 = i * 0.1;", *(f"float x{n + 1} = x{n} + x{n};" for n in range(40)), "rx(x40) q[0];"]
    assert codes(f"{HEAD}for int i in [0:2] {{ {' '.join(lines)} }}") == {"HQN0140"}


def test_nested_loops_that_are_written_out_are_tried_once_each() -> None:
    depth = 18
    text = "".join(f"for int i{n} in [0:0] {{ " for n in range(depth)) + "x a[i3];" + "}" * depth
    start = time.process_time()
    assert survives(f"{HEAD}let a = q[{{1, 0, 2}}];\n{text}")
    assert time.process_time() - start < 5


# --- files ----------------------------------------------------------------------------------------


def test_files_beside_the_program_are_included(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "bell.inc").write_text('include "more.inc";\ngate bell a, b { hh a; cx a, b; }\n')
    (tmp_path / "lib" / "more.inc").write_text("gate hh a { h a; }\n")
    program = tmp_path / "main.qasm"
    program.write_text(HEAD + 'include "lib/bell.inc";\nbell q[0], q[1];\n')
    assert main(["import", str(program), "-o", str(tmp_path / "main.hqn")]) == 0
    assert main(["check", str(tmp_path / "main.hqn")]) == 0
    assert "circuit bell(a: qubit, b: qubit) {\n  hh a\n" in (tmp_path / "main.hqn").read_text()
    assert main(["import", str(program), "-o", str(tmp_path / "main.hqn")]) == 2
    assert "HQN0195" in capsys.readouterr().err


def test_a_mistake_in_an_included_file_is_shown_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wrong.inc").write_text("gate wrong a {\n  h b;\n}\n")
    (tmp_path / "main.qasm").write_text(HEAD + 'include "wrong.inc";\n')
    assert main(["import", str(tmp_path / "main.qasm")]) == 1
    assert "wrong.inc:2:5" in capsys.readouterr().err


@pytest.mark.parametrize(
    "path", ["../secret.inc", "{outside}/secret.inc", "link.inc", "folder/secret.inc", "", "sub"]
)
def test_nothing_outside_of_the_folder_is_read(path: str, tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    (inside / "sub").mkdir(parents=True)
    (outside / "secret.inc").write_text("gate secret a { }\n")
    (tmp_path / "secret.inc").write_text("gate secret a { }\n")
    os.symlink(outside / "secret.inc", inside / "link.inc")
    os.symlink(outside, inside / "folder")
    sink = Sink()
    text = f'{HEAD}include "{path.format(outside=outside)}";\nsecret q[0];\n'
    assert import_text(Source(str(inside / "main.qasm"), text), sink) is None
    assert {one.code for one in sink.all} == {"HQN0133", "HQN0134"}


def test_standard_input_has_no_folder() -> None:
    assert "HQN0133" in {one.code for one in _from_stdin(HEAD + 'include "main.qasm";')}
    assert not _from_stdin(HEAD)


def _from_stdin(text: str) -> list[object]:
    sink = Sink()
    import_text(Source("<stdin>", text), sink)
    return list(sink.all)


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["repeat", "weight", "state", "model", "pi_", "rot", "f32", "cx_", "φ", "Δt", "expect", "_x"]
)
def test_names_that_hqn_keeps_for_itself_get_others(name: str) -> None:
    assert survives(f"{HEAD}gate {name} a {{ h a; }}\n{name} q[0];")
    assert survives(f"{HEAD}qubit[2] {name};\nh {name};\nfor int i in [0:1] {{ x {name}[i]; }}")
    assert survives(f"{HEAD}input angle {name};\nrx(sin({name})) q;")


def test_a_gate_of_the_program_takes_the_place_of_a_standard_one() -> None:
    text = 'OPENQASM 2.0;\ninclude "qelib1.inc";\ngate h a { CX a, a; }\nqreg q[2];\n'
    assert survives(text) is None
    gates = "gate h a { U(0, 0, 1) a; }\ngate cx a, b { CX a, b; }\n"
    mine = survives(f"OPENQASM 2.0;\n{gates}qreg q[2];\nh q; cx q[0], q[1];\n")
    assert mine is not None and "circuit h_(a: qubit)" in mine and "cx_ q[0], q[1]" in mine


def test_a_program_of_definitions_is_a_library() -> None:
    assert survives('OPENQASM 3;\ninclude "stdgates.inc";\ngate bell a, b { h a; cx a, b; }\n') == (
        "circuit bell(a: qubit, b: qubit) {\n  h a\n  cx a, b\n}\n"
    )
