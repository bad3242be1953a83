"""Forms of runs: a sample as one record, draws, an attack on the network that is being trained."""

from __future__ import annotations

import numpy as np

from support.whole import module, program

HEAD = """
use std.layers.{dense, flatten}
use std.losses.{cross_entropy, accuracy}
layer mlp(x: f32[8, 8]) -> f32[10] { return x |> flatten |> dense[10] as head }
data d8 = digits_8x8 |> split(train = 256, test = 64, seed = 0)
"""
LAST = """
  epochs 2
  track acc = mean(accuracy(net({}), {}) on test)
}}
"""


def run(lines: str, x: str = "x", y: str = "y") -> str:
    return f"{HEAD}\nrun fit {{\n  let net = mlp\n{lines}{LAST.format(x, y)}"


PAIR = run("""
  data (x, y) in d8 batch 64
  minimize cross_entropy(net(x / 16), y) over net by adam(1e-2)
""")


def test_a_sample_as_one_record_is_its_fields() -> None:
    whole = run("""
      data s in d8 batch 64
      minimize cross_entropy(net(s.x / 16), s.y) over net by adam(1e-2)
    """, "s.x", "s.y")  # fmt: skip
    first, second = (program(text).runs["fit"].fit() for text in (PAIR, whole))
    assert first.best.series == second.best.series
    for path, value in first.best.values.items():
        np.testing.assert_array_equal(value, second.best.values[path])


def test_a_draw_is_new_in_each_step_and_the_same_in_all_losses() -> None:
    """Two losses in one step see one draw: what one adds the other takes away."""
    drawn = run("""
      data (x, y) in d8 batch 64
      draw u: f32 = normal(1.0) per step
      noisy = cross_entropy(net(x / 16), y) + 0 * u
      minimize noisy over net by adam(1e-2)
    """)
    first, second = (program(text).runs["fit"].fit() for text in (PAIR, drawn))
    for path, value in first.best.values.items():
        np.testing.assert_allclose(value, second.best.values[path], rtol=1e-5, atol=1e-7)
    text = module(drawn)
    assert 'rnd.normal(keys["u"], "step"' in text
    assert "def fit_on_test(p, x, y):" in text, "what uses no draw takes no keys"


def test_training_against_an_attack_on_the_network_itself() -> None:
    """The attack reads the weights of the step, and adds none."""
    text = (
        HEAD
        + """
    layer pgd[f: f32[..s] -> f32[k], eps = 0.1, steps = 3](x: f32[..s], y: idx[k]) -> f32[..s] {
      xa = scan i in 0..steps carry (a = x) {
        e = cross_entropy(f(a), y)
        next a = clip(a + eps / steps * sign(grad(e, a)), x - eps, x + eps)
      }
      return stop(xa)
    }
    run robust {
      let net = mlp
      data (x, y) in d8 batch 64
      z = x / 16
      za = pgd[f = net, eps = 0.02](z, y)
      minimize cross_entropy(net(z), y) + cross_entropy(net(za), y) over net by adam(1e-2)
      epochs 3
      track clean = mean(accuracy(net(z), y) on test)
      track attacked = mean(accuracy(net(za), y) on test)
      assert params(net) == 650
      assert attacked[last] < clean[last]
    }
    """
    )
    found = program(text).runs["robust"]
    assert {slot.path for slot in found.spec.slots} == {"net.head.W", "net.head.b"}
    found.fit()
