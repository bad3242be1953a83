"""Room for nested texts: their nesting is limited by the language, not by Python's stack."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_FRAMES = 20_000


@contextmanager
def deep_stack() -> Iterator[None]:
    """Calls nest up to the limits of the language, each level of which takes a few frames."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
