"""Gates that are matrices: `unitary(M) q`, `su(angles) q`, `evolve(H, t)`.

What came before: a gate statement, or a call of `evolve` that stands alone. What leaves: `typed.ApplyGate` of
the gate `MATRIX` with a complex or real matrix on one tuple of wires, or diagnostics. Invariant: registers
stand for their qubits one after the other, controls first; such a gate is never spread over a register.
"""

from __future__ import annotations

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import promote
from hqn.compiler.types.body_errors import Misplaced
from hqn.compiler.types.circuits import errors
from hqn.compiler.types.circuits.check_gate import refuse_extras, report_count
from hqn.compiler.types.circuits.check_matrix import (
    Wanted,
    allow_matrix,
    as_floats,
    fits,
    matrix_of,
    named,
    power,
)
from hqn.compiler.types.circuits.check_observable import elaborate_observable, not_observable
from hqn.compiler.types.circuits.constants import constant_matrix, not_orthogonal
from hqn.compiler.types.circuits.gate_syntax import Head, Modifiers
from hqn.compiler.types.circuits.gates import MATRIX, GateSignature
from hqn.compiler.types.circuits.listed import listed
from hqn.compiler.types.circuits.observables import Observable, Term, as_expr, times
from hqn.compiler.types.limits import charge_gates
from hqn.compiler.types.model import DType, TensorType, UnknownType
from hqn.compiler.types.scope import FLOATS, Scope
from hqn.compiler.types.shapes import show_type
from hqn.compiler.types.sizes import Dim

_NUMBER = TensorType(DType.F32)


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
    matrix = _complex("su", (value,), own, value.span) if head.name == "su" else value
    _apply(scope, stmt.span, acted.wires, matrix, modifiers.typed)


def _apply(
    scope: Scope,
    span: Span,
    wires: tuple[int, ...],
    matrix: typed.Expr,
    modifiers: tuple[typed.GateModifier, ...] = (),
) -> None:
    if charge_gates(scope, span, 1):
        scope.emit(
            typed.ApplyGate(gate=MATRIX, wires=(wires,), angles=matrix, modifiers=modifiers, span=span)
        )


def _complex(
    fn: str, args: tuple[typed.Expr, ...], qubits: int, span: Span, *options: tuple[str, object]
) -> typed.Expr:
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


# --- evolution ------------------------------------------------------------------------------------


def evolve(scope: Scope, call: ast.Call) -> None:
    """`evolve(H, t)`: exp(-i t H), H an observable."""
    if len(call.arguments) != 2 or any(argument.name for argument in call.arguments):
        not_observable(scope, call.span, "`evolve` takes an observable and a time: `evolve(H, t)`")
        return
    first, second = (argument.value for argument in call.arguments)
    h = elaborate_observable(scope, first)
    t = promote(elaborate_expr(scope, second, _NUMBER), _NUMBER)
    if isinstance(h.type, UnknownType) or isinstance(t.type, UnknownType) or not _is_time(scope, t):
        return
    if not isinstance(h, Observable) or h.shape:
        found = "these are several" if isinstance(h, Observable) else f"this is {show_type(h.type)}"
        not_observable(scope, h.span, f"`evolve` takes one observable, and {found}")
        return
    if h.terms is None or not scope.concrete or not h.terms:
        return
    _evolve(scope, call.span, h, t)


def _is_time(scope: Scope, t: typed.Expr) -> bool:
    kind = t.type
    if isinstance(kind, TensorType) and kind.dtype in FLOATS and not kind.shape:
        return True
    scope.report(errors.BadParameter(span=t.span, gate="evolve", found=show_type(kind), wanted="f32"))
    return False


def _evolve(scope: Scope, span: Span, h: Observable, t: typed.Expr) -> None:
    assert h.terms is not None
    matrices = [term for term in h.terms if term.matrix is not None]
    if matrices and len(h.terms) > 1:
        why = "`evolve` takes one matrix, or a sum of products of Pauli matrices; add them in the matrix"
        not_observable(scope, h.span, why)
    elif matrices:
        _evolve_matrix(scope, span, matrices[0], t)
    else:
        _evolve_paulis(scope, span, h.terms, t)


def _evolve_matrix(scope: Scope, span: Span, term: Term, t: typed.Expr) -> None:
    placed = term.matrix
    assert placed is not None
    if placed.diagonal:
        why = "`evolve` takes a whole matrix, `hermitian(m, q)`"
        not_observable(scope, span, why)
        return
    t = as_expr(times(term.coefficient, t), span)
    matrix = _complex("evolution", (placed.value, t), len(placed.wires), span)
    _apply(scope, span, placed.wires, matrix)


def _evolve_paulis(scope: Scope, span: Span, terms: tuple[Term, ...], t: typed.Expr) -> None:
    """The sum as one matrix on the qubits that it touches."""
    wires = tuple(sorted({wire for term in terms for wire, _ in term.paulis}))
    if not wires or not allow_matrix(scope, span, "evolve", len(wires)):
        return
    words = [_word(term, wires) for term in terms]
    numbers = tuple(as_expr(term.coefficient, span) for term in terms)
    row = TensorType(DType.F32, (len(numbers),))
    coefficients = typed.Prim(fn="stack", args=numbers, options=(("axis", 0),), type=row, span=span)
    h = _complex("pauli_sum", (coefficients,), len(wires), span, ("words", " ".join(words)))
    _apply(scope, span, wires, _complex("evolution", (named(scope, "h", h), t), len(wires), span))


def _word(term: Term, wires: tuple[int, ...]) -> str:
    letters = dict(term.paulis)
    return "".join(letters.get(wire, "I") for wire in wires)
