"""Circuits without their execution profile: what gradients by different methods are compared with.

What came before: a caller that compares. What leaves: whether shots stand for probabilities now, and whether
a gradient method takes the place of the derivative of the simulation. Invariant: outside of `exactly` and
`simulated` profiles say both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_exact: ContextVar[bool] = ContextVar("exact", default=False)
_simulated: ContextVar[bool] = ContextVar("simulated", default=False)


@contextmanager
def exactly() -> Iterator[None]:
    """Functions traced inside have probabilities in the place of frequencies of shots."""
    yield from _set(_exact)


@contextmanager
def simulated() -> Iterator[None]:
    """Circuits traced inside have the derivative of the simulation, in reverse mode."""
    yield from _set(_simulated)


def _set(what: ContextVar[bool]) -> Iterator[None]:
    token = what.set(True)
    try:
        yield
    finally:
        what.reset(token)


def is_exact() -> bool:
    return _exact.get()


def is_simulated() -> bool:
    return _simulated.get()
