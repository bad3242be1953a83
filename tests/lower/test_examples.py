"""Whole files through the front end: lowered, verified, passed, printed, parsed here and in real MLIR."""

from __future__ import annotations

from pathlib import Path

import pytest

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all
from hqn.compiler.driver import check
from hqn.compiler.ir.module import Built, Module
from hqn.compiler.lower import lower
from hqn.compiler.passes import run_passes
from hqn.compiler.source import Source
from support.blocks import Block, blocks
from support.goldens import Goldens
from support.repository import ROOT

HERE = Path(__file__).parent
LIBRARY = [block for path in sorted((ROOT / "stdlib").glob("*.hqn")) for block in blocks(path)]

PROGRAMS = {
    "a carry": """
        model f(x: f32[6, 3]) -> f32[3] {
          weight U: f32[3, 3] = glorot_uniform
          h = scan v in x carry (h = zeros[3]) { contract y[i] = U[i, j] * h[j]
            next h = tanh(y + v) }
          return h
        }""",
    "a map over rows": "model f(x: f32[6, 3]) -> f32[6] { return map v in x { yield sum(v * v) } }",
    "own weights per turn": """
        use std.layers.{dense}
        layer block(x: f32[n]) -> f32[n] { return x |> dense[n] |> tanh }
        model f(x: f32[4]) -> f32[4] { return x |> repeat 3 { block } }""",
    "a derivative": """
        model f(x: f32[3]) -> f32[3] {
          y = sin(x)
          z = sum(y * y)
          return grad(z, x)
        }""",
    "states and draws": """
        use std.layers.{bn, dropout}
        model f(x: f32[4]) -> f32[4] { return x |> bn |> dropout[0.5] }""",
    "a chain of cores": """
        use std.tensors.{local_map, mps_classifier}
        model f(x: f32[8]) -> f32[3] { return x |> local_map |> mps_classifier[bond = 2, out = 3] }""",
    "applied circuits": """
        use std.circuits.{angle_encoding, strongly_entangling, cx_ring}
        circuit c(x: f32[3]) -> f32[3] {
          qubits q[3]
          angle_encoding(x) q
          strongly_entangling[4] q
          cx_ring q
          return expect(Z(q))
        }
        model f(x: f32[3]) -> f32[3] { return c(x) }""",
    "a batch at a call": """
        use std.layers.{dense}
        model f(x: f32[5, 3]) -> f32[5, 2] { return dense[2](x) }""",
}


def built(text: str, name: str = "test.hqn") -> Built:
    """The file lowered; it must have no mistakes."""
    sink = Sink()
    checked = check(Source(name, text), sink)
    assert checked is not None, render_all(sink)
    return lower(checked.program)


def survives(start: Built) -> None:
    """Passes keep the module well formed, and both modules parse from their text."""
    end = run_passes(start, verify=True)
    ir = pytest.importorskip("jax.extend.mlir.ir")
    for module in (start.module, end.module):
        text = module.text(locations=True)
        assert Module.parse(text).text(locations=True) == text
        with ir.Context() as context:
            context.allow_unregistered_dialects = True
            assert ir.Module.parse(text).operation.verify()


def test_digits(golden: Goldens) -> None:
    path = ROOT / "examples" / "digits.hqn"
    start = built(path.read_text(encoding="utf-8"), "examples/digits.hqn")
    survives(start)
    golden(HERE / "digits.expected.mlir", run_passes(start).module.text())


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program(name: str) -> None:
    survives(built("hqn 0.1\n" + PROGRAMS[name]))


@pytest.mark.parametrize("block", LIBRARY, ids=lambda block: block.place)
def test_an_example_of_the_library(block: Block) -> None:
    if block.language == "hqn" and not block.fails:
        survives(built(block.text, block.place))
