"""Streaming histograms: the same whatever the batches, exact at the ends, percentiles to within a bin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hqn.runtime.histogram import BINS, HALF, Histogram

VALUES = arrays.arrays(
    np.float32, st.integers(1, 60), elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=False)
)


def of(*batches: np.ndarray) -> Histogram:
    histogram = Histogram()
    for batch in batches:
        histogram.add(batch)
    return histogram


@settings(max_examples=100, deadline=None)
@given(VALUES, st.lists(st.integers(0, 60), max_size=5), st.randoms())
def test_batches_and_order_do_not_matter(values: np.ndarray, cuts: list[int], random: object) -> None:
    whole = of(values)
    shuffled = values.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    parts = of(*np.split(shuffled, sorted(min(cut, len(values)) for cut in cuts)))
    assert (whole.counts == parts.counts).all()
    assert (whole.exponent, whole.low, whole.high) == (parts.exponent, parts.low, parts.high)
    for percentile in (90.0, 99.9, 100.0):
        assert whole.range(percentile, True) == parts.range(percentile, True)
        assert whole.range(percentile, False) == parts.range(percentile, False)


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_nothing_is_lost_and_the_ends_are_exact(values: np.ndarray) -> None:
    histogram = of(values)
    assert histogram.counts.sum() == len(values)
    assert histogram.counts.shape == (BINS,)
    assert histogram.range(100, False) == (values.min(), values.max())
    assert histogram.range(100, True) == (-abs(values).max(), abs(values).max())


@pytest.mark.parametrize("percentile", [90.0, 99.0, 99.9])
def test_percentiles_are_those_of_numpy_to_within_a_bin(percentile: float) -> None:
    values = np.random.default_rng(0).normal(0.3, 2, 100_000)
    histogram = of(*np.split(values, 10))
    assert histogram.exponent is not None
    bin_ = 2.0**histogram.exponent
    low, high = histogram.range(percentile, False)
    assert abs(low - np.percentile(values, 100 - percentile)) <= bin_
    assert abs(high - np.percentile(values, percentile)) <= bin_
    assert abs(histogram.range(percentile, True)[1] - np.percentile(abs(values), percentile)) <= 2 * bin_


def test_zeros_nothing_and_values_that_are_not_finite() -> None:
    assert Histogram().range(99.9, True) == (0, 0)
    zeros = of(np.zeros(5))
    assert zeros.range(99.9, False) == (0, 0)
    zeros.add(np.array([np.nan, np.inf, 1.0]))
    assert zeros.counts.sum() == 6
    assert zeros.counts[HALF] == 5
    assert zeros.range(100, False) == (0, 1)
