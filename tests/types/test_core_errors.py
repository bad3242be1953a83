"""Mistakes in expressions, calls, bodies and instances: each text beside all that is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hqn.compiler.diagnostics.render import render
from hqn.compiler.source import Source
from support.checked import check_source
from support.goldens import Goldens

ERRORS = Path(__file__).parent / "errors"
TEXTS = sorted(path.stem for path in ERRORS.glob("core_*.hqn"))


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_said_about_a_text(name: str, golden: Goldens) -> None:
    path = ERRORS / f"{name}.hqn"
    found = check_source(Source(path.name, path.read_text(encoding="utf-8"))).sink
    golden(path.with_suffix(".err"), "\n\n".join(render(one) for one in found.all))


def test_a_text_without_mistakes_says_nothing() -> None:
    text = "model m(x: f32[4]) -> f32[4] { return tanh(x) }\n"
    assert not check_source(Source("test.hqn", text)).sink.all
