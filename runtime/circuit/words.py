"""Words of a register, each with one function per representation.

What came before: a function of a `State`. What leaves: the same name for registers of any representation,
chosen by the class of the first argument.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])


def of_register(of_state: Function) -> Function:
    """A function of a `State` as one that others may be added to."""
    return cast(Function, singledispatch(of_state))


def of(word: Any, representation: type) -> Callable[[Function], Function]:
    """Adds the function of another representation."""
    added: Callable[[Function], Function] = word.register(representation)
    return added
