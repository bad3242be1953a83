"""Statements that are wrong in every way we could think of: diagnostics with a place, in bounded time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from import_qasm.test_hostile import HEAD, codes, survives

from hqn.compiler.cli import main
from support.mutations import mutated

FRAGMENTS = (Path(__file__).parent / "malformed.txt").read_text(encoding="utf-8").splitlines()
"""One program a line, without its head: most of them wrong, some right, all unusual."""
BITS = "bit[4] c;\n"
DOUBLING = "def f0(qubit a, int n) { x a; }" + "".join(
    f"def f{k + 1}(qubit a, int n) {{ f{k}(a, n + 1); f{k}(a, n + 2); }}" for k in range(24)
)


@pytest.mark.parametrize("part", range(4))
def test_unusual_statements(part: int) -> None:
    for fragment in FRAGMENTS[part::4]:
        start = time.process_time()
        survives(HEAD + BITS + fragment)
        assert time.process_time() - start < 10, fragment


@settings(max_examples=60, deadline=None)
@given(mutated(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4).map("\n".join)))
def test_mutated_unusual_statements(text: str) -> None:
    survives(HEAD + BITS + text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("for int i in [0:9223372036854775807] { x q[0]; }", "HQN0140", id="turns"),
        pytest.param("for int i in [9223372036854775806:-1:0] { x q[0]; }", "HQN0140", id="turns down"),
        pytest.param("pow(1e300) @ x q[0];", "HQN0142", id="exponent"),
        pytest.param("".join(f"let a{k + 1} = a{k} ++ a{k};" for k in range(60)), "HQN0140", id="aliases"),
        pytest.param(DOUBLING + "f24(q[0], 0);", "HQN0417", id="subroutines"),
        pytest.param("const array[int, 2] a = {1, 2, 3};", "HQN0137", id="array"),
        pytest.param("bit[0] d;", "HQN0142", id="bits"),
        pytest.param("bit[1e9] d = measure q[0:1];", "HQN0140", id="many bits"),
        pytest.param("reset;", "HQN0136", id="reset"),
        pytest.param("gate g a { g a; }", "HQN0134", id="recursive gate"),
        pytest.param("rx(1 / 0) q[0];", "HQN0142", id="division"),
        pytest.param("x $0;", "HQN0139", id="hardware"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    start = time.process_time()
    assert code in codes(f"{HEAD}let a0 = q;\n{text}")
    assert time.process_time() - start < 20


def test_files_that_include_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{name}.inc").write_text(f'include "{other}.inc";\n')
    (tmp_path / "main.qasm").write_text(HEAD + 'include "a.inc";\ninclude "main.qasm";\n')
    assert main(["import", str(tmp_path / "main.qasm")]) == 1
    assert "HQN0133" in capsys.readouterr().err


def test_a_file_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "main.qasm"
    path.write_bytes(bytes(range(256)) * 8)
    assert main(["import", str(path)]) in (1, 2)
    assert "error[HQN" in capsys.readouterr().err
