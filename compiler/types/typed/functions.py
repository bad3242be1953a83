"""Typed functions with their slots and instances, and the program that is made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from typing import Literal as Choice

from hqn.compiler.source import Span
from hqn.compiler.types.model import TensorType
from hqn.compiler.types.typed.expressions import Expr, Local, Sampled
from hqn.compiler.types.typed.statements import (
    DrawRandom,
    Measure,
    Postselect,
    QubitOperation,
    SetState,
    Statement,
)

if TYPE_CHECKING:
    from hqn.compiler.types.execution.specs import Execution
    from hqn.compiler.types.policies.specs import Policy
    from hqn.compiler.types.runs.specs import Data, Run


@dataclass(frozen=True, slots=True)
class Initial:
    """An initialiser: name and numbers, `uniform(0, 2 pi)`; `fan_in`, `fan_out` where it needs them."""

    name: str
    args: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotDeclaration:
    """A slot of a function. `type` is of one turn; `loops` are the trip counts of the creating loops."""

    name: str
    kind: Choice["weight", "frozen weight", "state"]
    type: TensorType
    loops: tuple[int, ...]
    initial: Initial
    span: Span = field(compare=False, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape as stored: loop axes first."""
        return (*self.loops, *self.type.shape)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ChildInstance:
    """An instance of a function: its label and the trip counts of the creating loops.

    One with `shared`, the name of a layer-valued static, is created and owned by the caller.
    """

    name: str
    function: Function
    loops: tuple[int, ...]
    frozen: bool = False
    shared: str | None = None
    span: Span = field(compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One definition at one choice of statics, sizes and mode (or one expression of a run).

    `name` is unique in the program and an identifier (`dense_64_20`); `qubits` counts the wires, of which
    the first `qubit_params` are given by the caller and the rest start in |0>.
    `training` functions may set state and draw; others never do unless a draw is in evaluation too.
    """

    name: str
    definition: str
    kind: Choice["layer", "circuit", "model", "quantizer", "expression"]
    params: tuple[Local, ...]
    slots: tuple[SlotDeclaration, ...]
    children: tuple[ChildInstance, ...]
    statements: tuple[Statement, ...]
    result: Expr | None
    span: Span
    doc: str | None = None
    training: bool = False
    qubits: int = 0
    qubit_params: int = 0
    values: tuple[tuple[str, Expr], ...] = ()
    """What the names of the text stand for, in its order: what a tap may read."""
    gone: tuple[tuple[int, str], ...] = ()
    """Of the given wires, those that are measured or discarded at the end."""

    @property
    def created(self) -> tuple[ChildInstance, ...]:
        """The instances that the function owns: not those that its caller gives."""
        return tuple(child for child in self.children if child.shared is None)

    @property
    def draws(self) -> bool:
        """Whether a call needs a key."""
        from hqn.compiler.types.walk import any_statement

        return any_statement(self, (DrawRandom, Sampled))

    @property
    def unitary(self) -> bool:
        """Whether the circuit is made of gates alone, those of circuits that it applies included."""
        from hqn.compiler.types.walk import applied, walk_statements

        kinds = (Measure, QubitOperation, Postselect)
        return not any(
            isinstance(part, kinds) and getattr(part, "kind", "") != "barrier"
            for circuit in applied(self)
            for part in walk_statements(circuit.statements)
        )

    @property
    def sets_state(self) -> bool:
        from hqn.compiler.types.walk import any_statement

        return any_statement(self, (SetState,))


@dataclass(frozen=True, slots=True)
class Entry:
    """A model, compiled at its declared sizes: the same text twice, once per mode."""

    name: str
    evaluation: Function
    training: Function


@dataclass(frozen=True, slots=True)
class Program:
    """Everything `lower` needs. Runs, data and profiles are defined beside their checkers."""

    entries: tuple[Entry, ...]
    runs: tuple[Run, ...] = ()
    data: tuple[Data, ...] = ()
    policies: tuple[Policy, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """Paths of older checkpoints and what they are today."""
    executions: tuple[Execution, ...] = ()
