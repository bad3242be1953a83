"""Bases of diagnostics that help in the same way; a stage's `errors.py` derives from them.

What came before: `Diagnostic`. What leaves: classes with a field or two, and the help that is made of them.
Invariant: none has a code, so none is reported itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from hqn.compiler.diagnostics.model import Diagnostic


class WithNearest(Diagnostic):
    """A name that is none of a few: the one that it resembles, else all of them."""

    offer: ClassVar[str] = "there are"

    nearest: str | None = None
    choices: tuple[str, ...] = ()

    def helps(self) -> Iterator[str]:
        if self.nearest:
            yield f"did you mean `{self.nearest}`?"
        elif self.choices:
            yield f"{self.offer} {', '.join(f'`{choice}`' for choice in self.choices)}"


class WithExample(Diagnostic):
    """What could stand in this place."""

    example: str | None = None

    def helps(self) -> Iterator[str]:
        if self.example:
            yield f"write `{self.example}`"


class WithHint(Diagnostic):
    """Advice that whoever reports it knows."""

    hint: str | None = None

    def helps(self) -> Iterator[str]:
        if self.hint:
            yield self.hint
