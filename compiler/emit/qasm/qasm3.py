"""OpenQASM 3: gates with modifiers as they stand, sub-circuits as gates, loops as loops, inputs.

What came before: a traced circuit. What leaves: one program on a register `q`. Source of the syntax: the
OpenQASM 3 language specification (openqasm.com). Invariant: the program only prepares the state; what is
read from it stands in the manifest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from hqn.compiler.emit.qasm.definitions import DEFINITIONS, expand
from hqn.compiler.emit.qasm.lookups import Lookups
from hqn.compiler.emit.qasm.names import elements
from hqn.compiler.emit.qasm.programs import Traced
from hqn.compiler.emit.qasm.scalar import Family, Input, Number, Scalar, Spelled, text
from hqn.compiler.emit.qasm.structure import Act, Definition, For, Gate, Item, gates
from hqn.compiler.emit.text import comment
from hqn.compiler.ir.qc import Mod
from hqn.compiler.types.circuits.gates import GATES

_SPELLED = {"u": "U"}
_NUMBER = "float[64]"


def program_text(title: str, traced: Traced) -> str:
    """The program."""
    trace, arrays = traced.trace, traced.arrays
    lookups = Lookups(trace.items, traced.names)
    spelled: dict[Scalar | Family, str] = {family: family.name for family in arrays}
    spelled.update(lookups.spelled)
    bits = traced.names.free("c")
    bodies = [gate for one in trace.definitions for gate in one.body]
    used = {gate.name for gate in (*bodies, *gates(trace.items))}
    return "\n".join(
        [
            "OPENQASM 3.0;",
            'include "stdgates.inc";',
            f"// {comment(title)}",
            *(line for family in traced.inputs for line in _inputs(family, family in arrays)),
            *(_array(one.name, one.shape, _numbers(one)) for one in arrays if one.values is not None),
            *(
                _array(name, shape, [text(one, spelled) for one in entries])
                for name, shape, entries in lookups.tables
            ),
            *(_standard(name) for name in DEFINITIONS if name in used),
            *(_definition(one) for one in trace.definitions),
            f"qubit[{traced.wires}] q;",
            *([f"bit[{trace.bits}] {bits};"] if trace.bits else []),
            *_Lines(spelled, bits).of(trace.items, ""),
            "",
        ]
    )


def _inputs(family: Family, is_array: bool) -> Iterator[str]:
    if is_array:
        yield f"input array[{_NUMBER}, {', '.join(map(str, family.shape))}] {family.name};"
    else:
        yield from (f"input {_NUMBER} {name};" for name, _ in elements(family))


def _numbers(family: Family) -> list[str]:
    return [text(Number(value)) for value in np.asarray(family.values).flatten().tolist()]


def _array(name: str, shape: tuple[int, ...], entries: Sequence[str]) -> str:
    """`array[float[64], 2, 2] w = {{a, b}, {c, d}};`."""
    return f"array[{_NUMBER}, {', '.join(map(str, shape))}] {name} = {_nested(shape, entries)};"


def _nested(shape: tuple[int, ...], entries: Sequence[str]) -> str:
    if not shape:
        return entries[0]
    size = len(entries) // shape[0]
    rows = (_nested(shape[1:], entries[start : start + size]) for start in range(0, len(entries), size))
    return f"{{{', '.join(rows)}}}"


def _standard(name: str) -> str:
    """`gate rot(a, b, c) q0 { rz(a) q0; … }`, which `stdgates.inc` lacks."""
    signature = GATES[name]
    params = tuple("abcd"[: signature.params])
    angles = tuple(Input(Family(param, param, (), param)) for param in params)
    body = expand(Gate(name, tuple(range(signature.qubits)), angles), DEFINITIONS[name])
    return _definition(Definition(name, params, signature.qubits, tuple(body)))


def _definition(defined: Definition) -> str:
    head = f"gate {defined.name}({', '.join(defined.params)})" if defined.params else f"gate {defined.name}"
    qubits = ", ".join(f"q{wire}" for wire in range(defined.qubits))
    lines = [_line(gate, "q{}", {}) for gate in defined.body]
    if len(lines) <= _SHORT:
        return f"{head} {qubits} {{ {' '.join(lines)} }}"
    return "\n".join([f"{head} {qubits} {{", *(f"  {line}" for line in lines), "}"])


_SHORT = 12
"""Gates of a definition that stands on one line."""


@dataclass(frozen=True)
class _Lines:
    """Writes items; `bits` is the name of the measured bits."""

    spelled: Spelled
    bits: str

    def of(self, items: Iterable[Item], indent: str) -> Iterator[str]:
        for conditions, run in groupby(items, lambda item: item.conditions if isinstance(item, Gate) else ()):
            inside = indent + "  " * len(conditions)
            for depth, (bit, wanted) in enumerate(conditions):
                yield f"{indent}{'  ' * depth}if ({'' if wanted else '!'}{self.bits}[{bit}]) {{"
            for item in run:
                yield from self._item(item, inside)
            for depth in reversed(range(len(conditions))):
                yield f"{indent}{'  ' * depth}}}"

    def _item(self, item: Item, indent: str) -> Iterator[str]:
        match item:
            case For():
                yield f"{indent}for int {item.variable} in [0:{item.trips - 1}] {{"
                yield from self.of(item.body, f"{indent}  ")
                yield f"{indent}}}"
            case Gate():
                yield indent + _line(item, "q[{}]", self.spelled)
            case Act(kind="measure"):
                for wire, bit in zip(item.wires, item.bits, strict=True):
                    yield f"{indent}{self.bits}[{bit}] = measure q[{wire}];"
            case Act(kind="barrier"):
                yield f"{indent}barrier {', '.join(f'q[{wire}]' for wire in item.wires)};"
            case Act():
                yield from (f"{indent}{item.kind} q[{wire}];" for wire in item.wires)


def _line(gate: Gate, wire: str, spelled: Spelled) -> str:
    angles = f"({', '.join(text(angle, spelled) for angle in gate.angles)})" if gate.angles else ""
    name = _SPELLED.get(gate.name, gate.name)
    operands = ", ".join(wire.format(number) for number in gate.wires)
    return f"{''.join(_modifiers(gate.mods))}{name}{angles} {operands};"


def _modifiers(mods: Iterable[Mod]) -> Iterable[str]:
    for mod in mods:
        argument = f"({mod.value})" if mod.kind == "pow" or (mod.value != 1 and mod.kind != "inv") else ""
        yield f"{mod.kind}{argument} @ "
