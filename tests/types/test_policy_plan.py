"""What `hqn plan --policy` shows of the digits example."""

from __future__ import annotations

import pytest

from hqn.compiler.diagnostics import Sink
from hqn.compiler.driver import plan
from hqn.compiler.outcome import PlanRequest
from hqn.compiler.source import Source
from support.policies import policies
from support.repository import ROOT

EDGE = """\
policy edge on model digits: simulate, calibrated on d8.train[512]
  digits.encoder    a      int8 per tensor asym range percentile(99.9)  default
  digits.encoder.W  w      int8 per channel sym range absmax            default
  digits.encoder.b  b      int32, scale of w * a                        follows w and a
  digits.vqc.w      angle  6 bits                                       rule kind circuit
  digits.head       a      f32                                          keep digits.head
  digits.head.W     w      f32                                          keep digits.head
  digits.head.b     b      f32                                          keep digits.head"""


def test_the_table_says_what_happens_to_every_tensor_and_why() -> None:
    digits = Source("digits.hqn", (ROOT / "examples" / "digits.hqn").read_text(encoding="utf-8"))
    shown = plan(digits, PlanRequest(policy="edge"), Sink())
    assert shown is not None
    tables = shown.split("\n\n")
    assert EDGE in [
        "\n".join(line.partition(", digits.hqn:")[0] for line in one.splitlines()) for one in tables
    ]


def test_an_unknown_policy_is_reported_with_those_there_are() -> None:
    sink = Sink()
    without = Source("test.hqn", "model m(x: f32) -> f32 { return x }")
    assert plan(without, PlanRequest(policy="edge"), sink) is None
    assert [one.code for one in sink.all] == ["HQN0198"]


def test_only_what_is_added_to_products_follows_them() -> None:
    """A batch norm's and an elementwise layer's weights stay float; a bias does not."""
    text = """use std.layers.{dense, conv2d, bn}
layer scaled[out](x: f32[n]) -> f32[out] {
  weight W: f32[out, n] = normal(0.1)
  weight gain: f32[out] = ones
  weight shift: f32[out] = zeros
  contract y[o] = W[o, i] * x[i]
  return (y + shift) * gain
}
model net(x: f32[6, 6, 1]) -> f32[2] {
  return x |> conv2d[2] as c |> bn as n |> flatten |> dense[4] as d |> scaled[2] as s
}
policy p { default w int8, a int8; calibrate on d }
data d = digits_8x8 |> map s { yield (x = s.x[0..6, 0..6, new]) }
"""
    (found,) = policies(text)
    roles = {one.path: one.spec.bits for one in found.treatments if one.role == "b"}
    assert roles == {
        "net.c.b": 32, "net.n.gamma": None, "net.n.beta": None, "net.d.b": 32,
        "net.s.gain": None, "net.s.shift": 32,
    }  # fmt: skip


NUMBERS = """use std.layers.{dense}
policy w[b = 4] { default w int<b> }
model net(x: f32[4]) -> f32[3] { return dense[3](x) }
model other(x: f32[4]) -> f32[2] { return dense[2](x) }
run fit {
  let a = net under w[2]
  steps 1
}
"""


@pytest.mark.parametrize(
    ("asked", "model", "found"),
    [("w", None, "net int2"), ("w[3]", None, "net int3"), ("w[b = 5]", "other", "other int5")],
)
def test_numbers_that_the_file_does_not_use(asked: str, model: str | None, found: str) -> None:
    shown = plan(Source("test.hqn", NUMBERS), PlanRequest(policy=asked, model=model), Sink())
    name, kind = found.split()
    assert shown is not None and shown.startswith("policy w[") and f"  {name}.dense.W  w  {kind} " in shown


@pytest.mark.parametrize(
    ("asked", "code"), [("w[99]", "HQN0606"), ("w(3)", "HQN0612"), ("v[3]", "HQN0198"), ("w[3", "HQN0103")]
)
def test_numbers_that_a_policy_does_not_take(asked: str, code: str) -> None:
    sink = Sink()
    assert plan(Source("test.hqn", NUMBERS), PlanRequest(policy=asked), sink) is None
    assert [one.code for one in sink.all] == [code]
