"""Built-in gates on qubits and registers.

What came before: a gate statement whose name is one of `GATES`. What leaves: `typed.ApplyGate` with one tuple
of wires per application and one row of angles for each, or diagnostics. Invariant: in an instance the wires
of one tuple are different.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import promote
from hqn.compiler.types.calls.errors import NothingToBind
from hqn.compiler.types.circuits import angles, errors
from hqn.compiler.types.circuits.gate_syntax import Head, Modifiers
from hqn.compiler.types.circuits.gates import GateSignature
from hqn.compiler.types.circuits.qubits import count_of, operand
from hqn.compiler.types.circuits.wires import Qubits, is_concrete
from hqn.compiler.types.limits import charge_gates
from hqn.compiler.types.model import DType, TensorType, UnknownType
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.shapes import show_type

_ANGLE = TensorType(DType.F32, (), role="angle")


@dataclass(frozen=True, slots=True)
class Placed:
    """Operands with the rows they make; `tuples` is None while sizes are symbols."""

    rows: angles.Rows
    tuples: tuple[tuple[int, ...], ...] | None


def apply_gate(scope: Scope, stmt: ast.Gate, head: Head, gate: GateSignature, modifiers: Modifiers) -> None:
    """One gate statement."""
    refuse_extras(scope, stmt, head)
    placed = place(scope, stmt, head.name, gate.qubits, modifiers)
    rows = placed.rows if placed else None
    arguments = parameters(scope, stmt, head, gate, rows)
    if placed is None or arguments is None or placed.tuples is None or not scope.concrete:
        return
    if not placed.tuples or not charge_gates(scope, stmt.span, len(placed.tuples)):
        return
    table = angles.table(arguments, len(placed.tuples), gate.params) if gate.params else None
    mods = (*modifiers.typed, typed.GateModifier("inv")) if gate.inverted else modifiers.typed
    scope.emit(
        typed.ApplyGate(gate=gate.name, wires=placed.tuples, angles=table, modifiers=mods, span=stmt.span)
    )


def refuse_extras(scope: Scope, stmt: ast.Gate, head: Head) -> None:
    if head.brackets is not None:
        scope.report(errors.NotForGates(span=head.brackets.span, gate=head.name, what="statics"))
    if stmt.label is not None:
        scope.report(errors.NotForGates(span=stmt.label.span, gate=head.name, what="label"))
    if stmt.entries:
        scope.report(NothingToBind(span=head.span, found=f"`{head.name}` has no weights"))


# --- qubits ---------------------------------------------------------------------------------------


def place(scope: Scope, stmt: ast.Gate, name: str, qubits: int, modifiers: Modifiers) -> Placed | None:
    """The operands of a gate on so many qubits; None where something is reported."""
    operands = [operand(scope, expr, name) for expr in stmt.operands]
    known = [one for one in operands if one is not None]
    if len(known) != len(operands) or modifiers.controls is None:
        return None
    arity = qubits + modifiers.controls
    if len(known) != arity:
        return _listed(scope, stmt, name, arity, known)
    rows = _rows(scope, stmt, known)
    if rows is None or clashes(scope, stmt, name, known):
        return None
    return _paired(scope, stmt, name, known, rows)


def _listed(scope: Scope, stmt: ast.Gate, name: str, arity: int, known: list[Qubits]) -> Placed | None:
    """Fewer operands than qubits: with `ctrl(k) @`, registers stand for their qubits one after the other."""
    total: sizes.Dim = 0
    for qubits in known:
        total = sizes.add(total, qubits.length)
    controlled = any(modifier.argument for modifier in stmt.modifiers)
    if len(known) > arity or not controlled or sizes.equal(total, arity) is False:
        takes, given = count_of("qubit", arity), f"{len(known)} {'is' if len(known) == 1 else 'are'}"
        span = stmt.operands[0].span.to(stmt.operands[-1].span)
        scope.report(errors.WrongQubitCount(span=span, gate=name, takes=takes, given=given))
        return None
    if clashes(scope, stmt, name, known):
        return None
    rows = angles.Rows(1, single=True)
    if not all(is_concrete(qubits) for qubits in known):
        return Placed(rows, None)
    wires = tuple(wire for qubits in known for wire in qubits.wires())
    return None if repeats(scope, stmt, name, owners(known), [wires]) else Placed(rows, (wires,))


def owners(known: list[Qubits]) -> list[int]:
    """Which operand each wire of a listed tuple comes from."""
    return [number for number, qubits in enumerate(known) for _ in qubits.wires()]


def _rows(scope: Scope, stmt: ast.Gate, known: list[Qubits]) -> angles.Rows | None:
    """Registers of equal length pair up; single qubits go with every pair."""
    registers = [number for number, qubits in enumerate(known) if qubits.count is not None]
    if not registers:
        return angles.Rows(1, single=True)
    first = registers[0]
    for other in registers[1:]:
        if sizes.equal(known[first].length, known[other].length) is False:
            scope.report(
                errors.RegistersDiffer(
                    span=stmt.operands[other].span,
                    here=count_of("qubit", known[other].length),
                    there=count_of("qubit", known[first].length),
                    other=stmt.operands[first].span,
                )
            )
            return None
    return angles.Rows(known[first].length, single=False)


def clashes(scope: Scope, stmt: ast.Gate, name: str, known: list[Qubits]) -> bool:
    """Operands that are the same for all sizes: `cx q[i], q[i]`."""
    for number, qubits in enumerate(known):
        for first in range(number):
            if known[first].start == qubits.start and known[first].step == qubits.step:
                _report_twice(scope, stmt, name, first, number)
                return True
    return False


def _paired(scope: Scope, stmt: ast.Gate, name: str, known: list[Qubits], rows: angles.Rows) -> Placed | None:
    count = rows.count
    if not isinstance(count, int) or not all(is_concrete(qubits) for qubits in known):
        return Placed(rows, None)
    columns = [qubits.wires() if qubits.count is not None else qubits.wires() * count for qubits in known]
    tuples = tuple(zip(*columns, strict=True))
    return None if repeats(scope, stmt, name, range(len(known)), tuples) else Placed(rows, tuples)


def repeats(
    scope: Scope,
    stmt: ast.Gate,
    name: str,
    owners: Sequence[int],
    tuples: Sequence[tuple[int, ...]],
) -> bool:
    """A wire that stands twice in one tuple; `owners` says which operand each place comes from."""
    for wires in tuples:
        if len(set(wires)) < len(wires):
            place = next(i for i, wire in enumerate(wires) if wire in wires[:i])
            _report_twice(scope, stmt, name, owners[wires.index(wires[place])], owners[place])
            return True
    return False


def _report_twice(scope: Scope, stmt: ast.Gate, name: str, first: int, second: int) -> None:
    here, there = stmt.operands[second].span, stmt.operands[first].span
    text = f"`{here.text}`"
    if here.text != there.text:
        text += f", here a qubit of `{there.text}`,"
    scope.report(errors.QubitUsedTwice(span=here, qubit=text, gate=name, first=there))


# --- parameters -----------------------------------------------------------------------------------


def parameters(
    scope: Scope, stmt: ast.Gate, head: Head, gate: GateSignature, rows: angles.Rows | None
) -> list[typed.Expr] | None:
    """The parameters as typed expressions; None where something was reported. No `rows`: not checked."""
    written = head.arguments
    values = [elaborate_expr(scope, argument.value, _ANGLE) for argument in written]
    for argument in written:
        if argument.name:
            scope.report(errors.NotForGates(span=argument.span, gate=head.name, what="named parameters"))
            return None
    packed = angles.is_packed(len(written), gate.params)
    if len(written) != gate.params and not packed:
        report_count(scope, stmt, head, gate)
        return None
    values = [promote(value, _ANGLE) for value in values]
    good = [check_parameter(scope, value, gate, rows, packed) for value in values]
    return values if all(good) else None


def check_parameter(
    scope: Scope, value: typed.Expr, gate: GateSignature, rows: angles.Rows | None, packed: bool
) -> bool:
    """Whether a parameter fits its rows; what is unknown is known not to."""
    if isinstance(value.type, UnknownType) or rows is None:
        return False
    if angles.acceptable(value.type, rows, gate.params, packed):
        return True
    wanted = angles.wanted(rows, gate.params, packed)
    scope.report(
        errors.BadParameter(span=value.span, gate=gate.name, found=show_type(value.type), wanted=wanted)
    )
    return False


def no_parameters(scope: Scope, stmt: ast.Gate, head: Head) -> bool:
    """Whether nothing is given to a gate without parameters; reported where not."""
    for argument in head.arguments:
        elaborate_expr(scope, argument.value)
    if head.arguments:
        report_count(scope, stmt, head, GateSignature(head.name, 1))
    return not head.arguments


def report_count(scope: Scope, stmt: ast.Gate, head: Head, gate: GateSignature) -> None:
    given = len(head.arguments)
    span = head.arguments[0].span.to(head.arguments[-1].span) if given else head.span
    letters = ", ".join("abcd"[: gate.params])
    operands = ", ".join(expr.span.text for expr in stmt.operands)
    scope.report(
        errors.WrongParameterCount(
            span=span,
            gate=head.name,
            takes=count_of("parameter", gate.params),
            given=f"{given} {'is' if given == 1 else 'are'}",
            example=f"{head.name}({letters}) {operands}" if letters else f"{head.name} {operands}",
        )
    )
