"""Diagnostics as typed data: each mistake is one frozen class of fields with text templates.

A stage declares its diagnostics in its own `errors.py`:

    class DefinedTwice(Diagnostic):
        code = "HQN0202"
        title = "one name defined twice"
        label = "`{name}` is already defined"

        name: str
        first: Span

        def notes(self) -> Iterator[Note]:
            yield Note("the first definition", self.first)

The label says what is wrong, notes say where it comes from, helps say what to do; bases that help in the
same way are in `helping.py`. Two levels only: an error stops the command, a warning never does. Templates
are filled with the fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, Self, dataclass_transform

from hqn.compiler.source import Span


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that explains the first: the other end of a clash, the first use of a qubit."""

    text: str
    span: Span | None = None


@dataclass_transform(kw_only_default=True, frozen_default=True)
class _Frozen:
    """A frozen dataclass without the decorator: the annotations of a subclass are its fields.

    Generating methods for hundreds of classes would take as long as checking a file, and nearly all stay
    unused.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = (name for name, type_ in cls.__annotations__.items() if "ClassVar" not in str(type_))
        cls.FIELDS = (*cls.FIELDS, *own)

    def __init__(self, **given: object) -> None:
        missing = [name for name in self.FIELDS if name not in given and not hasattr(type(self), name)]
        unknown = given.keys() - set(self.FIELDS)
        if missing or unknown:
            raise TypeError(f"{type(self).__name__} lacks {missing}, does not know {sorted(unknown)}")
        values = {name: given[name] if name in given else getattr(type(self), name) for name in self.FIELDS}
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a diagnostic does not change: {name}")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({shown})"


class Diagnostic(_Frozen):
    """Base of every diagnostic. `span` is None only where no file is involved (a bad command)."""

    code: ClassVar[str]
    title: ClassVar[str]
    label: ClassVar[str]
    level: ClassVar[Literal["error", "warning"]] = "error"

    span: Span | None = None
    via: tuple[Note, ...] = ()
    """How an instance led here: the call chain, for errors found while instantiating."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in vars(cls) and not re.fullmatch(r"HQN0[1-8]\d\d", cls.code):
            raise TypeError(f"{cls.__name__}.code must look like HQN0304, not {cls.code!r}")

    def __hash__(self) -> int:
        return hash((type(self), self.span))

    def led_by(self, via: tuple[Note, ...]) -> Self:
        """The same diagnostic with this call chain."""
        return type(self)(**{**vars(self), "via": via})

    @property
    def message(self) -> str:
        """The label with this diagnostic's fields filled in."""
        return self.label.format_map(vars(self))

    def notes(self) -> Iterator[Note]:
        """Where it comes from; subclasses add theirs."""
        return iter(())

    def helps(self) -> Iterator[str]:
        """What to do about it; subclasses add theirs."""
        return iter(())

    @property
    def key(self) -> tuple[str, Span | None]:
        """Diagnostics with one key are one diagnostic."""
        return self.code, self.span


def known_codes() -> dict[str, type[Diagnostic]]:
    """Every diagnostic class by code, of all modules imported so far."""
    found: dict[str, type[Diagnostic]] = {}
    pending = list(Diagnostic.__subclasses__())
    while pending:
        cls = pending.pop()
        pending += cls.__subclasses__()
        if "code" in vars(cls) and found.setdefault(cls.code, cls) is not cls:
            raise TypeError(f"{cls.code} is used by {found[cls.code].__name__} and {cls.__name__}")
    return dict(sorted(found.items()))
