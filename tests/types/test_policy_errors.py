"""Mistakes in policies and execution profiles: each text beside all that is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hqn.compiler.diagnostics.render import render
from support.goldens import Goldens
from support.policies import checked_text

ERRORS = Path(__file__).parent / "errors"
TEXTS = sorted(path.stem for kind in ("policy_*", "execution") for path in ERRORS.glob(f"{kind}.hqn"))


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_said_about_a_text(name: str, golden: Goldens) -> None:
    path = ERRORS / f"{name}.hqn"
    _, sink = checked_text(path.read_text(encoding="utf-8"), path.name)
    golden(path.with_suffix(".err"), "\n\n".join(render(one) for one in sink.all))
