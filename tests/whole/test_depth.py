"""Depth is a number: a circuit of 240 layers is the text and the jaxpr of one of 24, but for numbers."""

from __future__ import annotations

import re

import jax
import numpy as np
import pytest

from support.whole import model, module

CIRCUIT = """hqn 0.1
circuit deep[depth](x: f32[n]) -> f32[n] {{
  qubits q[n]
  rx(x) q
  repeat {head} {{
    weight w: angle[n, 3] = uniform(0, 2 * pi)
    {body}
    repeat i in 0..n {{ cx q[i], q[(i + 1) % n] }}
  }}
  return expect(Z(q))
}}
model net(x: f32[3]) -> f32[3] {{ return deep[DEPTH](x) as deep }}
"""
CLASSICAL = """hqn 0.1
use std.layers.{dense}
model net(x: f32[3]) -> f32[3] { return x |> repeat DEPTH { dense[3] as d } }
"""
TEXTS = {
    "circuit": CIRCUIT.format(head="depth", body="rot(w) q"),
    "encoding again": CIRCUIT.format(head="depth", body="rot(w) q\n    rx(x) q"),
    "turning": CIRCUIT.format(head="l in 0..depth", body="ry(w[0, 0]) q[l % 2]"),
    "classical": CLASSICAL,
}


def without_numbers(text: str) -> str:
    """Without white space too: how many digits a number has decides where lines break.

    How many samples fit at once depends on the depth; circuits that many fit into say nothing of it.
    """
    alike = re.sub(r"^@qc\.at_once\(.*\)\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\s+", "", re.sub(r"\d+", "N", alike))


def gradient_text(text: str) -> str:
    found = model(text)
    step = jax.value_and_grad(lambda variables, x: found.apply(variables, x).sum())
    return str(jax.make_jaxpr(step)(found.init(0), np.zeros((2, 3), np.float32)))


@pytest.mark.parametrize("kind", TEXTS)
def test_text_and_jaxpr_do_not_grow(kind: str) -> None:
    shallow, deep = (TEXTS[kind].replace("DEPTH", depth) for depth in ("24", "240"))
    assert without_numbers(module(shallow)) == without_numbers(module(deep))
    assert without_numbers(gradient_text(shallow)) == without_numbers(gradient_text(deep))
