"""Every example is right, and its hybrid runs learn in two passes."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hqn
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all
from hqn.compiler.driver import check
from hqn.compiler.source import Source
from hqn.runtime.training import train
from support.repository import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.hqn"))
QUICK = [("quanv", "twin_quanv")]
HYBRID = [
    ("adversarial", "clean[true]"),
    ("creep_in", "creep[2]"),
    ("hamiltonian_embedding", "embedding"),
    ("hqnn_parallel", "small"),
    ("qkan", "digits"),
    ("quanv", "quanv"),
]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_right(path: Path) -> None:
    """Assertions about sizes included: the full network of HQNN-Parallel has 45,194 parameters."""
    sink = Sink()
    check(Source(str(path), path.read_text(encoding="utf-8")), sink)
    assert not list(sink.all), render_all(sink, color=False)


@pytest.mark.parametrize(
    ("example", "run"), [*QUICK, *(pytest.param(*one, marks=pytest.mark.slow) for one in HYBRID)]
)
def test_a_run_of_an_example_learns(example: str, run: str) -> None:
    program = hqn.load(ROOT / "examples" / f"{example}.hqn")
    spec = replace(program.runs[run].spec, epochs=2, keep=None, asserts=())
    (found,) = train(program, spec, seeds=(0,)).seeds
    losses = np.array(found.losses)
    assert losses.shape == (2, 1)
    assert losses[1, 0] < losses[0, 0]


@pytest.mark.parametrize(
    ("example", "run"),
    [
        ("kernel", "quantum_kernel"),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in (("ising", "ground"), ("qcnn", "pooled"))),
    ],
)
def test_a_small_example_holds_what_it_asserts(example: str, run: str) -> None:
    assert all(check.holds for check in hqn.load(ROOT / "examples" / f"{example}.hqn").runs[run].fit().checks)


@pytest.mark.slow
def test_the_full_network_sees_the_full_set() -> None:
    if "HQN_DATA" not in os.environ:
        pytest.skip("HQN_DATA does not name a folder with MNIST")
    program = hqn.load(ROOT / "examples" / "hqnn_parallel.hqn")
    spec = replace(program.runs["mnist"].spec, epochs=1, asserts=())
    result = train(program, spec, seeds=(0,))
    assert result.parameters == 45_194
    assert result.seeds[0].series["acc"][-1] > 0.9
