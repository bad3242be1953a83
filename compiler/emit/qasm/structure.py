"""What a circuit is on its way to OpenQASM: gates, loops of gates, and gates that the program defines.

What came before: nothing. What leaves: plain data. Invariant: wires are numbers everywhere, also in loops,
where only angles depend on the turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hqn.compiler.emit.qasm.scalar import Apply, Lookup, Scalar
from hqn.compiler.ir.qc import Mod
from hqn.compiler.ir.xdsl_api import Operation

Mods = tuple[Mod, ...]
Conditions = tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate on one wire tuple; controls of `mods` (outermost first) come first. `conditions`: measured
    bits and what each must read."""

    name: str
    wires: tuple[int, ...]
    angles: tuple[Scalar, ...] = ()
    mods: Mods = ()
    conditions: Conditions = ()


@dataclass(frozen=True, slots=True)
class Act:
    """`measure` into bits, `reset` or `barrier`."""

    kind: str
    wires: tuple[int, ...]
    bits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """`body` in the turns 0 to `trips` - 1 of `variable`."""

    variable: str
    trips: int
    body: tuple[Item, ...]


Item = Gate | Act | For


@dataclass(frozen=True, slots=True)
class Definition:
    """A sub-circuit as a gate of the program; its angles are numbers of their own."""

    name: str
    params: tuple[str, ...]
    qubits: int
    body: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """A circuit's gates, those that it defines, how many bits it measures, and its queries with their
    coefficients."""

    items: tuple[Item, ...]
    definitions: tuple[Definition, ...]
    bits: int
    queries: tuple[tuple[Operation, tuple[Scalar, ...]], ...]


def gates(items: Iterable[Item]) -> Iterator[Gate]:
    """Every gate as it is written, once."""
    for item in items:
        if isinstance(item, For):
            yield from gates(item.body)
        elif isinstance(item, Gate):
            yield item


def acts(items: Iterable[Item]) -> bool:
    """Whether anything but gates happens."""
    return any(acts(item.body) if isinstance(item, For) else isinstance(item, Act) for item in items)


def scalars_in(items: Iterable[Item]) -> Iterator[Scalar]:
    """Every part of every angle."""
    for gate in gates(items):
        for angle in gate.angles:
            yield from parts(angle)


def parts(scalar: Scalar) -> Iterator[Scalar]:
    yield scalar
    if isinstance(scalar, Apply):
        for arg in scalar.args:
            yield from parts(arg)
    elif isinstance(scalar, Lookup):
        for row in leaves(scalar.rows):
            yield from parts(row)


def leaves(rows: tuple[object, ...]) -> Iterator[Scalar]:
    """The scalars of a lookup, the last variable fastest."""
    for row in rows:
        if isinstance(row, Scalar):
            yield row
        elif isinstance(row, tuple):
            yield from leaves(row)


def placed(item: Item, wires: tuple[int, ...]) -> Item:
    """The item where wire i is `wires[i]`."""
    if isinstance(item, For):
        return replace(item, body=tuple(placed(one, wires) for one in item.body))
    return replace(item, wires=tuple(wires[wire] for wire in item.wires))
