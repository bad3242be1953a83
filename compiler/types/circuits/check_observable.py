"""Observables as syntax: Pauli matrices of placed qubits, combined with numbers.

What came before: the argument of `expect`, or a value that a circuit names. What leaves: an `Observable`, or
an unknown expression after a diagnostic. Invariant: what is not spelled as an observable is elaborated as a
number, by the checker of expressions.
"""

from __future__ import annotations

from hqn.compiler.names.builtins import OBSERVABLES, PAULIS, PRIMITIVES, PROJECTORS
from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import promote
from hqn.compiler.types.bodies.turns import each_turn
from hqn.compiler.types.circuits import errors, observables
from hqn.compiler.types.circuits.observables import DoNotCommute, MatrixFactor, Observable
from hqn.compiler.types.circuits.qubits import is_qubits, operand
from hqn.compiler.types.circuits.wires import is_concrete
from hqn.compiler.types.model import UNKNOWN, DType, ObservableType, TensorType, UnknownType
from hqn.compiler.types.scope import FLOATS, AliasBinding, Scope
from hqn.compiler.types.shapes import same_shape, show_shape, show_type

MOST_TERMS = 100_000
_NUMBER = TensorType(DType.F32)


def is_observable(scope: Scope, expr: ast.Expr) -> bool:
    """Whether an expression is spelled as an observable; nothing is reported."""
    match expr:
        case ast.Name(name=name):
            binding = scope.lookup(name)
            return isinstance(binding, AliasBinding) and isinstance(binding.value.type, ObservableType)
        case ast.Call(callee=callee):
            if _is_total(expr):
                return is_observable(scope, expr.arguments[0].value)
            return _makes_observable(scope, callee)
        case ast.Unary() | ast.Binary() | ast.Reduction() | ast.Array():
            return any(
                is_observable(scope, child) for child in expr.children() if isinstance(child, ast.Expr)
            )
        case _:
            return False


def _makes_observable(scope: Scope, callee: ast.Expr) -> bool:
    if isinstance(callee, ast.Subscript):
        callee = callee.value
    if not isinstance(callee, ast.Name) or scope.lookup(callee.name) is not None:
        return False
    found = scope.lookup_global(callee.name)
    return callee.name in OBSERVABLES if found is None else found.kind == "observable"


def _is_total(expr: ast.Call) -> bool:
    """`sum(Z(q))`: the elements of one observable added up."""
    is_sum = isinstance(expr.callee, ast.Name) and expr.callee.name == "sum"
    return is_sum and len(expr.arguments) == 1


def elaborate_observable(scope: Scope, expr: ast.Expr) -> typed.Expr:
    """The observable that an expression denotes; a number where it denotes one."""
    if not is_observable(scope, expr):
        return _misspelt(scope, expr) or elaborate_expr(scope, expr, _NUMBER)
    match expr:
        case ast.Unary(op="-"):
            value = elaborate_observable(scope, expr.operand)
            return observables.negated(value, expr.span) if isinstance(value, Observable) else value
        case ast.Binary():
            left = elaborate_observable(scope, expr.left)
            return combine(scope, expr.op, left, elaborate_observable(scope, expr.right), expr.span)
        case ast.Reduction():
            return _reduction(scope, expr)
        case ast.Array():
            return _array(scope, expr)
        case ast.Call() if _is_total(expr):
            value = elaborate_observable(scope, expr.arguments[0].value)
            return observables.summed(value, expr.span) if isinstance(value, Observable) else value
        case ast.Call():
            return _call(scope, expr)
        case ast.Name():
            binding = scope.lookup(expr.name)
            assert isinstance(binding, AliasBinding)
            return binding.value
        case _:
            return not_observable(scope, expr.span, "this does not apply to an observable")


