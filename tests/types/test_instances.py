"""The instance tree: paths, loop axes, sharing, and its forms as text and data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hqn.compiler.source import Source
from hqn.compiler.types.instances import VERSION
from support.checked import check_source, checked, codes
from support.goldens import Goldens
from support.repository import ROOT

TREES = Path(__file__).parent / "trees"
EXAMPLES = sorted((ROOT / "examples").glob("*.hqn"))
LAYER = "layer scale(x: f32[n]) -> f32[n] {\n  weight w: f32[n] = ones\n  return w * x\n}\n"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_tree_of_an_example(path: Path, golden: Goldens) -> None:
    found = check_source(Source(path.name, path.read_text(encoding="utf-8")), str(path.parent))
    assert not found.sink.has_errors
    golden(TREES / f"{path.stem}.expected.txt", found.tree.text())


def model(body: str, type_: str = "f32[4]") -> str:
    return f"{LAYER}model m(x: {type_}) -> {type_} {{\n{body}\n}}\n"


def test_a_path_is_the_label_the_let_name_or_the_layers_name() -> None:
    body = """
    let f = scale
    return x |> scale |> scale as second |> f
    """
    assert checked(model(body)).paths == ["m.f.w", "m.scale.w", "m.second.w"]


def test_calls_of_one_let_instance_share_its_weights() -> None:
    found = checked(model("let f = scale\nreturn f(f(x))"))
    assert found.paths == ["m.f.w"]


@pytest.mark.parametrize(("loop", "axes"), [("map", ()), ("scan", ()), ("parallel", (3,)), ("repeat", (3,))])
def test_creating_loops_add_a_leading_axis(loop: str, axes: tuple[int, ...]) -> None:
    turn = "next h = scale(h)" if loop in ("scan", "repeat") else "yield scale(x)"
    carry = " carry (h = x)" if loop in ("scan", "repeat") else ""
    value = f"{loop} i in 0..3{carry} {{ {turn} }}"
    found = checked(model(f"return {value if carry else f'sum[axes = 0]({value})'}"))
    (slot,) = found.tree.slots()
    assert slot.loops == axes
    assert slot.shape == (*axes, 4)


def test_axes_of_nested_loops_stand_outermost_first() -> None:
    body = """
    return sum[axes = 0](parallel i in 0..3 {
      yield x |> repeat 2 { scale }
    })
    """
    (slot,) = checked(model(body)).tree.slots()
    assert slot.shape == (3, 2, 4)


def test_a_layer_in_a_loop_made_outside_is_shared_by_its_turns() -> None:
    body = "let f = scale\nreturn repeat i in 0..3 carry (h = x) { next h = f(h) }"
    (slot,) = checked(model(body)).tree.slots()
    assert slot.shape == (4,)


def test_layers_without_weights_may_repeat_without_names() -> None:
    text = "layer half(x: f32) -> f32 { return x / 2 }\nmodel m(x: f32[4]) -> f32[4] { return half(half(x)) }"
    names = [child.name for child in checked(text).entry("m").evaluation.children]
    assert names == ["half", "half_2"]


def test_owning_is_known_through_other_definitions() -> None:
    text = model("return x |> wrapped |> wrapped") + "layer wrapped(x: f32[n]) -> f32[n] { return scale(x) }"
    assert codes(text) == ["HQN0332"]


def test_inserting_a_layer_renames_nothing() -> None:
    before = checked(model("return x |> scale as a |> scale as b")).paths
    after = checked(model("return x |> scale as new |> scale as a |> scale as b")).paths
    assert [path for path in after if path in before] == before


def test_frozen_weights_and_states_are_no_parameters() -> None:
    text = """
    layer f(x: f32[2]) -> f32[2] {
      weight a: f32[2] = ones
      frozen weight b: f32[2] = ones
      state c: f32[2] = zeros
      return a * x + b + c
    }
    model m(x: f32[2]) -> f32[2] {
      let g = f frozen
      return f(g(x))
    }
    """
    kinds = {slot.path: slot.frozen for slot in checked(text).tree.slots()}
    assert kinds == {
        "m.g.a": True,
        "m.g.b": True,
        "m.g.c": True,
        "m.f.a": False,
        "m.f.b": True,
        "m.f.c": True,
    }


def test_parts_of_instances_are_frozen() -> None:
    """An instance below it, one weight, with or without the name in front; calls are those of the others."""
    text = """
    use std.layers.{dense}
    layer two(x: f32[2]) -> f32[2] { return x |> dense[2] as a |> dense[2] as b }
    layer deep(x: f32[2]) -> f32[2] { return x |> repeat 3 { two } |> dense[2] as head }
    layer given[f: f32[n] -> f32[n]](x: f32[n]) -> f32[n] { return f(x) }
    model m(x: f32[2]) -> f32[2] {
      let part = two frozen a
      let weight_only = two frozen weight_only.b.W
      let turns = deep frozen two.a
      let shared = two frozen b
      let whole = dense[2] frozen whole
      return two(part(x) + weight_only(x)) + turns(x) + given[f = shared](whole(x))
    }
    """
    program = checked(text)
    frozen = {slot.path for slot in program.tree.slots() if slot.frozen}
    assert frozen == {
        *("m.part.a.W", "m.part.a.b", "m.weight_only.b.W"),
        *("m.turns.two.a.W", "m.turns.two.a.b", "m.shared.b.W", "m.shared.b.b"),
        *("m.whole.W", "m.whole.b"),
    }
    evaluation = program.program.entries[0].evaluation
    assert {child.name for child in evaluation.children if child.frozen} == {"whole"}


def test_the_tree_as_data_is_versioned_json() -> None:
    data = checked(model("return scale(x)")).tree.data()
    assert json.loads(json.dumps(data)) == data
    assert data["version"] == VERSION
