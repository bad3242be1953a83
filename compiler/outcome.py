"""What a command hands back to the command line, and what it asks the stages behind it for.

What came before: nothing; these are plain types. What leaves: the contract between the commands, the
driver (`hqn.compiler.driver`) and the Python interface (`hqn.compiler.api`). Invariant: no command
prints its result itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Say = Callable[[str], None]
"""Shows a line of progress to a person; it never goes where a result goes."""

EMITS = ("ast", "tree", "ir", "jax", "qasm3", "qasm2", "stablehlo")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`text` is for people (standard output), `data` for programs (`result` under `--json`)."""

    text: str = ""
    data: object = None
    failed: bool = False
    """True where nothing is wrong with the model, yet the answer is no (`hqn fmt --check`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileRequest:
    """How far to compile, and what of. `passes` None means the default ones."""

    emit: str
    model: str | None = None
    circuit: str | None = None
    bound: Mapping[str, Any] = field(default_factory=dict)
    """Values of the circuit's own parameters, by name."""
    policy: str | None = None
    """The model as this policy of the file makes it."""
    execution: str | None = None
    """The model as this execution profile of the file executes it."""
    is_flat: bool = False
    """OpenQASM 3 without loops, arrays and gates of its own."""
    passes: tuple[str, ...] | None = None
    print_after: tuple[str, ...] = ()
    show: Say = field(default=lambda line: None, compare=False)
    """Where `print_after` goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """Which run (None: all of the file) and where its files go; without seed or precision, the file's own."""

    name: str | None
    out: str
    force: bool = False
    seed: int | None = None
    precision: Literal["f32", "f64"] | None = None
    show: Say = field(default=lambda line: None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What of the plan to print; an empty `views` means everything."""

    views: tuple[Literal["contractions", "execution"], ...] = ()
    policy: str | None = None
    execution: str | None = None
    """Show the tables of this execution profile."""
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRequest:
    """What to draw (without names: all models and circuits of a file), and for what."""

    svg: bool = False
    circuit: str | None = None
    model: str | None = None
    policy: str | None = None
    """The model as this policy of the file makes it."""
    width: int = 110
    """Columns of the terminal; SVG has its own width."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Emitted:
    """A target's text, and smaller files that belong beside it by their suffix (`.manifest.json`)."""

    text: str
    beside: Mapping[str, str] = field(default_factory=dict)