def _misspelt(scope: Scope, expr: ast.Expr) -> typed.Expr | None:
    """Reports qubits in the place of an observable of them, `expect(q)` or `expect(W(q))`."""
    text = expr.span.text
    if is_qubits(scope, expr):
        return not_observable(
            scope, expr.span, f"`{text}` is qubits, not an observable of them", f"Z({text})"
        )
    for call in ast.walk(expr):
        if not isinstance(call, ast.Call) or not isinstance(call.callee, ast.Name):
            continue
        name = call.callee.name
        known = name in OBSERVABLES or name in PRIMITIVES or scope.lookup(name) or scope.lookup_global(name)
        if not known and any(is_qubits(scope, argument.value) for argument in call.arguments):
            choices = [one for one, found in scope.frame.module.scope.items() if found.kind == "observable"]
            near = nearest(name, choices)
            return not_observable(scope, call.callee.span, f"there is no observable `{name}`", near)
    return None


def check_definition_body(scope: Scope, name: str, body: ast.Expr) -> typed.Expr:
    """The right side of `observable name(…) = body`."""
    value = elaborate_observable(scope, body)
    if isinstance(value.type, ObservableType | UnknownType):
        return value
    return not_observable(scope, body.span, f"`{name}` gives {show_type(value.type)}")


def not_observable(scope: Scope, span: Span, found: str, instead: str | None = None) -> typed.Expr:
    scope.report(errors.NotAnObservable(span=span, found=found, instead=instead))
    return unknown(span)


def unknown(span: Span) -> typed.Expr:
    return typed.Expr(type=UNKNOWN, span=span)


# --- Pauli matrices and definitions ---------------------------------------------------------------


def _call(scope: Scope, expr: ast.Call) -> typed.Expr:
    callee = expr.callee.value if isinstance(expr.callee, ast.Subscript) else expr.callee
    assert isinstance(callee, ast.Name)
    if scope.lookup_global(callee.name) is not None:
        from hqn.compiler.types.circuits.observable_calls import call_observable

        return call_observable(scope, expr)
    if callee.name not in PAULIS | PROJECTORS:
        from hqn.compiler.types.circuits.check_matrix import matrix_observable

        return matrix_observable(scope, expr, callee.name)
    return _pauli(scope, expr, callee.name)


def _pauli(scope: Scope, expr: ast.Call, name: str) -> typed.Expr:
    if len(expr.arguments) != 1 or isinstance(expr.callee, ast.Subscript):
        why = f"`{name}` is of one qubit or register: `{name}(q[0])`, `{name}(q)`"
        return not_observable(scope, expr.span, why)
    qubits = operand(scope, expr.arguments[0].value, name)
    if qubits is None:
        return unknown(expr.span)
    shape = () if qubits.count is None else (qubits.count,)
    if not scope.concrete or not is_concrete(qubits):
        return observables.unplaced(shape, expr.span)
    if name in PROJECTORS:
        return observables.projectors(int(name[1]), qubits.wires(), shape, expr.span)
    return observables.pauli(name, qubits.wires(), shape, expr.span)  # type: ignore[arg-type]


# --- operations -----------------------------------------------------------------------------------


def combine(scope: Scope, op: str, left: typed.Expr, right: typed.Expr, span: Span) -> typed.Expr:
    """`left op right`, of which one at least is an observable."""
    if isinstance(left.type, UnknownType) or isinstance(right.type, UnknownType):
        return unknown(span)
    left, right = promote(left, _NUMBER), promote(right, _NUMBER)
    for side in (left, right):
        if not isinstance(side, Observable) and not _is_number(side):
            return not_observable(scope, side.span, f"this is {show_type(side.type)}, not a real number")
    try:
        result = _combined(op, left, right, span)
    except DoNotCommute as error:
        scope.report(errors.PaulisDoNotCommute(span=span, first=error.args[0], second=error.args[1]))
        return unknown(span)
    except MatrixFactor:
        return not_observable(scope, span, "an observable made of a matrix is multiplied by numbers alone")
    if isinstance(result, str):
        return not_observable(scope, span, result)
    return _checked(scope, left, right, result, span)


def _is_number(value: typed.Expr) -> bool:
    return isinstance(value.type, TensorType) and value.type.dtype in FLOATS


