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
