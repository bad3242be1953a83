"""Weights that are others in each turn of a loop: it is written out, and their paths have the number."""

from __future__ import annotations

import jax
import numpy as np

from hqn.compiler import driver
from hqn.compiler.plan.text import execution_text
from support.whole import apply, checked, model, program

TEXT = """
use std.layers.{dense}
use std.losses.{cross_entropy}
layer scaled[c](x: f32[n]) -> f32[n] {
  weight w: f32[n] = constant(c + 1)
  return w * x + c
}
layer pyramid(x: f32[n]) -> f32[3] {
  return parallel i in 0..3 {
    weight w: f32[i + 1] = normal(1.0)
    yield sum(dense[i + 1](x) * w)
  }
}
"""
RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 4))
Weights = dict[str, np.ndarray]


def weights(text: str) -> Weights:
    with jax.enable_x64(True):
        return {path: np.asarray(one) for path, one in model(text).init(0, "f64").flat().items()}


def test_weights_of_other_shapes() -> None:
    text = TEXT + "model net(x: f32[4]) -> f32[3] { return pyramid(x) }"
    w = weights(text)
    assert [w[f"pyramid.w[{i}]"].shape for i in range(3)] == [(1,), (2,), (3,)]
    expected = [
        (X @ w[f"pyramid.dense[{i}].W"].T + w[f"pyramid.dense[{i}].b"]) @ w[f"pyramid.w[{i}]"]
        for i in range(3)
    ]
    np.testing.assert_allclose(apply(model(text), [X]), np.stack(expected, axis=1), rtol=1e-12)


def test_weights_of_other_starts_in_an_instance_and_in_a_call() -> None:
    for call in ("let s = scaled[i]\n next h = s(h)", "next h = scaled[i](h) as s"):
        text = f"""{TEXT}model net(x: f32[4]) -> f32[4] {{ return repeat i in 0..3 carry (h = x) {{
          {call}
        }} }}"""
        w = weights(text)
        assert [float(w[f"s[{i}].w"][0]) for i in range(3)] == [1, 2, 3]
        np.testing.assert_allclose(apply(model(text), [X]), ((X * 2) + 1) * 3 + 2, rtol=1e-12)


def test_what_is_the_same_in_each_turn_keeps_its_axis() -> None:
    text = (
        TEXT
        + """model net(x: f32[4]) -> f32[4] { return repeat i in 0..3 carry (h = x) {
      weight v: f32[4] = ones
      weight w: f32[i + 1] = ones
      next h = h * v * sum(w)
    } }"""
    )
    w = weights(text)
    assert {path: one.shape for path, one in w.items()} == {
        "v": (3, 4), "w[0]": (1,), "w[1]": (2,), "w[2]": (3,)
    }  # fmt: skip
    np.testing.assert_allclose(apply(model(text), [X]), 6 * X, rtol=1e-12)


def test_loops_within_loops() -> None:
    """A loop that stays one keeps its axis; of two that are written out each gives a number."""
    text = (
        TEXT
        + """model net(x: f32[4]) -> f32[2, 2, 3] {
      return parallel i in 0..2 { yield parallel j in 0..2 {
        weight a: f32[i + j + 1] = ones
        yield parallel k in 0..3 {
          weight b: f32[i + 1] = ones
          yield sum(a) * sum(b) * (1 + f32(k)) * x[0] } } }
    }"""
    )
    w = weights(text)
    assert {path: one.shape for path, one in w.items() if path.startswith("b")} == {
        f"b[{i}][{j}]": (3, i + 1) for i in range(2) for j in range(2)
    }
    i, j, k = np.ogrid[:2, :2, :3]
    expected = (i + j + 1) * (i + 1) * (k + 1) * X[:, 0, None, None, None]
    np.testing.assert_allclose(apply(model(text), [X]), expected, rtol=1e-12)


def test_they_are_given_read_and_counted_by_their_paths() -> None:
    text = (
        TEXT
        + """
    layer norms(W: f32[o, i]) -> f32 { return sum(W * W) }
    model net(x: f32[4]) -> f32[3] {
      y = pyramid(x) with {w[2] = x[0..3], dense[1].b = x[0..2]}
      return y + (sum(d in all(dense, pyramid)) norms(d.W)) + f32(count(all(dense, pyramid)))
    }
    """
    )
    w = weights(text)
    assert "pyramid.w[2]" not in w and "pyramid.dense[1].b" not in w
    given = {**w, "pyramid.dense[1].b": X[:, :2], "pyramid.w[2]": X[:, :3]}
    y = [
        np.sum(
            (X @ given[f"pyramid.dense[{i}].W"].T + given[f"pyramid.dense[{i}].b"])
            * given[f"pyramid.w[{i}]"],
            1,
        )
        for i in range(3)
    ]
    penalty = sum(np.sum(w[f"pyramid.dense[{i}].W"] ** 2) for i in range(3))
    np.testing.assert_allclose(apply(model(text), [X]), np.stack(y, 1) + penalty + 3, rtol=1e-12)


def test_a_run_trains_them_and_a_policy_selects_one() -> None:
    text = (
        TEXT
        + """
    model net(x: f32[4]) -> f32[3] { return pyramid(x) }
    policy small for net { default w int8; rule net.pyramid.dense*.W w int4 }
    data flowers = iris |> standardize |> split(train = 120, test = 30, seed = 0)
    run fit {
      let net = net under small
      data (x, y) in flowers batch 60
      minimize cross_entropy(net(x), y) over net by adam(1e-2)
      epochs 1
    }"""
    )
    (policy,) = checked(text).program.policies
    assert "net.pyramid.dense[1].W" in str(policy)
    assert "`dense` is another one in each turn, `dense[0]` …" in execution_text(driver.build(checked(text)))
    best = program(text).runs["fit"].fit().best
    assert best.values["net.pyramid.dense[2].W"].shape == (3, 4)
