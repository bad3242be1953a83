"""An instance under a policy is quantized wherever it is given."""

from __future__ import annotations

import numpy as np

from support.whole import program

HEAD = """
use std.layers.{dense, flatten}
use std.losses.{cross_entropy}
layer two[g: f32[n] -> f32[m]](x: f32[n]) -> f32[m] { return g(x) + 2 * g(x) }
layer both[g: f32[8, 8] -> f32[10]](x: f32[8, 8]) -> f32[10] { return 3 * g(x) }
policy coarse { default w int2 per tensor sym }
data d8 = digits_8x8 |> split(train = 256, test = 64, seed = 0)
"""
RUN = """
run start {
  let net = m
  data (x, y) in d8 batch 64
  minimize cross_entropy(net(x / 16), y) over net by adam(1e-2)
  epochs 1
}
run coarse_eval {
  let q = m from start.net under coarse
  data (x, y) in d8 batch 64
  track loss = mean(cross_entropy(CALL, y) on test)
}
"""


def loss(model: str, call: str = "q(x / 16)") -> float:
    result = program(HEAD + model + RUN.replace("CALL", call)).runs["coarse_eval"].fit()
    return float(result.best.series["loss"][-1])


def test_inside_of_the_model() -> None:
    shared = "model m(x: f32[8, 8]) -> f32[10] { let k = dense[10]\n return two[g = k](flatten(x)) }"
    plain = shared.replace("two[g = k](flatten(x))", "k(flatten(x)) + 2 * k(flatten(x))")
    np.testing.assert_allclose(loss(shared), loss(plain), rtol=1e-6)


def test_given_by_the_run() -> None:
    model = "model m(x: f32[8, 8]) -> f32[10] { return x |> flatten |> dense[10] as k }"
    np.testing.assert_allclose(loss(model, "both[g = q](x / 16)"), loss(model, "3 * q(x / 16)"), rtol=1e-6)
