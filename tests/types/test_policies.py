"""The cascade and its selectors: which rule decides what."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.compiler.types.policies.selectors import fits, matches
from hqn.compiler.types.policies.specs import Policy
from support.policies import policies

MODEL = """
use std.layers.{dense, flatten, tanh}
circuit ring(x: f32[n]) -> f32[n] {
  qubits q[n]
  rx(x) q
  weight w: angle[n] = uniform(0, 2 * pi)
  ry(w) q
  return expect(Z(q))
}
layer pair(x: f32[n]) -> f32[n] { return dense[n](x) as one |> tanh |> dense[n] as two }
model net(x: f32[8, 8]) -> f32[4] {
  return flatten(x) |> dense[4] as enc |> pair as block |> ring as quantum |> dense[4] as head
}
data d8 = digits_8x8 |> split(train = 1437, test = 360, seed = 0)
"""


def table(*lines: str) -> dict[tuple[str, str], str]:
    (policy,) = policies(MODEL + "policy p {\n" + "\n".join(lines) + "\n}\n")
    return spoken(policy)


def spoken(policy: Policy) -> dict[tuple[str, str], str]:
    return {(one.path.removeprefix("net."), one.role): one.spec.text(one.role) for one in policy.treatments}


def test_every_weight_and_activation_has_one_treatment() -> None:
    found = table("default w int8")
    owners = ("enc", "block.one", "block.two", "head")
    expected = {(owner, "a") for owner in owners} | {("quantum.w", "angle")}
    expected |= {(f"{owner}.{slot}", role) for owner in owners for slot, role in (("W", "w"), ("b", "b"))}
    assert set(found) == expected


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("weaker", "stronger", "weak", "strong"),
    [
        ("default", "rule kind dense", "", "enc.W"),
        ("rule kind dense", "rule *.head", "enc.W", "head.W"),
        ("rule *.*e*", "rule net.head", "enc.W", "head.W"),
        ("rule net.block", "rule net.block.two.W", "block.one.W", "block.two.W"),
        ("rule net.block.one | net.block.two", "rule net.block.two.w", "block.one.W", "block.two.W"),
    ],
)
def test_the_more_specific_rule_wins_whatever_the_order(
    weaker: str, stronger: str, weak: str, strong: str, reverse: bool
) -> None:
    """Default < kind < glob < exact layer < exact weight or role; other layers keep the weaker one."""
    lines = [f"{weaker} w int4", f"{stronger} w int5"]
    found = table(*(lines[::-1] if reverse else lines))
    assert found[strong, "w"].startswith("int5")
    assert not weak or found[weak, "w"].startswith("int4")


def test_fields_are_decided_one_by_one() -> None:
    default = "default w int8 per channel asym"
    found = table(default, "rule net.head w int4 scale po2", "rule *.enc w int8 sym")
    assert found["head.W", "w"] == "int4 per channel asym range minmax scale po2"
    assert found["enc.W", "w"] == "int8 per channel sym range absmax"


def test_a_selector_selects_what_is_below_and_the_longer_path_wins() -> None:
    found = table("default w int8", "rule net.block w int4", "rule net.block.two w int2")
    assert found["block.one.W", "w"].startswith("int4")
    assert found["block.two.W", "w"].startswith("int2")
    assert found["head.W", "w"].startswith("int8")


def test_kinds_first_last_and_roles() -> None:
    lines = ("default w int8", "rule kind circuit angle 6 bits", "keep first | last")
    found = table(*lines, "rule net.block.one.w w int3")
    assert found["quantum.w", "angle"] == "6 bits"
    assert (found["enc.W", "w"], found["head.W", "w"]) == ("f32", "f32")
    assert found["block.one.W", "w"].startswith("int3")


def test_biases_follow_where_weights_and_activations_are_quantized() -> None:
    lines = ("default w int8, a int8", "calibrate on d8.train[64]")
    found = table(*lines, "keep net.head", "rule net.enc b f32")
    assert found["block.one.b", "b"].startswith("int32")
    assert (found["head.b", "b"], found["enc.b", "b"]) == ("f32", "f32")


def test_numbers_of_a_policy_come_from_its_uses() -> None:
    run = (
        "run {name} {{\n  let q = net under w[{bits}]\n  data (x, y) in d8 batch 8\n"
        "  track t = mean(sum(q(x)) on test)\n}}\n"
    )
    text = MODEL + "policy w[b] { default w int<b> }\n"
    found = policies(text + run.format(name="r2", bits=2) + run.format(name="r4", bits="b = 4"))
    assert [one.name for one in found] == ["w[2]", "w[4]"]
    assert [spoken(one)["enc.W", "w"][:4] for one in found] == ["int2", "int4"]


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("net.*", "net.a", True),
        ("net.*", "net.a.b", False),
        ("**.b", "net.a.b", True),
        ("**", "net.a.b", True),
        ("net.**.b", "net.b", True),
        ("n*t.a", "net.a", True),
        ("*", "net.a", False),
        ("net.**.**.x", "net.a.b", False),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern.split("."), path.split(".")) is expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["", "a", "b", "ab"]), min_size=1, max_size=4), st.text("ab", max_size=4))
def test_stars_stand_for_any_text(parts: list[str], filling: str) -> None:
    assert fits("*".join(parts), filling.join(parts))


def test_hostile_patterns_take_no_time() -> None:
    assert not fits("*a" * 2000 + "b", "a" * 4000)
    assert not matches(["**", "a"] * 300 + ["b"], ["a"] * 300)
