"""Small forms of expressions: several index arrays, stages in the body of a loop, lengths as conditions."""

from __future__ import annotations

import numpy as np
import pytest

from support.whole import apply, model

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 4, 5, 3))
ROWS, COLUMNS = np.array([3, 0, 1]), np.array([4, 4, 2])


@pytest.mark.parametrize("index, expected, result", [
    ("i, j", X[:, ROWS, COLUMNS], "f32[3, 3]"),
    ("i, j, 0..2", X[:, ROWS, COLUMNS, :2], "f32[3, 2]"),
    ("i, j, new, 1", X[:, ROWS, COLUMNS, 1][:, :, None], "f32[3, 1]"),
    ("1..3, j, k", X[:, 1:3][:, :, COLUMNS, [0, 2, 1]], "f32[2, 3]"),
    ("i, j, k", X[:, ROWS, COLUMNS, [0, 2, 1]], "f32[3]"),
    ("i, j, k[0]", X[:, ROWS, COLUMNS, 0], "f32[3]"),
])  # fmt: skip
def test_index_arrays_go_together(index: str, expected: np.ndarray, result: str) -> None:
    text = f"""model net(x: f32[4, 5, 3], i: idx[4][3], j: idx[5][3], k: idx[3][3]) -> {result} {{
      return x[{index}]
    }}"""
    both = [np.stack([one] * 2) for one in (ROWS, COLUMNS, np.array([0, 2, 1]))]
    np.testing.assert_array_equal(apply(model(text), [X, *both]), expected)


def test_stages_in_the_body_of_a_loop_and_a_length_as_a_condition() -> None:
    text = """
    layer scale(x: f32[n]) -> f32[n] { return if len(x) == 3 { 2 * x } else { 3 * x } }
    model net(x: f32[4, 5, 3]) -> f32[3] { return x[0, 1] |> repeat 2 { scale |> tanh |> scale } }
    """
    x = X[:, 0, 1]
    for _ in range(2):
        x = 2 * np.tanh(2 * x)
    np.testing.assert_allclose(apply(model(text), [X]), x, rtol=1e-6)
