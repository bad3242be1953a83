"""`take n`: the carry stays as it is after n turns, for each sample by itself."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from support.whole import apply, model

RNG = np.random.default_rng(0)
CELL = """layer cell(h: f32[d], x: f32[d]) -> f32[d] { weight W: f32[d, d] = normal(0.5)
  contract y[o] = W[o, i] * h[i]
  return tanh(y + x) }
"""
SCAN = "scan x in xs take n carry (h = zeros[2]) { next h = cell(h, x) }"


def net(loop: str, trips: int) -> str:
    return f"{CELL}model net(xs: f32[{trips}, 2], n: idx[{trips + 3}]) -> f32[2] {{ return {loop} }}"


def by_hand(w: np.ndarray, xs: np.ndarray, n: int) -> np.ndarray:
    h = np.zeros(2)
    for turn, x in enumerate(xs):
        if turn < n:
            h = np.tanh((w if w.ndim == 2 else w[turn]) @ h + x)
    return h


@pytest.mark.parametrize("trips", [4, 20])
@pytest.mark.parametrize("loop", [SCAN, SCAN.replace("scan", "repeat")])
@pytest.mark.parametrize("passes", [None, ()])
def test_a_loop_stops_for_each_sample(loop: str, trips: int, passes: tuple[str, ...] | None) -> None:
    """Written out and as a scan, with shared weights and with those of each turn; 0 turns and too many."""
    compiled = model(net(loop, trips), passes=passes)
    with jax.enable_x64(True):
        (w,) = (np.asarray(one) for one in compiled.init(0, "f64").flat().values())
    xs, n = RNG.normal(size=(5, trips, 2)), np.array([0, 1, 3, trips, trips + 2])
    expected = [by_hand(w, *sample) for sample in zip(xs, n)]
    np.testing.assert_allclose(apply(compiled, [xs, n]), expected, rtol=1e-10)


def test_a_number_of_turns_that_is_written() -> None:
    text = net(SCAN.replace("take n", "take 3"), 6)
    xs, n = RNG.normal(size=(2, 6, 2)), np.array([0, 1])
    cut = net(SCAN.replace("take n", "").replace("in xs", "in xs[0..3]"), 6)
    np.testing.assert_allclose(apply(model(text), [xs, n]), apply(model(cut), [xs, n]), rtol=1e-10)


def test_gradients_do_not_come_from_turns_that_do_not_count() -> None:
    compiled = model(net(SCAN, 4))
    variables = compiled.init(0)
    xs = RNG.normal(size=(4, 2)).astype(np.float32)
    slope = jax.grad(lambda v: compiled.apply(variables, v, np.int32(2)).sum())(xs)
    assert np.all(np.asarray(slope)[2:] == 0)
    assert np.all(np.asarray(slope)[:2] != 0)
