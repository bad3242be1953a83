"""Matrices as observables: `hermitian(M, q)`, `diag(c, q)`, `projector(k, q)`.

What came before: a call of one of the three. What leaves: an `Observable` of one term, whose matrix has a
name, so that nothing computes it twice; or diagnostics. Invariant: a matrix is [2^k, 2^k] on k qubits, a
diagonal [2^k]; one that is known while checking is symmetric.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import COMPLEX
from hqn.compiler.types.circuits import errors, observables
from hqn.compiler.types.circuits.check_observable import not_observable, unknown
from hqn.compiler.types.circuits.constants import constant_matrix, not_symmetric
from hqn.compiler.types.circuits.qubits import count_of, operands
from hqn.compiler.types.circuits.wires import Qubits, is_concrete, total_length
from hqn.compiler.types.model import DType, TensorType, UnknownType
from hqn.compiler.types.scope import FLOATS, Scope
from hqn.compiler.types.shapes import same_shape, show_type
from hqn.compiler.types.sizes import Dim

MOST_QUBITS = 10
"""Qubits of one dense matrix."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `user` takes: `rank` axes of `size` elements, for messages on so many `qubits`."""

    user: str
    qubits: Dim
    size: Dim
    rank: int
    dtypes: tuple[DType, ...] = FLOATS

    @property
    def type(self) -> TensorType:
        return TensorType(DType.F32, (self.size,) * self.rank)


def matrix_of(user: str, qubits: Dim, rank: int = 2) -> Wanted:
    """A matrix of so many qubits, or for rank 1 the diagonal of one."""
    dtypes = (*FLOATS, *COMPLEX) if rank == 2 else FLOATS
    return Wanted(user, qubits, power(2, qubits), rank, dtypes)


def power(base: int, exponent: Dim) -> Dim:
    """`base ** exponent`; unknown where that is beyond all limits, which is reported elsewhere."""
    try:
        return sizes.power(base, exponent)
    except sizes.SizeError:
        return sizes.unknown()


def fits(scope: Scope, value: typed.Expr, wanted: Wanted) -> bool:
    """Whether a value has the type that is wanted; reported where not."""
    kind = value.type
    if isinstance(kind, UnknownType):
        return False
    if (
        isinstance(kind, TensorType)
        and kind.dtype in wanted.dtypes
        and same_shape(kind.shape, wanted.type.shape) is not False
    ):
        return True
    on = count_of("qubit", wanted.qubits)
    scope.report(
        errors.MatrixDoesNotFit(
            span=value.span, user=wanted.user, qubits=on, found=show_type(kind), wanted=show_type(wanted.type)
        )
    )
    return False


def as_floats(scope: Scope, value: typed.Expr) -> typed.Expr:
    """A matrix written with whole numbers, `[[0, 1], [1, 0]]`, as one of f32; anything else unchanged."""
    kind = value.type
    if not isinstance(kind, TensorType) or kind.dtype is not DType.I32:
        return value
    if constant_matrix(value, scope.statements) is None:
        return value
    return typed.Prim(fn="cast", args=(value,), type=TensorType(DType.F32, kind.shape), span=value.span)


def allow_matrix(scope: Scope, span: Span, user: str, qubits: Dim) -> bool:
    """Whether a dense matrix may act on so many qubits; reported where not."""
    if not isinstance(qubits, int) or qubits <= MOST_QUBITS:
        return True
    scope.report(errors.MatrixTooLarge(span=span, user=user, qubits=qubits, limit=MOST_QUBITS))
    return False


def named(scope: Scope, name: str, value: typed.Expr) -> typed.Expr:
    """The value under a name, so that nothing computes it again."""
    if isinstance(value, typed.Literal | typed.Read | typed.SlotRead):
        return value
    local = scope.frame.fresh_local(name, value.type, value.span)
    scope.emit(typed.Assign(local=local, value=value, span=value.span))
    return typed.Read(local=local, type=value.type, span=value.span)


# --- observables ----------------------------------------------------------------------------------


def matrix_observable(scope: Scope, call: ast.Call, name: str) -> typed.Expr:
    """`hermitian(M, q)` or `diag(c, q)`; several operands are the qubits of one matrix, in order."""
    if len(call.arguments) < 2 or any(one.name for one in call.arguments):
        return not_observable(scope, call.span, f"`{name}` takes a matrix and its qubits: `{name}(m, q)`")
    first, *places = [argument.value for argument in call.arguments]
    qubits = operands(scope, places, name)
    if name == "projector":
        return _projector(scope, call, qubits)
    total = None if qubits is None else total_length(qubits)
    value = elaborate_expr(scope, first, None if total is None else matrix_of(name, total, _rank(name)).type)
    if qubits is None or total is None or not allow_matrix(scope, call.span, name, total):
        return unknown(call.span)
    value = as_floats(scope, value)
    if not fits(scope, value, matrix_of(name, total, _rank(name))) or not _is_hermitian(scope, value, name):
        return unknown(call.span)
    if not scope.concrete or not all(is_concrete(one) for one in qubits):
        return observables.unplaced((), call.span)
    wires = tuple(wire for one in qubits for wire in one.wires())
    return observables.of_matrix(named(scope, name, value), wires, name == "diag", call.span)


def _projector(scope: Scope, call: ast.Call, qubits: list[Qubits] | None) -> typed.Expr:
    """`projector(k, q)`: whether the qubits read k, the first the most significant bit."""
    first = call.arguments[0].value
    value = elaborate_expr(scope, first)
    if qubits is None or isinstance(value.type, UnknownType):
        return unknown(call.span)
    if value.type != TensorType(DType.I32, (), getattr(value.type, "bound", None)):
        return not_observable(scope, first.span, f"this is {show_type(value.type)}, and an outcome is an i32")
    size = power(2, total_length(qubits))
    if isinstance(value, typed.Literal) and isinstance(size, int) and not 0 <= value.value < size:
        why = f"these qubits read 0 to {size - 1}, and never {value.value}"
        return not_observable(scope, first.span, why)
    if not scope.concrete or not all(is_concrete(one) for one in qubits):
        return observables.unplaced((), call.span)
    wires = tuple(wire for one in qubits for wire in one.wires())
    table = typed.Prim(fn="one_hot", args=(value,), type=TensorType(DType.F32, (size,)), span=call.span)
    return observables.of_matrix(named(scope, "projector", table), wires, True, call.span)


def _rank(name: str) -> int:
    return 1 if name == "diag" else 2


def _is_hermitian(scope: Scope, value: typed.Expr, name: str) -> bool:
    matrix = None if name == "diag" else constant_matrix(value, scope.statements)
    place = None if matrix is None else not_symmetric(matrix)
    if place is None:
        return True
    row, column = sorted(place)
    scope.report(errors.NotHermitian(span=value.span, row=row, column=column))
    return False
