"""How much memory a program may take: one limit for everything that is planned.

What came before: `--memory` or the variable HQN_MEMORY of the shell. What leaves: bytes. Invariant: without
either the limit is the same on every machine, so that a file always compiles to the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

VARIABLE, DEFAULT = "HQN_MEMORY", "8GiB"
_UNITS = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}


def parse_bytes(text: str) -> int:
    """`8GiB`, `500 MiB`, `4096` as bytes; ValueError on anything else."""
    found = re.fullmatch(r"\s*(\d+)\s*([a-z]*)\s*", text.lower())
    if found is None or found[2] not in _UNITS or not int(found[1]):
        raise ValueError(f"`{text}` is no amount of memory, like 8GiB or 500MiB")
    return int(found[1]) * _UNITS[found[2]]


BYTES = parse_bytes(DEFAULT)
STATES = 3
"""States of complex64 that even one sample of a circuit without gradients takes: two and a copy."""
_limit = ContextVar("memory", default=BYTES)


def limit() -> int:
    """Bytes that a circuit may take."""
    return _limit.get()


@contextmanager
def limited(number: int) -> Iterator[None]:
    """What is planned inside keeps this limit."""
    token = _limit.set(number)
    try:
        yield
    finally:
        _limit.reset(token)
