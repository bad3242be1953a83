"""A circuit as a picture says it: symbols on wires, in order, loops kept as frames.

What came before: one circuit of the IR. What leaves: plain data that knows nothing of columns, characters
or pixels. Invariants: every gate on every wire tuple is one symbol; the order of `elements` is that of the
program on each wire; texts are single lines without hidden characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["fixed", "input", "weight", "both", "circuit", "query", "measure"]
"""What a symbol depends on or is: constants only, the circuit's inputs, its weights, inputs and weights."""

Form = Literal["box", "plus", "dot", "cross"]
"""How targets look: one box, a circled plus on each, a dot on each, a cross on each."""

SYMMETRIC = frozenset(["swap", "iswap", "rxx", "ryy", "rzz"])
"""Gates that do not change when their qubits change places."""


@dataclass(frozen=True, slots=True)
class Control:
    """A control on a wire; `on` is the value of the qubit at which the gate acts."""

    wire: int
    on: bool = True


@dataclass(frozen=True, slots=True)
class Symbol:
    """One gate, sub-circuit or query on one tuple of wires.

    `name` is the word of the language, `power` what modifiers make of it (`†`, `^2`), `args` its parameters,
    `label` the name of the instance where it differs from `name`, `condition` what measured bits must read.
    `reads` and `writes` are the numbers of measured bits.
    """

    name: str
    kind: Kind
    targets: tuple[int, ...]
    form: Form = "box"
    controls: tuple[Control, ...] = ()
    power: str = ""
    args: str = ""
    label: str = ""
    condition: str = ""
    reads: tuple[int, ...] = ()
    writes: tuple[int, ...] = ()

    @property
    def wires(self) -> tuple[int, ...]:
        return (*(control.wire for control in self.controls), *self.targets)

    @property
    def low(self) -> int:
        return min(self.wires)

    @property
    def high(self) -> int:
        return max(self.wires)

    @property
    def is_numbered(self) -> bool:
        """Whether the order of the targets is not that of the wires from top to bottom, and matters."""
        in_order = self.targets == tuple(range(self.targets[0], self.targets[0] + len(self.targets)))
        return self.form == "box" and self.kind != "query" and self.name not in SYMMETRIC and not in_order

    @property
    def caption(self) -> str:
        """What stands above the name: the instance, and what measured bits must read."""
        return " ".join([self.label] * bool(self.label) + [f"if {self.condition}"] * bool(self.condition))

    @property
    def text(self) -> str:
        """The symbol on one line: `one: block†(x[1])`."""
        label = f"{self.label}: " if self.label else ""
        condition = f" if {self.condition}" if self.condition else ""
        return f"{label}{self.name}{self.power}" + (f"({self.args})" if self.args else "") + condition


@dataclass(frozen=True, slots=True)
class Layer:
    """Symbols of one statement; those on different wires stand in one column."""

    symbols: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A loop: its turns are drawn once, `label` says how often they are taken."""

    label: str
    body: tuple[Element, ...]


Element = Layer | Frame


@dataclass(frozen=True, slots=True)
class Picture:
    """One circuit: a title, what is said under it, and what stands on its wires."""

    title: str
    facts: tuple[str, ...]
    wires: tuple[str, ...]
    elements: tuple[Element, ...]
    left_out: int = 0
    """Gates beyond what anyone can look at; they are counted and not drawn."""

    def symbols(self) -> Iterator[Symbol]:
        """Every symbol, in the order of the program."""
        return symbols(self.elements)


def symbols(elements: tuple[Element, ...]) -> Iterator[Symbol]:
    for element in elements:
        if isinstance(element, Frame):
            yield from symbols(element.body)
        else:
            yield from element.symbols