def _combined(op: str, left: typed.Expr, right: typed.Expr, span: Span) -> Observable | str | None:
    """The result; None where shapes differ, a reason where the operation does not apply."""
    match op, left, right:
        case "*", Observable(), Observable():
            return observables.multiplied(left, right, span)
        case "*", Observable(), _:
            return observables.scaled(left, right, span)
        case "*", _, Observable():
            return observables.scaled(right, left, span)
        case "/", Observable(), _ if not isinstance(right, Observable):
            return observables.scaled(left, _reciprocal(right), span)
        case (("+" | "-"), _, _):
            second = _as_observable(right, span)
            return observables.added(
                _as_observable(left, span), observables.negated(second, span) if op == "-" else second, span
            )
        case _:
            return f"`{op}` does not apply to observables"


def _reciprocal(value: typed.Expr) -> typed.Expr:
    if isinstance(value, typed.Literal) and value.value:
        return typed.Literal(value=1.0 / value.value, type=value.type, span=value.span)
    return typed.Elementwise(fn="reciprocal", args=(value,), type=value.type, span=value.span)


def _as_observable(value: typed.Expr, span: Span) -> Observable:
    """A number c is c times the identity."""
    if isinstance(value, Observable):
        return value
    identity = observables.pauli("I", (0,), (), span)
    scaled = observables.scaled(identity, value, span)
    assert scaled is not None
    return scaled


def _checked(
    scope: Scope, left: typed.Expr, right: typed.Expr, result: Observable | None, span: Span
) -> typed.Expr:
    if result is None:
        shapes = [show_shape(getattr(side.type, "shape", ())) for side in (left, right)]
        scope.report(errors.ObservableShapesDiffer(span=span, left=shapes[0], right=shapes[1]))
        return unknown(span)
    return _not_too_many(scope, result, span)


def _not_too_many(scope: Scope, value: Observable, span: Span) -> typed.Expr:
    if value.terms is None or len(value.terms) <= MOST_TERMS:
        return value
    scope.report(errors.TooManyTerms(span=span, terms=len(value.terms), limit=MOST_TERMS))
    return unknown(span)


def _reduction(scope: Scope, expr: ast.Reduction) -> typed.Expr:
    op = "+" if expr.op == "sum" else "*"
    total: typed.Expr | None = None
    gathered: list[observables.Term] = []
    for inner in each_turn(scope, expr.binders, expr.span):
        value = elaborate_observable(inner, expr.body)
        if isinstance(value.type, UnknownType):
            return value
        if total is None or op == "*" or not _may_gather(total, value):
            total = value if total is None else combine(scope, op, total, value, expr.span)
            continue
        assert isinstance(value, Observable) and value.terms is not None
        gathered += value.terms
    if isinstance(total, Observable) and gathered:
        terms = (*(total.terms or ()), *gathered)
        total = _not_too_many(scope, observables.observable(total.shape, terms, expr.span), expr.span)
    return _or_neutral(total, expr)


def _may_gather(total: typed.Expr, value: typed.Expr) -> bool:
    """Sums of many terms are gathered in one list: adding them one by one takes quadratic time."""
    if not isinstance(total, Observable) or not isinstance(value, Observable):
        return False
    return value.terms is not None and total.shape == value.shape


def _or_neutral(total: typed.Expr | None, expr: ast.Reduction) -> typed.Expr:
    """An empty sum is 0, an empty product 1."""
    if total is not None:
        return total
    identity = observables.pauli("I", (0,), (), expr.span)
    return identity if expr.op == "prod" else observables.observable((), (), expr.span)


def _array(scope: Scope, expr: ast.Array) -> typed.Expr:
    items = [elaborate_observable(scope, item) for item in expr.items]
    if any(isinstance(item.type, UnknownType) for item in items):
        return unknown(expr.span)
    values = [item for item in items if isinstance(item, Observable)]
    if len(values) < len(items):
        return not_observable(scope, expr.span, "this array mixes observables and numbers")
    for value in values[1:]:
        if same_shape(value.shape, values[0].shape) is False:
            return _checked(scope, values[0], value, None, value.span)
    return observables.stacked(values, expr.span)
