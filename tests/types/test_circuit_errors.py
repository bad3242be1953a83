"""Mistakes in circuits and contractions, and limits: each text beside all that is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render
from hqn.compiler.names.load import project_loader
from hqn.compiler.names.resolve import resolve
from hqn.compiler.source import Source
from hqn.compiler.syntax.parse import parse
from hqn.compiler.types.check import check, instantiate
from support.goldens import Goldens

ERRORS = Path(__file__).parent / "errors"
PATTERNS = ("circuit_*.hqn", "contraction_*.hqn", "limits.hqn")
TEXTS = sorted(path.stem for pattern in PATTERNS for path in ERRORS.glob(pattern))


def mistakes(source: Source) -> Sink:
    sink = Sink()
    tree = parse(source, sink)
    assert not sink.has_errors
    instantiate(check(resolve(tree, project_loader(str(ERRORS)), sink), sink), sink)
    return sink


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_said_about_a_text(name: str, golden: Goldens) -> None:
    path = ERRORS / f"{name}.hqn"
    found = mistakes(Source(path.name, path.read_text(encoding="utf-8")))
    golden(path.with_suffix(".err"), "\n\n".join(render(one) for one in found.all))
