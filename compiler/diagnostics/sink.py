"""The sink: where every stage puts what it found, and the one place that limits and orders it."""

from __future__ import annotations

from hqn.compiler.diagnostics.model import Diagnostic, Note

MOST_SHOWN = 20


class Sink:
    """Collects diagnostics, one per (code, span); user mistakes are reported here, never raised."""

    def __init__(self) -> None:
        self._found: dict[object, Diagnostic] = {}
        self._repeats: dict[object, int] = {}

    def report(self, diagnostic: Diagnostic) -> None:
        if self._found.setdefault(diagnostic.key, diagnostic) is not diagnostic:
            self._repeats[diagnostic.key] = self._repeats.get(diagnostic.key, 0) + 1

    @property
    def has_errors(self) -> bool:
        return any(found.level == "error" for found in self._found.values())

    @property
    def all(self) -> list[Diagnostic]:
        """Everything found, in the order of the text; a repeat becomes a note "+ n more"."""
        return [self._with_repeats(key) for key in sorted(self._found, key=self._place)]

    @property
    def shown(self) -> list[Diagnostic]:
        """The first `MOST_SHOWN` of `all`."""
        return self.all[:MOST_SHOWN]

    def _with_repeats(self, key: object) -> Diagnostic:
        found, repeats = self._found[key], self._repeats.get(key, 0)
        if not repeats or not found.via:
            return found
        return found.led_by((*found.via, Note(f"+ {repeats} more like this")))

    def _place(self, key: object) -> tuple[str, int, int]:
        span = self._found[key].span
        return (span.source.name, span.start, span.end) if span else ("", 0, 0)
