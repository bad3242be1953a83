"""Gates that are matrices: `unitary(M) q`, `su(angles) q`.

What came before: a gate statement. What leaves: `typed.ApplyGate` of
the gate `MATRIX` with a complex or real matrix on one tuple of wires, or diagnostics. Invariant: registers
stand for their qubits one after the other, controls first; such a gate is never spread over a register.
"""

from __future__ import annotations

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.body_errors import Misplaced
from hqn.compiler.types.circuits import errors
from hqn.compiler.types.circuits.check_gate import refuse_extras, report_count
from hqn.compiler.types.circuits.check_matrix import (
    Wanted,
    allow_matrix,
    as_floats,
    fits,
    matrix_of,
    power,
)
from hqn.compiler.types.circuits.constants import constant_matrix, not_orthogonal
from hqn.compiler.types.circuits.gate_syntax import Head, Modifiers
from hqn.compiler.types.circuits.gates import MATRIX, GateSignature
from hqn.compiler.types.circuits.listed import listed
from hqn.compiler.types.limits import charge_gates
from hqn.compiler.types.model import DType, TensorType
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.sizes import Dim


def matrix_gate(scope: Scope, stmt: ast.Gate, head: Head, modifiers: Modifiers) -> None:
    """`unitary(M) q` or `su(angles) q`."""
    refuse_extras(scope, stmt, head)
    acted = listed(scope, stmt, head.name, modifiers)
    wanted = None if acted is None else _wanted(head.name, acted.qubits)
    value = _parameter(scope, stmt, head, wanted)
    if acted is None or wanted is None or value is None:
        return
    if not allow_matrix(scope, stmt.span, head.name, acted.qubits) or not fits(scope, value, wanted):
        return
    if head.name == "unitary" and not _is_unitary(scope, value):
        return
    if acted.wires is None or not scope.concrete:
        return
    own = len(acted.wires) - (modifiers.controls or 0)
    matrix = complex_matrix("su", (value,), own, value.span) if head.name == "su" else value
    apply_matrix(scope, stmt.span, acted.wires, matrix, modifiers.typed)


def apply_matrix(
    scope: Scope,
    span: Span,
    wires: tuple[int, ...],
    matrix: typed.Expr,
    modifiers: tuple[typed.GateModifier, ...] = (),
) -> None:
    """One matrix on wires, its own or with controls in front."""
    if charge_gates(scope, span, 1):
        scope.emit(
            typed.ApplyGate(gate=MATRIX, wires=(wires,), angles=matrix, modifiers=modifiers, span=span)
        )


def complex_matrix(
    fn: str, args: tuple[typed.Expr, ...], qubits: int, span: Span, *options: tuple[str, object]
) -> typed.Expr:
    """A primitive that gives a matrix on so many qubits."""
    kind = TensorType(DType.C64, (2**qubits, 2**qubits))
    return typed.Prim(fn=fn, args=args, options=options, type=kind, span=span)


# --- parameters ------------------------------------------------------------------------


def _wanted(name: str, qubits: Dim) -> Wanted:
    if name == "unitary":
        return matrix_of(name, qubits)
    return Wanted(name, qubits, sizes.sub(power(4, qubits), 1), rank=1)


def _parameter(scope: Scope, stmt: ast.Gate, head: Head, wanted: Wanted | None) -> typed.Expr | None:
    expected = None if wanted is None else wanted.type
    values = [elaborate_expr(scope, argument.value, expected) for argument in head.arguments]
    for argument in head.arguments:
        if argument.name:
            scope.report(errors.NotForGates(span=argument.span, gate=head.name, what="named parameters"))
            return None
    if len(values) != 1:
        report_count(scope, stmt, head, GateSignature(head.name, 1, 1))
        return None
    return as_floats(scope, values[0])


def _is_unitary(scope: Scope, value: typed.Expr) -> bool:
    matrix = constant_matrix(value, scope.statements)
    place = None if matrix is None else not_orthogonal(matrix)
    if place is None:
        return True
    column, other = place
    why = f"columns {other} and {column} are not orthogonal"
    if column == other:
        why = f"column {column} is not of length 1"
    scope.report(errors.NotUnitary(span=value.span, why=why))
    return False


def gives_no_value(scope: Scope, span: Span, name: str) -> None:
    """One of these gates where a value is expected."""
    if name == "evolve":
        hint = "in a circuit, put it on a line of its own: `evolve(hermitian(m, q), t)`"
        scope.report(Misplaced(span=span, why="`evolve` acts on qubits and gives no value", hint=hint))
    else:
        scope.report(errors.QubitsNotGiven(span=span, name=name))
