"""Circuits without their execution profile, or with it again and again: what comparisons of gradients take.

What came before: a caller that compares. What leaves: whether shots stand for probabilities now, whether a
gradient method takes the place of the derivative of the simulation, and which repetition this is. Invariant:
outside of `exactly` and `simulated` profiles say both; repetitions draw other shots and directions, and
everything else that is drawn alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import jax

from hqn.runtime.keys import fold

_exact: ContextVar[bool] = ContextVar("exact", default=False)
_simulated: ContextVar[bool] = ContextVar("simulated", default=False)
_repetition: ContextVar[Repetition | None] = ContextVar("repetition", default=None)


@contextmanager
def exactly() -> Iterator[None]:
    """Functions traced inside have probabilities in the place of frequencies of shots."""
    yield from _set(_exact, True)


@contextmanager
def simulated() -> Iterator[None]:
    """Circuits traced inside have the derivative of the simulation, in reverse mode."""
    yield from _set(_simulated, True)


@dataclass(slots=True)
class Repetition:
    """`estimates` tells whether anything was traced that draws."""

    number: jax.Array | int
    estimates: bool = False


@contextmanager
def repetition(number: jax.Array | int) -> Iterator[Repetition]:
    """Derivatives of circuits traced inside are measured once more, with noise of their own."""
    found = Repetition(number)
    with contextmanager(_set)(_repetition, found):
        yield found


def _set(what: ContextVar[Any], value: Any) -> Iterator[None]:
    token = what.set(value)
    try:
        yield
    finally:
        what.reset(token)


def is_exact() -> bool:
    return _exact.get()


def is_simulated() -> bool:
    return _simulated.get()


def is_repeating() -> bool:
    return _repetition.get() is not None


def of_repetition(keys: jax.Array) -> jax.Array:
    """The keys of noise in the present repetition."""
    found = _repetition.get()
    if found is None:
        return keys
    found.estimates = True
    return fold(keys, found.number)
