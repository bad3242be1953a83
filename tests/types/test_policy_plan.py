"""What `hqn plan --policy` shows of the digits example."""

from __future__ import annotations

from hqn.compiler.diagnostics import Sink
from hqn.compiler.types.policies.text import policy_text
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
    found = policies((ROOT / "examples" / "digits.hqn").read_text(encoding="utf-8"))
    shown = policy_text([one for one in found if one.model == "digits"], "edge", Sink())
    assert shown is not None
    assert "\n".join(line.partition(", test.hqn:")[0] for line in shown.splitlines()) == EDGE


def test_an_unknown_policy_is_reported_with_those_there_are() -> None:
    sink = Sink()
    assert policy_text(policies("model m(x: f32) -> f32 { return x }"), "edge", sink) is None
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
