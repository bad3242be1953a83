"""What an emitter is: a name, what it cannot express, and text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hqn.compiler.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Artifact:
    """Emitted text; `source_map` leads from its lines (from 1) to `file:line` of the .hqn text.

    `manifest` says in plain data what a reader of the text cannot see in it.
    """

    text: str
    source_map: Mapping[int, str] = field(default_factory=dict)
    manifest: Mapping[str, Any] = field(default_factory=dict)


class Target(Protocol):
    """An emitter. `built` is what the passes leave; `emit` is called only if nothing is unsupported."""

    name: str

    def unsupported(self, built: Any) -> Iterator[Diagnostic]:
        """What this target cannot express, each at its place in the .hqn text."""
        ...

    def emit(self, built: Any) -> Artifact:
        """The program as text of this target."""
        ...
