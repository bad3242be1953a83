"""Whatever a text says, it is a program or there are diagnostics: never an exception, never silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hqn.compiler import driver
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all, to_json
from hqn.compiler.outcome import CompileRequest
from hqn.compiler.source import Source
from hqn.compiler.syntax.format import format_module
from support.mutations import SPARE, joined, mutated, tokens
from support.repository import ROOT
from support.written import programs
from support.written_circuits import circuits

TARGETS = ("jax", "ir", "qasm3", "qasm2", "tree", "ast")
FOLDERS = ("stdlib", "examples", "tests/syntax/corpus")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.hqn"))
TEXTS = {
    "programs": programs().map(lambda one: one.text),
    "circuits": circuits().map(lambda one: one.text),
    "files": st.sampled_from(FILES).map(lambda path: path.read_text(encoding="utf-8")),
}
SCREEN = 200
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)


def judge(text: str) -> bool:
    """Whether a text is a program; every part of the pipeline ends in one way or the other."""
    source, sink = Source("text.hqn", text), Sink()
    checked = driver.check(source, sink)
    assert (checked is None) == sink.has_errors
    assert len(render_all(sink, color=False).splitlines()) <= SCREEN
    assert len(to_json(sink.all)) == len(sink.all)
    format_module(source, Sink())
    return checked is not None


def emit_everything(text: str) -> None:
    for target in TARGETS:
        sink = Sink()
        emitted = driver.emit(Source("text.hqn", text), CompileRequest(emit=target), sink)
        assert (emitted is None) == sink.has_errors, target


@pytest.mark.parametrize("kind", TEXTS)
@given(data=st.data())
@settings(suppress_health_check=SLOW)
def test_a_mistake_is_found_or_is_none(kind: str, data: st.DataObject) -> None:
    text = data.draw(mutated(TEXTS[kind]))
    if judge(text):
        emit_everything(text)


@given(st.lists(st.sampled_from(SPARE) | st.text(max_size=3), max_size=40))
def test_words_without_sense_are_found(words: list[str]) -> None:
    judge(joined(words))


@given(st.text(max_size=200))
def test_any_text_is_found(text: str) -> None:
    judge(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: Path(path).stem)
def test_a_file_that_ends_early_is_found(path: Path) -> None:
    parts = tokens(path.read_text(encoding="utf-8"))
    for quarter in (1, 2, 3):
        judge(joined(parts[: len(parts) * quarter // 4]))


@pytest.mark.parametrize("deep", ["(" * 5000, "[" * 5000, "-" * 5000, "f(" * 3000, "not " * 4000, "{" * 4000])
def test_depth_is_no_danger(deep: str) -> None:
    assert not judge(f"model m(x: f32) -> f32 {{ return {deep}x }}")


@pytest.mark.parametrize("closed", [("(", ")"), ("tanh(", ")"), ("[", "]"), ("(0 - ", ")")])
def test_depth_that_is_closed_is_no_danger(closed: tuple[str, str]) -> None:
    first, last = closed
    judge(f"model m(x: f32) -> f32 {{ return {first * 1000}x{last * 1000} }}")
