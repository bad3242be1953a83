"""`evolve(H, t)`: exp(-i t H) of an observable, exactly or as a product formula.

What came before: a call of `evolve` that stands alone. What leaves: the gates of `product_formula.py` for
`evolve[steps = n, order = k](H, t)` and for terms that all commute, which it is exact for; else one dense
matrix on the qubits of H; or diagnostics. Invariant: H is one observable, t one number.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import promote
from hqn.compiler.types.circuits import errors
from hqn.compiler.types.circuits.check_matrix import allow_matrix, named
from hqn.compiler.types.circuits.check_observable import elaborate_observable, not_observable
from hqn.compiler.types.circuits.matrix_gates import apply_matrix, complex_matrix
from hqn.compiler.types.circuits.observables import Observable, Term, as_expr, times
from hqn.compiler.types.circuits.product_formula import ORDERS, all_commute, product_formula
from hqn.compiler.types.errors import BadOption
from hqn.compiler.types.limits import allow_turns
from hqn.compiler.types.model import DType, TensorType, UnknownType
from hqn.compiler.types.scope import FLOATS, Scope
from hqn.compiler.types.shapes import show_type

_NUMBER = TensorType(DType.F32)
_EXAMPLE = "evolve[steps = 10, order = 2](H, t)"


@dataclass(frozen=True, slots=True)
class _Formula:
    """A product formula; without `steps` the exact exponential."""

    steps: int | None = None
    order: int = 2


def evolve(scope: Scope, call: ast.Call) -> None:
    """One evolution."""
    formula = _formula(scope, call)
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
    if h.terms and scope.concrete and formula is not None:
        _evolve(scope, call.span, h, h.terms, t, formula)


# --- brackets -------------------------------------------------------------------------------------


def _formula(scope: Scope, call: ast.Call) -> _Formula | None:
    """What the brackets say; None where something is reported or not known yet."""
    if not isinstance(call.callee, ast.Subscript):
        return _Formula()
    given: dict[str, int] = {}
    for item in call.callee.items:
        name = item.name.name if item.name else "steps"
        if name not in ("steps", "order") or name in given:
            hint = nearest(name, ("steps", "order"))
            why = f"`evolve` takes no `{name}` here" + (f"; is it `{hint}`?" if hint else "")
            if name in given:
                why = f"`{name}` is given twice"
            scope.report(BadOption(span=item.span, why=why, example=_EXAMPLE))
            return None
        value = check_static.static_value(scope, item.value)
        if not isinstance(value, int) or isinstance(value, bool):
            _bad_number(scope, item.value.span, name, value)
            return None
        given[name] = value
        if value < 1 or (name == "order" and value not in ORDERS):
            _bad_number(scope, item.value.span, name, value)
            return None
    if not allow_turns(scope, call.span, given.get("steps", 1)):
        return None
    return _Formula(given.get("steps", 1), given.get("order", 2))


def _bad_number(scope: Scope, span: Span, name: str, value: object) -> None:
    if scope.concrete or isinstance(value, bool | float | int):
        wanted = "1, 2 or 4" if name == "order" else "a whole number from 1"
        scope.report(BadOption(span=span, why=f"`{name}` is {wanted}", example=_EXAMPLE))


# --- the evolution --------------------------------------------------------------------------------


def _evolve(
    scope: Scope, span: Span, h: Observable, terms: tuple[Term, ...], t: typed.Expr, formula: _Formula
) -> None:
    matrices = [term for term in terms if term.matrix is not None]
    if matrices and (len(terms) > 1 or formula.steps is not None):
        why = "`evolve` takes one matrix, or a sum of products of Pauli matrices; add them in the matrix"
        if formula.steps is not None:
            why = "a product formula is of a sum of products of Pauli matrices, and this has a matrix"
        not_observable(scope, h.span, why)
    elif matrices:
        _evolve_matrix(scope, span, matrices[0], t)
    elif formula.steps is not None or all_commute(terms):
        product_formula(scope, span, terms, t, formula.steps or 1, formula.order)
    else:
        _evolve_paulis(scope, span, terms, t)


def _is_time(scope: Scope, t: typed.Expr) -> bool:
    kind = t.type
    if isinstance(kind, TensorType) and kind.dtype in FLOATS and not kind.shape:
        return True
    scope.report(errors.BadParameter(span=t.span, gate="evolve", found=show_type(kind), wanted="f32"))
    return False


def _evolve_matrix(scope: Scope, span: Span, term: Term, t: typed.Expr) -> None:
    placed = term.matrix
    assert placed is not None
    if placed.diagonal:
        why = "`evolve` takes a whole matrix, `hermitian(m, q)`"
        not_observable(scope, span, why)
        return
    t = as_expr(times(term.coefficient, t), span)
    matrix = complex_matrix("evolution", (placed.value, t), len(placed.wires), span)
    apply_matrix(scope, span, placed.wires, matrix)


def _evolve_paulis(scope: Scope, span: Span, terms: tuple[Term, ...], t: typed.Expr) -> None:
    """The sum as one matrix on the qubits that it touches, of which some terms do not commute."""
    wires = tuple(sorted({wire for term in terms for wire, _ in term.paulis}))
    if not allow_matrix(scope, span, "evolve", len(wires)):
        return
    words = [_word(term, wires) for term in terms]
    numbers = tuple(as_expr(term.coefficient, span) for term in terms)
    row = TensorType(DType.F32, (len(numbers),))
    coefficients = typed.Prim(fn="stack", args=numbers, options=(("axis", 0),), type=row, span=span)
    h = complex_matrix("pauli_sum", (coefficients,), len(wires), span, ("words", " ".join(words)))
    apply_matrix(scope, span, wires, complex_matrix("evolution", (named(scope, "h", h), t), len(wires), span))


def _word(term: Term, wires: tuple[int, ...]) -> str:
    letters = dict(term.paulis)
    return "".join(letters.get(wire, "I") for wire in wires)
