"""Powers of gates that are no whole numbers: `pow(0.5) @ x q`, `ctrl @ pow(k) @ rzz(t) c, a, b`, k a weight.

What came before: a gate under a `pow` whose exponent is a float, known or computed. What leaves: gates whose
angles are multiples of the exponent, so that it has derivatives, shift rules and exports like any angle.
Invariant: a turn has its angle multiplied; any other gate is taken to its principal power, whose eigenvalues
are e^(i k a) with -pi < a <= pi, as in OpenQASM 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import pi

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.elementwise import elementwise
from hqn.compiler.types.bodies.literals import literal
from hqn.compiler.types.circuits import angles, check_gate, errors
from hqn.compiler.types.circuits.gate_syntax import Head, Modifiers
from hqn.compiler.types.circuits.gates import GateSignature
from hqn.compiler.types.limits import charge_gates
from hqn.compiler.types.scope import Scope


@dataclass(frozen=True, slots=True)
class Part:
    """A gate on some of the qubits of another one; `turn` is its angle, if it takes one."""

    gate: str
    places: tuple[int, ...]
    turn: float | None = None


@dataclass(frozen=True, slots=True)
class Power:
    """A gate as `basis`, then turns that commute, then `basis` undone. Of `controls` the turns have more."""

    basis: tuple[Part, ...]
    turns: tuple[Part, ...]
    controls: int = 0


def _phase(angle: float, *basis: Part) -> Power:
    return Power(basis, (Part("p", (0,), angle),))


def _controlled(basis: tuple[Part, ...], places: tuple[int, ...] = (0, 1)) -> Power:
    return Power(basis, (Part("cp", places, pi),), len(places) - 2)


def _hadamard(place: int) -> Part:
    return Part("h", (place,))


_OF_Y = Part("sdg", (0,)), _hadamard(0)
POWERS: dict[str, Power] = {
    "id": _phase(0.0), "z": _phase(pi), "s": _phase(pi / 2), "t": _phase(pi / 4),
    "sdg": _phase(-pi / 2), "tdg": _phase(-pi / 4),
    "x": _phase(pi, _hadamard(0)), "sx": _phase(pi / 2, _hadamard(0)), "y": _phase(pi, *_OF_Y),
    "h": _phase(pi, Part("ry", (0,), -pi / 4)),
    "cz": _controlled(()), "cx": _controlled((_hadamard(1),)),
    "cy": _controlled((Part("sdg", (1,)), _hadamard(1))), "ch": _controlled((Part("ry", (1,), -pi / 4),)),
    "swap": _controlled((Part("cx", (0, 1)), _hadamard(0)), (1, 0)),
    "ccx": _controlled((_hadamard(2),), (0, 1, 2)),
    "cswap": _controlled((Part("cx", (1, 2)), _hadamard(1)), (0, 2, 1)),
    "ecr": _phase(pi, Part("rzx", (0, 1), pi / 4), _hadamard(0)),
    "iswap": Power((), (Part("rxx", (0, 1), -pi / 2), Part("ryy", (0, 1), -pi / 2))),
    **{name: Power((), (Part(name, (0,), 1.0),)) for name in ("p", "u1", "rx", "ry", "rz")},
    **{
        name: Power((), (Part(name, (0, 1), 1.0),))
        for name in ("cp", "crx", "cry", "crz", "rxx", "ryy", "rzz", "rzx")
    },
}  # fmt: skip
"""By canonical names. The turn of a gate that takes an angle is that angle, times the number here."""


def real_power(scope: Scope, stmt: ast.Gate, head: Head, gate: GateSignature, modifiers: Modifiers) -> None:
    """One gate statement under a `pow` of a float."""
    exponent, power = modifiers.exponent, POWERS.get(gate.name)
    assert exponent is not None
    check_gate.refuse_extras(scope, stmt, head)
    placed = check_gate.place(scope, stmt, head.name, gate.qubits, modifiers)
    arguments = check_gate.parameters(scope, stmt, head, gate, placed.rows if placed else None)
    if power is None:
        refuse_power(scope, stmt, head.name)
        return
    if placed is None or arguments is None:
        return
    angle = exponent if not arguments else elementwise(scope, "mul", (exponent, arguments[0]), exponent.span)
    turn = GateSignature(gate.name, gate.qubits, 1)
    if not check_gate.check_parameter(scope, angle, turn, placed.rows, False):
        return
    if placed.tuples is None or not placed.tuples or not scope.concrete:
        return
    if charge_gates(scope, stmt.span, len(placed.tuples) * (2 * len(power.basis) + len(power.turns))):
        angle = _times(scope, angle, -1.0 if gate.inverted else 1.0, stmt.span)
        for statement in _written(scope, power, placed.tuples, angle, modifiers, stmt.span):
            scope.emit(statement)


def refuse_power(scope: Scope, stmt: ast.Gate, name: str) -> None:
    why = f"`{name}` is taken to whole powers only; gates about one axis and fixed ones to any"
    scope.report(errors.BadModifier(span=stmt.modifiers[0].span.to(stmt.modifiers[-1].span), why=why))


def _written(
    scope: Scope,
    power: Power,
    tuples: tuple[tuple[int, ...], ...],
    angle: typed.Expr,
    modifiers: Modifiers,
    span: Span,
) -> Iterator[typed.ApplyGate]:
    """Basis, turns, basis undone; only the turns are controlled."""
    controls = modifiers.controls or 0
    for part in power.basis:
        yield _basis(part, tuples, controls, span)
    more = (typed.GateModifier("ctrl", power.controls),) if power.controls else ()
    for part in power.turns:
        wires = tuple((*one[:controls], *(one[controls + place] for place in part.places)) for one in tuples)
        number = _times(scope, angle, part.turn or 0.0, span)
        table = angles.table([number], len(tuples), 1)
        mods = (*modifiers.typed, *more)
        yield typed.ApplyGate(gate=part.gate, wires=wires, angles=table, modifiers=mods, span=span)
    for part in reversed(power.basis):
        yield _basis(part, tuples, controls, span, typed.GateModifier("inv"))


def _basis(
    part: Part, tuples: tuple[tuple[int, ...], ...], controls: int, span: Span, *mods: typed.GateModifier
) -> typed.ApplyGate:
    wires = tuple(tuple(one[controls + place] for place in part.places) for one in tuples)
    table = None if part.turn is None else angles.table([literal(part.turn, span)], len(wires), 1)
    return typed.ApplyGate(gate=part.gate, wires=wires, angles=table, modifiers=mods, span=span)


def _times(scope: Scope, value: typed.Expr, factor: float, span: Span) -> typed.Expr:
    return value if factor == 1 else elementwise(scope, "mul", (value, literal(factor, span)), span)
