"""Measuring, resetting, discarding and post-selecting qubits.

What came before: `b = measure q[0]`, `reset q`, `discard q`, `postselect q == 0`, `barrier q`. What leaves:
typed statements on numbered wires, and names of measured bits. Invariant: a measured or discarded qubit is
neither acted on nor read until it is reset.
"""

from __future__ import annotations

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.elaborate import elaborate_size
from hqn.compiler.types.circuits import errors, usage
from hqn.compiler.types.circuits.bits import BitsBinding
from hqn.compiler.types.circuits.measurement_errors import ImpossibleOutcome
from hqn.compiler.types.circuits.qubits import circuit_state, operands
from hqn.compiler.types.circuits.wires import Qubits, total_length
from hqn.compiler.types.scope import Scope


def measure(scope: Scope, places: tuple[ast.Expr, ...], span: Span, target: ast.Ident | None) -> None:
    """`measure q[0]`, with a name for the bits or without one."""
    qubits = operands(scope, places, "measure")
    if qubits is None or not _may(scope, qubits, "measuring a qubit", span):
        bits = range(0)
    else:
        state = circuit_state(scope.frame).usage
        wires = tuple(wire for one in qubits for wire in usage.known_wires(one))
        bits = range(state.bits, state.bits + len(wires))
        state.bits += len(wires)
        for one in qubits:
            usage.end(state, one, "measured", span)
        if scope.concrete and wires:
            scope.emit(typed.Measure(wires=wires, bits=tuple(bits), span=span))
    if target is not None:
        single = qubits is not None and len(qubits) == 1 and qubits[0].count is None
        count = total_length(qubits or ())
        scope.bind(target, BitsBinding(span=target.span, bits=tuple(bits), single=single, count=count))


def operate(scope: Scope, stmt: ast.QubitOp) -> None:
    """`reset`, `discard` or `barrier`."""
    qubits = operands(scope, stmt.operands, stmt.kind, gone=stmt.kind in ("reset", "barrier"))
    if qubits is None:
        return
    state = circuit_state(scope.frame).usage
    what = {"reset": "resetting a qubit", "discard": "discarding a qubit"}.get(stmt.kind)
    if what and not _may(scope, qubits, what, stmt.span):
        return
    wires = tuple(wire for one in qubits for wire in usage.known_wires(one))
    for one in qubits:
        if stmt.kind == "reset":
            usage.revive(state, one)
            state.mixed = state.mixed or stmt.span
        elif stmt.kind == "discard":
            usage.end(state, one, "discarded", stmt.span)
    if scope.concrete and wires:
        scope.emit(typed.QubitOperation(kind=stmt.kind, wires=wires, span=stmt.span))


def postselect(scope: Scope, stmt: ast.Postselect) -> None:
    """`postselect q[0] == 1`: every one of the qubits reads that value."""
    qubits = operands(scope, stmt.operands, "postselect")
    value = elaborate_size(scope, stmt.value)
    if isinstance(value, int) and value not in (0, 1):
        why = f"a qubit reads 0 or 1, and never {value}"
        scope.report(errors.BadQubitSelection(span=stmt.value.span, why=why))
        return
    if qubits is None or not _may(scope, qubits, "post-selecting", stmt.span):
        return
    state = circuit_state(scope.frame).usage
    wires = tuple(wire for one in qubits for wire in usage.known_wires(one))
    if not isinstance(value, int) or not wires:
        return
    if value == 1 and state.zero.intersection(wires):
        name = stmt.operands[0].span.text
        scope.report(ImpossibleOutcome(span=stmt.span, qubit=name, value=value))
        return
    if scope.concrete:
        scope.emit(typed.Postselect(wires=wires, values=(value,) * len(wires), span=stmt.span))


def _may(scope: Scope, qubits: list[Qubits], what: str, span: Span) -> bool:
    state = circuit_state(scope.frame).usage
    return all(usage.allowed_here(scope, state, one, what, span) for one in qubits)
