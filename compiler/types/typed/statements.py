"""Typed statements: what bodies bind and set, and what circuits do to their wires, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from typing import Literal as Choice

from hqn.compiler.source import Span
from hqn.compiler.types.typed.expressions import Expr, Local, Shared, Turn

if TYPE_CHECKING:
    from hqn.compiler.types.typed.functions import Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Assign(Statement):
    local: Local
    value: Expr


@dataclass(frozen=True, slots=True)
class SetState(Statement):
    """`next mu = …`, of the given turn; occurs in training functions only."""

    slot: str
    turns: tuple[Turn, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class DrawRandom(Statement):
    """`draw k: T = bernoulli(p)`: fresh randomness. Others: uniform(lo, hi), normal(s),
    index(n): a whole number from 0 below n."""

    local: Local
    distribution: str
    args: tuple[Expr, ...]
    per: Choice["sample", "step", "run"]


@dataclass(frozen=True, slots=True)
class GateModifier:
    """`ctrl`/`negctrl` with a count of controls, `inv`, or `pow` with an exponent; `if`/`unless` with the
    number of a measured bit that must read 1/0: those stand first.
    """

    kind: Choice["ctrl", "negctrl", "inv", "pow", "if", "unless"]
    value: int = 1


@dataclass(frozen=True, slots=True)
class ApplyGate(Statement):
    """A built-in gate over an ordered list of wire tuples, applied one after the other.

    `angles` is f32[len(wires), p], row i for wire tuple i, or None where the gate takes no parameter.
    Wire tuples include the controls of modifiers, first. The gate `MATRIX` acts on one tuple, and its
    `angles` are its matrix `[2^k, 2^k]`, real or complex.
    """

    gate: str
    wires: tuple[tuple[int, ...], ...]
    angles: Expr | None
    modifiers: tuple[GateModifier, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplyCircuit(Statement):
    """A circuit that takes qubits, applied like a gate: wire i of `function` is `wires[i]`."""

    instance: str
    function: Function
    wires: tuple[int, ...]
    args: tuple[Expr, ...]
    modifiers: tuple[GateModifier, ...] = ()
    turns: tuple[Turn, ...] = ()
    shared: tuple[Shared, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure(Statement):
    """Writes the outcome of `wires[i]` into classical bit `bits[i]` of this function."""

    wires: tuple[int, ...]
    bits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QubitOperation(Statement):
    """`reset`: wires back to |0>. `discard`: used no more until reset. `barrier`: nothing moves across."""

    kind: Choice["reset", "discard", "barrier"]
    wires: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Postselect(Statement):
    """The part of the state where `wires[i]` reads `values[i]`, normalised."""

    wires: tuple[int, ...]
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RepeatGates(Statement):
    """A temporal loop over the register: `trips` turns of `statements`, `index` is the turn number.

    `repeat` has weights of its own per turn, `scan` shares them; turns from `take` on change nothing.
    A loop whose variable reaches qubit indices through `% p` has p written turns in `statements` and
    `trips` counts groups of p; slots are then read at `Turn(index, p, offset)`.
    """

    trips: int
    index: Local
    statements: tuple[Statement, ...]
    kind: Choice["repeat", "scan"] = "repeat"
    take: Expr | None = None
