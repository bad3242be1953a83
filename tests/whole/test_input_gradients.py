"""Gradients by the input of a circuit, which adversarial examples are made of, by every method, in f64."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest

import hqn
from support.repository import ROOT

PROFILES = """
execute shift { default gradient parameter_shift }
execute undo { default gradient adjoint }
execute steps { default gradient finite_difference }
"""
UPLOADED = """hqn 0.1
use std.circuits.{re_uploading}
circuit uploaded(x: f32[3]) -> f32[3] {              # angles are products of weights and features
  qubits q[3]
  re_uploading[3](tanh(x)) q
  return expect(Z(q) * x)
}
model net(x: f32[3]) -> f32[3] { return uploaded(2 * x) }
"""


def attacked() -> str:
    """The circuit of examples/adversarial.hqn, as it stands there."""
    text = (ROOT / "examples" / "adversarial.hqn").read_text()
    begin = text.index("circuit classifier")
    circuit = text[begin : text.index("\n}\n", begin) + 3]
    return circuit + "model net(x: f32[8, 8]) -> f32[2] { return classifier[11](x) }\n"


CASES = {"adversarial": (attacked, (8, 8)), "re-uploading": (lambda: UPLOADED, (3,))}


@pytest.mark.parametrize("case", CASES)
def test_all_methods_give_the_derivative_by_the_input(case: str) -> None:
    text, shape = CASES[case][0](), CASES[case][1]
    net = hqn.compile(text + PROFILES).models["net"]
    rng = np.random.default_rng(0)
    x, ways = rng.uniform(size=(2, *shape)), rng.normal(size=(2, *shape))
    with jax.enable_x64(True):
        variables = net.init(0, "f64")

        def loss(model: Any, params: Any, x: Any) -> Any:
            values = model.apply(replace(variables, params=params), x)
            return -jax.nn.log_softmax(values)[..., 0].sum()

        def gradient(model: Any) -> Any:
            return jax.jit(jax.grad(lambda *at: loss(model, *at), (0, 1)))(variables.params, x)

        wanted = gradient(net)
        for name, tolerance in (("shift", 1e-9), ("undo", 1e-9), ("steps", 1e-7)):
            for found, exact in zip(*(jax.tree.leaves(one) for one in (gradient(net.under(name)), wanted))):
                np.testing.assert_allclose(found, exact, atol=tolerance, err_msg=name)
                assert np.abs(exact).max() > 1e-3
        moved = jax.jit(lambda step: loss(net, variables.params, x + step * ways))
        slope = float(moved(1e-6) - moved(-1e-6)) / 2e-6
        assert float((wanted[1] * ways).sum()) == pytest.approx(slope, abs=1e-7)
