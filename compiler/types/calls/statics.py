"""Static values: what brackets, sizes and initialisers can hold while a body is elaborated.

What came before: expressions in brackets. What leaves: plain values that can be compared and hashed, so
that a definition is elaborated once per choice of them. Invariant: a value is never an expression.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from hqn.compiler.source import Span
from hqn.compiler.types.model import DType
from hqn.compiler.types.sizes import Dim, Size

if TYPE_CHECKING:
    from hqn.compiler.names.resolve import Global
    from hqn.compiler.types.scope import Instance
    from hqn.compiler.types.typed import Turn


@dataclass(frozen=True, slots=True)
class UnknownStatic:
    """A number, bool or layer that only an instance knows, or one already reported."""


UNKNOWN_STATIC = UnknownStatic()


@dataclass(frozen=True, slots=True)
class InitialValue:
    """An initialiser as given in brackets or behind a slot: `uniform(0, 2 * pi)`."""

    name: str
    args: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Application:
    """A definition with some of its statics given: `dense[20]`, `qkan[r = 1]`, `dense`.

    `instance` is set where an instance was named instead, as seen in `turns`: then calls share its weights.
    `shared` says the same inside of the callee, which knows that instance by the path of its static only.
    """

    definition: Global
    statics: tuple[tuple[str, StaticValue], ...] = ()
    instance: Instance | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    turns: tuple[Turn, ...] = field(default=(), compare=False, repr=False)
    shared: str | None = None


@dataclass(frozen=True, slots=True)
class PrimitiveValue:
    """A primitive given for a layer-valued static, with its bracket: `relu`, `maxpool2d[2]`."""

    name: str
    items: tuple[tuple[str | None, StaticValue], ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)


StaticValue: TypeAlias = (
    "int | float | bool | str | Size | DType | InitialValue | Application | PrimitiveValue | UnknownStatic"
    " | tuple[StaticValue, ...]"
)


def is_size(value: object) -> bool:
    """Whether a static can stand in a shape."""
    return isinstance(value, Size) or (isinstance(value, int) and not isinstance(value, bool))


def is_number(value: object) -> bool:
    return is_size(value) or isinstance(value, float | UnknownStatic)


def show_static(value: StaticValue) -> str:
    """A static as a user would write it."""
    if isinstance(value, Application):
        return value.definition.name
    if isinstance(value, InitialValue | PrimitiveValue):
        return value.name
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"({', '.join(show_static(item) for item in value)})"
    return "?" if isinstance(value, UnknownStatic) else str(value)


__all__ = [
    "UNKNOWN_STATIC",
    "Application",
    "Dim",
    "InitialValue",
    "PrimitiveValue",
    "StaticValue",
    "UnknownStatic",
    "is_number",
    "is_size",
    "show_static",
]
