"""OpenQASM 2.0, which has neither modifiers nor inputs: everything expanded, every angle bound.

What came before: traced gates. What leaves: gates of the original `qelib1.inc` (Cross et al. 2017, arXiv
1707.03429), bound angles only. Invariant: the product is unchanged up to a global phase.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from hqn.compiler.emit.qasm.controlled import with_controls
from hqn.compiler.emit.qasm.definitions import OLD_DEFINITIONS, expand
from hqn.compiler.emit.qasm.scalar import NeedsNewer, Number, Scalar, text
from hqn.compiler.emit.qasm.structure import Act, Gate, Item
from hqn.compiler.emit.text import comment
from hqn.compiler.ir.qc import Mod

QELIB1 = frozenset(
    [
        "u1",
        "u2",
        "u3",
        "id",
        "x",
        "y",
        "z",
        "h",
        "s",
        "sdg",
        "t",
        "tdg",
        "rx",
        "ry",
        "rz",
        "cx",
        "cy",
        "cz",
        "ch",
        "crz",
        "cu1",
        "cu3",
        "ccx",
    ]
)

_INVERSE = {"s": "sdg", "sdg": "s", "t": "tdg", "tdg": "t"}
_SELF_INVERSE = frozenset(["id", "x", "y", "z", "h", "cx", "cy", "cz", "ch", "swap", "ccx", "cswap", "ecr"])
_NEGATED = frozenset(["p", "u1", "rx", "ry", "rz", "cp", "crx", "cry", "crz", "rxx", "ryy", "rzz", "rzx"])


def plain_gates(gate: Gate) -> Iterator[Gate]:
    """The gates of `qelib1.inc` that a traced gate becomes."""
    for simple in _without_modifiers(gate):
        if simple.name in QELIB1:
            yield simple
        elif simple.name in OLD_DEFINITIONS:
            for part in expand(simple, OLD_DEFINITIONS[simple.name]):
                yield from plain_gates(part)
        else:
            raise NeedsNewer(f"the gate {simple.name}")


def _without_modifiers(gate: Gate) -> list[Gate]:
    if not gate.mods:
        return [gate]
    outer, *rest = gate.mods
    taken = outer.value if outer.kind in ("ctrl", "negctrl") else 0
    inner = _without_modifiers(replace(gate, wires=gate.wires[taken:], mods=tuple(rest)))
    match outer.kind:
        case "inv":
            return [one for item in reversed(inner) for one in inverse(item)]
        case "pow":
            turned = (
                inner if outer.value >= 0 else _without_modifiers(replace(gate, mods=(Mod("inv"), *rest)))
            )
            return turned * abs(outer.value)
        case _:
            return _controlled(inner, gate.wires[:taken], outer.kind == "negctrl")


def _controlled(gates: list[Gate], controls: tuple[int, ...], negative: bool) -> list[Gate]:
    flips = [Gate("x", (wire,)) for wire in controls] if negative else []
    return [*flips, *(one for gate in gates for one in with_controls(gate, controls)), *flips]


def inverse(gate: Gate) -> list[Gate]:
    """The inverse of a gate without modifiers."""
    if gate.name in _SELF_INVERSE:
        return [gate]
    if gate.name in _INVERSE:
        return [replace(gate, name=_INVERSE[gate.name])]
    if gate.name in _NEGATED:
        return [replace(gate, angles=tuple(-angle for angle in gate.angles))]
    if gate.name in ("u", "u3", "cu3", "u2"):
        return [_inverse_u(gate)]
    if gate.name in OLD_DEFINITIONS:
        parts = expand(gate, OLD_DEFINITIONS[gate.name])
        return [one for part in reversed(parts) for one in inverse(part)]
    raise NeedsNewer(f"the inverse of {gate.name}")


def _inverse_u(gate: Gate) -> Gate:
    """u3(t, p, l) undoes as u3(-t, -l, -p); u2(p, l) is u3(pi/2, p, l)."""
    quarter: Scalar = Number(math.pi / 2)
    theta, phi, lam = gate.angles if len(gate.angles) == 3 else (quarter, *gate.angles)
    name = "u3" if gate.name == "u2" else gate.name
    return replace(gate, name=name, angles=(-theta, -lam, -phi))


def program_text(name: str, wires: int, bits: int, items: Iterable[Item]) -> str:
    """The program of bound gates on one register `q`; every bit is a register, so that `if` can read it."""
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"// {comment(name)}", f"qreg q[{wires}];"]
    lines += [f"creg c{bit}[1];" for bit in range(bits)]
    return "\n".join([*lines, *(line for item in items for line in _lines(item)), ""])


def _lines(item: Item) -> Iterator[str]:
    if isinstance(item, Gate):
        condition = _condition(item)
        yield from (condition + _line(plain) for plain in plain_gates(item))
    elif isinstance(item, Act) and item.kind == "measure":
        yield from (
            f"measure q[{wire}] -> c{bit}[0];" for wire, bit in zip(item.wires, item.bits, strict=True)
        )
    elif isinstance(item, Act):
        yield f"{item.kind} {_qubits(item.wires)};" if item.kind == "barrier" else _resets(item.wires)


def _resets(wires: Sequence[int]) -> str:
    return "\n".join(f"reset q[{wire}];" for wire in wires)


def _condition(gate: Gate) -> str:
    if len(gate.conditions) > 1:
        raise NeedsNewer("a gate under several measured bits")
    return "".join(f"if(c{bit}=={int(wanted)}) " for bit, wanted in gate.conditions)


def _line(gate: Gate) -> str:
    angles = f"({','.join(text(angle) for angle in gate.angles)})" if gate.angles else ""
    return f"{gate.name}{angles} {_qubits(gate.wires)};"


def _qubits(wires: Sequence[int]) -> str:
    return ",".join(f"q[{wire}]" for wire in wires)
