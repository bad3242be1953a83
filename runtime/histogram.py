"""Streaming histograms: what calibration remembers of a tensor, however much of it comes by.

What came before: arrays, batch after batch. What leaves: exact extremes, and percentiles to within one bin.
Invariants: memory is `BINS` counts; the counts depend on the values alone, not on how they were cut into
batches, because widths are powers of two and doubling the range merges neighbouring bins exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import frexp, inf
from typing import Any

import numpy as np

BINS = 2048
HALF = BINS // 2


@dataclass(slots=True)
class Histogram:
    """Counts of values in bins of width 2^exponent around zero: bin i begins at (i - HALF) * 2^exponent."""

    counts: np.ndarray = field(default_factory=lambda: np.zeros(BINS, np.int64))
    exponent: int | None = None
    low: float = inf
    high: float = -inf

    def add(self, values: Any) -> None:
        """Take more values in; those that are not finite are left out."""
        flat = np.asarray(values, np.float64).reshape(-1)
        flat = flat[np.isfinite(flat)]
        if not flat.size:
            return
        self.low, self.high = min(self.low, float(flat.min())), max(self.high, float(flat.max()))
        self._reach(max(-self.low, self.high))
        if self.exponent is None:  # nothing but zeros so far
            self.counts[HALF] += flat.size
            return
        places = np.floor(np.ldexp(flat, -self.exponent)).astype(np.int64) + HALF
        self.counts += np.bincount(places, minlength=BINS)

    def _reach(self, largest: float) -> None:
        """Double the range until `largest` lies strictly inside."""
        if largest == 0:
            return
        needed = frexp(largest)[1] - HALF.bit_length() + 1  # largest < 2^e = HALF * 2^needed
        if self.exponent is None:
            self.exponent = needed
        while self.exponent < needed:
            self.counts = self._doubled()
            self.exponent += 1

    def _doubled(self) -> np.ndarray:
        merged = self.counts.reshape(HALF, 2).sum(axis=1)
        quarter = HALF // 2
        return np.concatenate([np.zeros(quarter, np.int64), merged, np.zeros(quarter, np.int64)])

    # --- reading ----------------------------------------------------------------------------------

    def range(self, percentile: float, symmetric: bool) -> tuple[float, float]:
        """The range that covers `percentile` percent: of the magnitudes (symmetric), or cut at either end.

        All of it for 100. Nothing seen is the range 0 to 0.
        """
        if self.low > self.high:
            return 0.0, 0.0
        if percentile >= 100 or self.exponent is None:
            low, high = self.low, self.high
        elif symmetric:
            high = self._quantile(self.counts[HALF:] + self.counts[HALF - 1 :: -1], percentile / 100)
            high = min(high, max(-self.low, self.high))
            low = -high
        else:
            upwards = self._quantile(self.counts, percentile / 100) + self._start
            downwards = -(self._quantile(self.counts[::-1], percentile / 100) + self._start)
            low, high = max(self.low, downwards), min(self.high, upwards)
        return (-max(-low, high), max(-low, high)) if symmetric else (low, high)

    @property
    def _start(self) -> float:
        """Where the first bin begins."""
        assert self.exponent is not None
        return float(np.ldexp(-float(HALF), self.exponent))

    def _quantile(self, counts: np.ndarray, part: float) -> float:
        """How far from the beginning of the first bin `part` of the counts lie, linear inside a bin."""
        assert self.exponent is not None
        below = np.cumsum(counts)
        wanted = part * below[-1]
        place = int(np.searchsorted(below, wanted))
        before = below[place] - counts[place]
        inside = (wanted - before) / max(counts[place], 1)
        return float(np.ldexp(place + inside, self.exponent))
