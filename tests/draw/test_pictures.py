"""Pictures as a person last agreed to them: text and SVG of small circuits and of the example."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from hqn.compiler import driver
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all
from hqn.compiler.outcome import DrawRequest
from hqn.compiler.source import Source
from support.blocks import blocks
from support.goldens import Goldens
from support.repository import ROOT

HERE = Path(__file__).parent
DIGITS = ROOT / "examples" / "digits.hqn"
CIRCUITS = sorted((HERE / "circuits").glob("*.hqn"))
FILES = [*CIRCUITS, *sorted((HERE / "models").glob("*.hqn")), DIGITS]


def drawn(path: Path, **asked: object) -> str:
    sink = Sink()
    request = DrawRequest(title=path.name, **asked)  # type: ignore[arg-type]
    text = driver.draw(Source(path.name, path.read_text(encoding="utf-8")), request, sink)
    assert text is not None and not sink.all, render_all(sink)
    return text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_text(path: Path, golden: Goldens) -> None:
    text = drawn(path, width=110, circuit=path.stem if path in CIRCUITS else None)
    assert max(map(len, text.splitlines())) <= 110
    golden(HERE / "goldens" / f"{path.stem}.expected.txt", text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_svg(path: Path, golden: Goldens) -> None:
    text = drawn(path, svg=True, circuit=path.stem if path in CIRCUITS else None)
    ET.fromstring(text)
    golden(HERE / "goldens" / f"{path.stem}.expected.svg", text)


@pytest.mark.parametrize("name", ["vqc", "digits.vqc", "digits.vqc[2]", "vqc_3_5"])
def test_a_circuit_has_several_names(name: str) -> None:
    text = drawn(DIGITS, circuit=name)
    assert text.startswith("vqc(x: f32[5]) -> f32[5]\n")
    assert text.count("rot(w[") == 15


def test_a_circuit_that_is_not_there_is_a_mistake_of_the_command() -> None:
    sink = Sink()
    source = Source("digits.hqn", DIGITS.read_text(encoding="utf-8"))
    assert driver.draw(source, DrawRequest(circuit="vqd"), sink) is None
    assert [found.code for found in sink.all] == ["HQN0198"]


def test_a_model_alone_is_its_diagram() -> None:
    text = drawn(DIGITS, model="digits")
    assert "vqc  5 qubits, 45 parameters" in text
    assert "twin" not in text and "rot(" not in text


def test_a_policy_shows_on_the_edges() -> None:
    text = drawn(DIGITS, model="digits", policy="edge")
    assert "int8[64]" in text and "weights int8" in text and "angles 6 bits" in text


@pytest.mark.parametrize(
    ("name", "asked"), [("digits-vqc", {"circuit": "vqc"}), ("digits-model", {"model": "digits"})]
)
def test_the_pictures_of_the_documentation_are_current(
    name: str, asked: dict[str, str], golden: Goldens
) -> None:
    golden(ROOT / "docs" / "pictures" / f"{name}.svg", drawn(DIGITS, svg=True, **asked))


def in_a_document(document: str, name: str, **asked: object) -> str:
    """A picture of the program of this name on a page."""
    program = next(block for block in blocks(ROOT / "docs" / document) if block.name == name)
    request = DrawRequest(title=name, **asked)  # type: ignore[arg-type]
    text = driver.draw(Source(name, program.text), request, Sink())
    assert text is not None
    return text


def test_the_picture_of_a_first_circuit_is_current(golden: Goldens) -> None:
    text = in_a_document("circuits.md", "rings.hqn", circuit="reupload", svg=True)
    golden(ROOT / "docs" / "pictures" / "reupload.svg", text)


def test_the_text_of_the_documentation_is_current() -> None:
    text = in_a_document("draw.md", "loop.hqn", circuit="reupload")
    assert f"```text\n{text}\n```" in (ROOT / "docs" / "draw.md").read_text(encoding="utf-8")
