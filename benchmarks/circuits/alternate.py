"""Two or more steps in one process, timed in alternation, so that a busy machine slows all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import jax

Step = Callable[[], Any]


def first_call(step: Step) -> float:
    """Seconds until the first result."""
    started = time.perf_counter()
    jax.block_until_ready(step())
    return time.perf_counter() - started


def medians(steps: Mapping[str, Step], rounds: int = 15, seconds: float = 12.0) -> dict[str, float]:
    """Median seconds of each, over rounds in which each runs for some 20 ms; at least three rounds."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    end = time.perf_counter() + seconds
    for turn in range(rounds):
        if turn >= 3 and time.perf_counter() > end:
            break
        for name, step in steps.items():
            seen = times[name]
            count = min(100, max(1, int(0.02 / seen[-1]))) if seen else 1
            started = time.perf_counter()
            for _ in range(count):
                jax.block_until_ready(step())
            seen.append((time.perf_counter() - started) / count)
    return {name: statistics.median(seen) for name, seen in times.items()}
