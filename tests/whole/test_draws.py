"""Random indices: their range, their distribution, and what they choose."""

from __future__ import annotations

import jax
import numpy as np

from hqn.runtime import keys
from support.whole import module, program

TEXT = """
layer lowrank(x: f32[n]) -> f32[n] {
  weight U, V: f32[2, n] = normal(0.5)
  frozen weight keep: f32[2] = ones
  contract y[o] = U[k, o] * keep[k] * V[k, i] * x[i]
  return y
}
layer net(x: f32[4]) -> f32[4] { return x |> repeat 3 { lowrank } }
data flowers = iris |> standardize |> split(train = 120, test = 30, seed = 0)
run fit {
  let net = net
  data (x, y) in flowers batch 60
  draw i: idx[count(all(lowrank, net))] = uniform per step
  draw j: idx[2] = uniform per step
  z = net(x) with {lowrank[k].keep = select(k == i, one_hot(j), ones[2])}
  minimize mean(z * z) + 1e-3 * (sum(l in all(lowrank, net)) norm(l.U)) over net by sgd(0.1)
  epochs 2
  track U = sum(l in all(lowrank, net)) norm(l.U)
}
"""


def test_indices_are_below_their_bound_and_equally_likely() -> None:
    drawn = np.asarray(keys.index(keys.keys_of(jax.random.key(0), ()), "run", 5, (20_000,)))
    assert drawn.dtype == np.int32
    counts = np.bincount(drawn.ravel(), minlength=5)
    assert len(counts) == 5
    np.testing.assert_allclose(counts / drawn.size, 0.2, atol=0.02)


def test_a_rank_of_a_random_instance_is_left_out_in_each_step() -> None:
    """A draw whose range is a number of instances, in the `with` of the call that creates them."""
    text = module(TEXT)
    assert 'rnd.index(keys["i"], "step", 3, ())' in text
    series = program(TEXT).runs["fit"].fit().best.series["U"]
    assert series[-1] < series[0]
