"""Gates on any number of qubits: registers stand for their qubits one after the other, controls first.

What came before: the operands of a gate statement. What leaves: `Listed` or a diagnostic, and the gate `mcx`.
Invariant: in an instance the wires are different, and there are at least as many as the gate needs.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.circuits import errors
from hqn.compiler.types.circuits.check_gate import clashes, no_parameters, owners, refuse_extras, repeats
from hqn.compiler.types.circuits.gate_syntax import Head, Modifiers
from hqn.compiler.types.circuits.qubits import count_of, operand
from hqn.compiler.types.circuits.wires import is_concrete, total_length
from hqn.compiler.types.limits import charge_gates
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.sizes import Dim


@dataclass(frozen=True, slots=True)
class Listed:
    """On how many qubits a gate acts, controls left out; `wires` (controls first) is None where they are
    not numbers yet."""

    qubits: Dim
    wires: tuple[int, ...] | None


def listed(scope: Scope, stmt: ast.Gate, name: str, modifiers: Modifiers, least: int = 1) -> Listed | None:
    """The qubits of a gate that needs `least` of its own."""
    operands = [operand(scope, expr, name) for expr in stmt.operands]
    known = [one for one in operands if one is not None]
    if len(known) < len(operands) or modifiers.controls is None or clashes(scope, stmt, name, known):
        return None
    total = total_length(known)
    own = sizes.sub(total, modifiers.controls)
    if isinstance(own, int) and own < least:
        takes = count_of("qubit", modifiers.controls + least)
        span = stmt.operands[0].span.to(stmt.operands[-1].span)
        given = f"{sizes.show(total)} {'is' if total == 1 else 'are'}"
        scope.report(errors.WrongQubitCount(span=span, gate=name, takes=f"at least {takes}", given=given))
        return None
    if not all(is_concrete(qubits) for qubits in known):
        return Listed(own, None)
    wires = tuple(wire for qubits in known for wire in qubits.wires())
    return None if repeats(scope, stmt, name, owners(known), [wires]) else Listed(own, wires)


def multi_controlled_x(scope: Scope, stmt: ast.Gate, head: Head, modifiers: Modifiers) -> None:
    """`mcx q, t`: an X of the last qubit where all before it are 1."""
    refuse_extras(scope, stmt, head)
    acted = listed(scope, stmt, head.name, modifiers, least=2)
    if not no_parameters(scope, stmt, head) or acted is None or acted.wires is None or not scope.concrete:
        return
    assert isinstance(acted.qubits, int)
    if charge_gates(scope, stmt.span, 1):
        mods = (*modifiers.typed, typed.GateModifier("ctrl", acted.qubits - 1))
        scope.emit(
            typed.ApplyGate(gate="x", wires=(acted.wires,), angles=None, modifiers=mods, span=stmt.span)
        )
