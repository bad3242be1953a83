"""What is said about programs that cannot be imported: a golden message beside each."""

from __future__ import annotations

from pathlib import Path

import pytest

from hqn.compiler.diagnostics import Diagnostic, Sink
from hqn.compiler.diagnostics.render import render
from hqn.compiler.import_qasm import errors
from hqn.compiler.import_qasm.import_text import import_text
from hqn.compiler.source import Source
from support.goldens import Goldens

FOLDER = Path(__file__).parent / "errors"
FILES = sorted(FOLDER.glob("*.qasm"))


def found_in(path: Path) -> list[Diagnostic]:
    sink = Sink()
    assert import_text(Source(path.name, path.read_text(encoding="utf-8")), sink) is None
    return sink.all


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_messages(path: Path, golden: Goldens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    golden(path.with_suffix(".err"), "\n\n".join(render(one) for one in found_in(path)))


def test_every_message_has_a_golden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    shown = {one.code for path in FILES for one in found_in(path)}
    classes = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, Diagnostic)]
    assert {cls.code for cls in classes if cls is not Diagnostic} <= shown


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_message_has_a_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    assert all(one.span is not None for one in found_in(path))
