"""Phases that readers of OpenQASM differ in.

What came before: gates and definitions. What leaves: the same with `u`, `u2` and `u3` replaced where somebody
controls them: OpenQASM's standard gates have one phase, Qiskit's another, and a control shows it. Gates that
all read alike take their place. Invariant: the unitary is that of the specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import pi

from hqn.compiler.emit.qasm.scalar import Number, Scalar
from hqn.compiler.emit.qasm.structure import Definition, For, Gate, Item, Mods, gates
from hqn.compiler.ir.qc import Mod, controls

_DOUBTFUL = ("u", "u2", "u3")
_INVERSE = Mod("inv")


def free_of_doubt(
    items: tuple[Item, ...], definitions: tuple[Definition, ...]
) -> tuple[tuple[Item, ...], tuple[Definition, ...]]:
    """The program with one meaning for all readers."""
    controlled = _controlled(items, definitions)
    found = [replace(one, body=tuple(_gates(one.body, always=one.name in controlled))) for one in definitions]
    return tuple(_items(items)), tuple(found)


def _controlled(items: tuple[Item, ...], definitions: tuple[Definition, ...]) -> set[str]:
    """The definitions that are applied under a control, callers before callees."""
    found = {gate.name for gate in gates(items) if controls(gate.mods)}
    for definition in reversed(definitions):
        whole = definition.name in found
        found |= {gate.name for gate in definition.body if whole or controls(gate.mods)}
    return found


def _items(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, For):
            yield replace(item, body=tuple(_items(item.body)))
        elif isinstance(item, Gate):
            yield from _gates((item,), always=False)
        else:
            yield item


def _gates(body: Iterable[Gate], always: bool) -> Iterator[Gate]:
    for gate in body:
        if gate.name in _DOUBTFUL and (always or controls(gate.mods)):
            taken = controls(gate.mods)
            parts = modified(_parts(gate, gate.wires[taken:]), gate.mods, gate.wires[:taken])
            yield from (replace(part, conditions=gate.conditions) for part in parts)
        else:
            yield gate


def _parts(gate: Gate, wires: tuple[int, ...]) -> list[Gate]:
    *first, phi, lam = gate.angles
    theta = first[0] if first else Number(pi / 2)
    parts: tuple[tuple[str, Scalar], ...]
    if gate.name == "u":
        parts = (("p", lam), ("ry", theta), ("rz", -theta), ("p", phi + theta))
    else:
        parts = (("rz", lam), ("ry", theta), ("rz", phi))
    return [Gate(name, wires, (angle,)) for name, angle in parts]


def modified(body: list[Gate], mods: Mods, on: tuple[int, ...]) -> Iterator[Gate]:
    """The gates under modifiers, the outermost of which is first; `on` are the wires of their controls."""
    if not mods:
        yield from body
        return
    first, *rest = mods
    taken = first.value if first.kind in ("ctrl", "negctrl") else 0
    inner = list(modified(body, tuple(rest), on[taken:]))
    if first.kind == "inv":
        yield from (replace(gate, mods=(first, *gate.mods)) for gate in reversed(inner))
    elif first.kind == "pow":
        yield from _powered(inner, first.value)
    else:
        wires = tuple(on[:taken])
        yield from (replace(gate, wires=(*wires, *gate.wires), mods=(first, *gate.mods)) for gate in inner)


def _powered(body: list[Gate], exponent: int) -> Iterator[Gate]:
    if exponent < 0:
        body = list(modified(body, (_INVERSE,), ()))
    for _ in range(abs(exponent)):
        yield from body
