"""Execution profiles, resolved: how every circuit of a model is differentiated and measured, and which rule
said so.

What came before: `check_execution`. What leaves: one `Execution` per profile, its arguments and the model
that it is put on; plain data that passes and plans read. Invariant: each circuit of the model with qubits
of its own has one `Treatment`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hqn.compiler.source import Span

EXACT = ("auto", "reverse", "adjoint")
"""Gradient methods that differentiate a simulation: they know the state, so they cannot be had of shots."""
SHIFTED = ("parameter_shift", "finite_difference", "spsa")
"""Gradient methods that run the circuit at other angles."""


@dataclass(frozen=True, slots=True)
class Gradient:
    """A method and its numbers: the step of `finite_difference` and `spsa`, the directions of `spsa`."""

    method: str = "auto"
    arguments: tuple[float, ...] = ()

    def __str__(self) -> str:
        numbers = ", ".join(f"{number:g}" for number in self.arguments)
        return f"{self.method}({numbers})" if numbers else self.method


AUTO = Gradient()


@dataclass(frozen=True, slots=True)
class Treatment:
    """How one circuit is executed; `shots` is None where its results are exact."""

    path: str
    gradient: Gradient
    shots: int | None
    rules: tuple[str, ...] = ()
    """Which lines said so, with their places."""

    @property
    def says(self) -> bool:
        """Whether the circuit is executed otherwise than without a profile."""
        return self.shots is not None or self.gradient != AUTO


@dataclass(frozen=True, slots=True)
class Execution:
    """A profile on a model. `name` has the values of its arguments: `lab(1024)`."""

    name: str
    model: str
    treatments: tuple[Treatment, ...]
    span: Span | None = field(default=None, compare=False, repr=False)

    def text(self) -> str:
        """The table, one line per circuit."""
        cells = [
            (one.path, f"gradient {one.gradient}", _shots(one), ", ".join(one.rules))
            for one in self.treatments
        ]
        widths = [max((len(row[column]) for row in cells), default=0) for column in range(3)]
        lines = [f"execute {self.name} on model {self.model}"]
        for row in cells:
            padded = [cell.ljust(width) for cell, width in zip(row, widths)]
            lines.append("  " + "  ".join([*padded, row[3] or "no rule"]))
        return "\n".join(lines)


def _shots(one: Treatment) -> str:
    return "exact" if one.shots is None else f"{one.shots} shots"
