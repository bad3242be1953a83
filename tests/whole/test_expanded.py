"""Loops whose variable reaches a shape or a choice are written out, and mean what they say."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from support.whole import apply, model

X = np.random.default_rng(0).normal(size=(3, 5))


def net(loop: str, result: str = "f32[5]", params: str = "x: f32[5]") -> str:
    return f"model net({params}) -> {result} {{ return {loop} }}"


@pytest.mark.parametrize("passes", [None, ()])
def test_pieces_of_growing_length(passes: tuple[str, ...] | None) -> None:
    loop = "map i in 1..6 step 2 { yield sum(x[0..i]) * f32(i) }"
    expected = np.stack([X[:, :i].sum(axis=-1) * i for i in (1, 3, 5)], axis=-1)
    found = apply(model(net(loop, "f32[3]"), passes=passes), [X])
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_weights_are_those_of_the_turns() -> None:
    """As in the loop that is not written out: one array with the axis of the loop."""
    body = "weight w: f32[5] = normal(1.0)\n k = i % 2\n next h = tanh(h * w) + f32(k){}"
    loops = [
        f"repeat i in 0..4 carry (h = x) {{ {body.format(more)} }}"
        for more in ("", " + 0 * sum(h[0..i + 1])")
    ]
    plain, written = (model(net(loop)) for loop in loops)
    assert [slot.path for slot in written.slots] == ["w"] and written.slots[0].shape == (4, 5)
    with jax.enable_x64(True):
        np.testing.assert_array_equal(plain.init(3, "f64").flat()["w"], written.init(3, "f64").flat()["w"])
    np.testing.assert_allclose(apply(plain, [X]), apply(written, [X]), rtol=1e-10)


def test_a_choice_by_turn() -> None:
    loop = "scan i in 0..4 carry (h = x) { next h = if i % 2 == 0 { 2 * h } else { h + 1 } }"
    np.testing.assert_allclose(apply(model(net(loop)), [X]), 2 * (2 * X + 1) + 1, rtol=1e-5)


def test_a_written_loop_that_stops_early() -> None:
    loop = "scan i in 0..4 take n carry (h = x) { next h = h + sum(x[0..i + 1]) }"
    n = np.array([0, 2, 9])
    sums = np.cumsum(X, axis=-1)
    expected = [x + total[: min(count, 4)].sum() for x, total, count in zip(X, sums, n)]
    found = apply(model(net(loop, params="x: f32[5], n: idx[10]")), [X, n])
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_loops_in_loops() -> None:
    loop = "map i in 1..4 { yield sum(map j in 0..i { yield x[j] * f32(i) }) }"
    expected = np.stack([X[:, :i].sum(axis=-1) * i for i in (1, 2, 3)], axis=-1)
    np.testing.assert_allclose(apply(model(net(loop, "f32[3]")), [X]), expected, rtol=1e-5)
