"""What someone sees who tries a first file: counts in words that fit, a command that has nothing to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from hqn.compiler.cli import main

MODEL = """use std.layers.{dense}
model one(x: f32[3]) -> f32[2] { return dense[2](x) }
model two(x: f32[3]) -> f32[2] { return x |> dense[2] as a |> dense[2] as b }
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("m.hqn").write_text(MODEL)
    return "m.hqn"


def test_check_counts(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", model]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "m.hqn: no mistakes",
        "  model one: 8 parameters in 1 instance",
        "  model two: 14 parameters in 2 instances",
    ]


def test_a_file_without_runs_says_so(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", model]) == 0
    assert capsys.readouterr().out.startswith("m.hqn: no runs to perform")


@pytest.mark.parametrize(
    "statement, help_",
    [
        ("CNOT q[0], q[1]", "did you mean `cx`?"),
        ("RX(x) q", "did you mean `rx`?"),
        ("PauliX q", "did you mean `x`?"),
        ("h(q[0])", "a gate stands in front of its qubits: `h q[0]`"),
        ("y = expval(Z(q))", "did you mean `expect`?"),
    ],
)
def test_words_of_other_languages(
    model: str, statement: str, help_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"circuit c(x: f32[2]) -> f32[2] {{\n  qubits q[2]\n  {statement}\n  return expect(Z(q))\n}}\n"
    Path(model).write_text(text)
    assert main(["check", model]) == 1
    assert f"= help: {help_}" in capsys.readouterr().err
