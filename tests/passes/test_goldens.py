"""One small circuit per pass, before and after, as a person reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hqn.compiler.diagnostics import Sink
from hqn.compiler.driver import check
from hqn.compiler.lower import lower
from hqn.compiler.passes import PASSES, run_passes
from hqn.compiler.source import Source
from support.goldens import Goldens

GOLDENS = Path(__file__).parent / "goldens"

PROGRAMS = {
    "apply_policy": """
        use std.layers.{dense}
        model f(x: f32[4]) -> f32[2] { return dense[2](x) }
        data i = iris |> split(train = 100, test = 50, seed = 0)
        policy p {
          default w int4 per channel, a int8 asym
          calibrate on i.train
        }
        run r {
          let q = f under p
          data (x, y) in i batch 50
          track t = mean(sum(q(x)) on test)
        }""",
    "apply_execution": """
        circuit c(a: f32) -> f32 {
          qubits q[1]
          rx(a) q
          return expect(Z(q[0]))
        }
        model f(a: f32) -> f32 { return c(a) }
        execute lab { default shots 100 }
        run r {
          let q = f under lab
          track t = q(1.0)
        }""",
    "inline_circuits": """
        use std.circuits.{cx_ring}
        circuit c() -> f32[8] {
          qubits q[4]
          ctrl @ cx_ring q[0], q[1..4]
          return probs(q[1..4])
        }
        model f() -> f32[8] { return c() }""",
    "simplify_shapes": """
        circuit c(a: f32[4]) -> f32[2] {
          qubits q[3]
          repeat i in 0..3 { rx(a[i + 1]) q[i] }
          return probs(q[0])
        }
        model f(a: f32[4]) -> f32[2] { return c(a) }""",
    "fold_constants": "model f(x: f32[2]) -> f32[2] { return (2 * pi / 4) * x * 1.0 }",
    "share_common": "model f(x: f32[2]) -> f32[2] { return sin(x) * cos(x) + sin(x) }",
    "cancel_inverses": """
        circuit c() -> f32[2] {
          qubits q[2]
          h q[0]
          s q[1]
          h q[0]
          sdg q[1]
          x q[0]
          return probs(q[0])
        }
        model f() -> f32[2] { return c() }""",
    "merge_rotations": """
        circuit c(a: f32, b: f32) -> f32[2] {
          qubits q[2]
          rz(a) q[0]
          h q[1]
          rz(b) q[0]
          return probs(q[0])
        }
        model f(a: f32, b: f32) -> f32[2] { return c(a, b) }""",
    "group_gates": """
        circuit c(a: f32[3]) -> f32[2] {
          qubits q[3]
          rx(a[0]) q[0]
          h q[1]
          rx(a[2]) q[2]
          cx q[0], q[1]
          cx q[1], q[2]
          return probs(q[0])
        }
        model f(a: f32[3]) -> f32[2] { return c(a) }""",
    "eliminate_dead": """
        use std.layers.{dense}
        model f(x: f32[3]) -> f32[3] {
          unused = dense[2](x)
          return tanh(x)
        }""",
}


def test_every_pass_has_a_golden() -> None:
    assert set(PROGRAMS) == {one.name for one in PASSES}


@pytest.mark.parametrize("name", PROGRAMS)
def test_before_and_after(name: str, golden: Goldens) -> None:
    checked = check(Source("test.hqn", "hqn 0.1\n" + PROGRAMS[name]), Sink())
    assert checked is not None
    before = lower(checked.program)
    after = run_passes(before, [name], verify=True)
    assert before.module.text() != after.module.text()
    text = f"// before\n{before.module.text()}\n// after {name}\n{after.module.text()}"
    golden(GOLDENS / f"{name}.expected.mlir", text)
