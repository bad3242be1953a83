"""How much memory a program may take: one limit for everything that is planned.

What came before: `--memory`, the variable HQN_MEMORY of the shell, or the machine. What leaves: bytes.
Invariant: where neither is given, the limit is the same on every machine that has enough, so that a file
compiles to the same text there; on a smaller one it leaves a quarter to others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

VARIABLE, DEFAULT = "HQN_MEMORY", "8GiB"
_UNITS = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
_CONTAINER = "/sys/fs/cgroup/memory.max"


def parse_bytes(text: str) -> int:
    """`8GiB`, `500 MiB`, `4096` as bytes; ValueError on anything else."""
    found = re.fullmatch(r"\s*(\d+)\s*([a-z]*)\s*", text.lower())
    if found is None or found[2] not in _UNITS or not int(found[1]):
        raise ValueError(f"`{text}` is no amount of memory, like 8GiB or 500MiB")
    return int(found[1]) * _UNITS[found[2]]


BYTES = parse_bytes(DEFAULT)
STATES = 3
"""States of complex64 that even one sample of a circuit without gradients takes: two and a copy."""
_limit: ContextVar[int | None] = ContextVar("memory", default=None)


def limit() -> int:
    """Bytes that a circuit may take. Raises ValueError where the variable is no amount."""
    return _limit.get() or parse_bytes(os.environ.get(VARIABLE) or str(standard()))


def standard() -> int:
    """The limit where nobody says one."""
    return min(BYTES, machine() * 3 // 4)


def machine() -> int:
    """The memory of this machine, or what its container may take of it; no limit where it is not known."""
    known = [1 << 62]
    try:
        known.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        with open(_CONTAINER, encoding="ascii") as file:
            known.append(int(file.read()))
    except (AttributeError, OSError, ValueError):  # not this system, no container, or one without a limit
        pass
    return min(one for one in known if one > 0)


@contextmanager
def limited(number: int | None) -> Iterator[None]:
    """What is planned inside keeps this limit; None leaves it as it is."""
    token = _limit.set(number or _limit.get())
    try:
        yield
    finally:
        _limit.reset(token)
