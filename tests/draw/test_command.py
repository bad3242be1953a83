"""`hqn draw` as a person types it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from hqn.compiler.cli import main
from support.repository import ROOT

DIGITS = str(ROOT / "examples" / "digits.hqn")


def test_a_file_is_written_once_and_not_over_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "digits.svg"
    assert main(["draw", DIGITS, "-o", str(output)]) == 0
    assert capsys.readouterr().out.startswith("wrote ")
    ET.fromstring(output.read_text(encoding="utf-8"))
    assert main(["draw", DIGITS, "-o", str(output)]) == 2
    assert "[HQN0195]" in capsys.readouterr().err
    assert main(["draw", DIGITS, "-o", str(output), "--force"]) == 0


def test_svg_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", DIGITS, "--circuit", "vqc", "--svg"]) == 0
    ET.fromstring(capsys.readouterr().out)


def test_text_follows_the_width_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["draw", DIGITS, "--circuit", "vqc"]) == 0
    assert 40 < max(map(len, capsys.readouterr().out.splitlines()[2:])) <= 60


@pytest.mark.parametrize("asked", [["--model", "net"], ["--circuit", "qft"], ["--policy", "cloud"]])
def test_what_is_not_there(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", DIGITS, "--json", *asked]) == 2
    document = json.loads(capsys.readouterr().out)
    assert [found["code"] for found in document["diagnostics"]] == ["HQN0198"]
