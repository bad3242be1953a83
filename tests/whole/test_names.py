"""Any name may be any name: words of Python, of JAX and of the emitted module itself."""

from __future__ import annotations

import numpy as np
import pytest

from hqn.compiler.api import compile as compiled
from support.whole import Numbers

WORDS = ("lambda", "None", "print", "range", "jnp", "p", "rt", "tn", "PROGRAM", "TABLE_1", "__x", "_")
PLACES = {
    "layer": "layer W(x: f32[3]) -> f32[3] {\nweight a: f32 = uniform(1, 1.5)\nreturn sin(x) * a\n}\n"
    "model m(x: f32[3]) -> f32[3] { return W(x) }",
    "layer without weights": "layer W(x: f32[3]) -> f32[3] { return sin(x) }\n"
    "model m(x: f32[3]) -> f32[3] { return parallel i in 0..2 { yield W(x * W(x)) } |> sum[axes = 0] }",
    "weight": "model m(x: f32[3]) -> f32[3] {\nweight W: f32[3] = ones\nreturn sin(x) * W\n}",
    "angle": "circuit c(x: f32[3]) -> f32[3] {\nqubits q[3]\nweight W: angle[3] = ones\nrx(W) q\nry(x) q\n"
    "return expect(Z(q))\n}\nmodel m(x: f32[3]) -> f32[3] { return c(x) }",
    "circuit": "circuit W(x: f32[3]) -> f32[3] {\nqubits q[3]\nry(x) q\nreturn expect(Z(q))\n}\n"
    "model m(x: f32[3]) -> f32[3] { return W(x) }",
    "local": "model m(x: f32[3]) -> f32[3] {\nW = sin(x) * 2\ny = W * W\nreturn y + sum(W)\n}",
    "parameter": "model m(W: f32[3]) -> f32[3] { return sin(W) }",
    "model": "model W(x: f32[3]) -> f32[3] { return sin(x) }",
    "label": "model m(x: f32[3]) -> f32[3] { return x |> dense[3] as W |> sin }",
    "instance": "model m(x: f32[3]) -> f32[3] {\nlet W = dense[3]\nreturn W(sin(W(x)))\n}",
    "turn": "model m(x: f32[3]) -> f32[3] { return map W in x { yield sin(W) } }",
    "carry": "model m(x: f32[3]) -> f32[3] {\nreturn scan e in x carry (W = x) {\nnext W = sin(W + e)\n}\n}",
    "size": "layer f(x: f32[W]) -> f32[W] { return sin(x) / W }\n"
    "model m(x: f32[3]) -> f32[3] { return f(x) }",
}


def value(text: str, word: str) -> Numbers:
    program = compiled(f"hqn 0.1\nuse std.layers.{{dense}}\n{text.replace('W', word)}\n")
    (model,) = program.models.values()
    return np.asarray(model.apply(model.init(0), np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)))


@pytest.mark.parametrize("place", PLACES)
def test_a_word_is_a_name(place: str) -> None:
    """The same numbers under any name, but for initial values, which follow the path."""
    random = place in ("label", "instance", "layer")
    wanted = value(PLACES[place], "ordinary")
    for word in WORDS:
        found = value(PLACES[place], word)
        assert found.shape == wanted.shape
        if not random:
            np.testing.assert_allclose(found, wanted, rtol=1e-6, err_msg=word)
