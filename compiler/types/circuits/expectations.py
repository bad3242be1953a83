"""`expect` of an observable as typed expressions: Pauli sums in one query, each matrix in one of its own.

What came before: an `Observable` on numbered wires. What leaves: `typed.Expect` where all terms are products
of Pauli matrices; otherwise a sum with the queries of matrices. Invariant: a diagonal is read from the
probabilities of its qubits, and needs no query of its own kind.
"""

from __future__ import annotations

from functools import reduce
from math import prod

from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.circuits.observables import Observable, Placed, Term, as_expr
from hqn.compiler.types.model import DType, TensorType

_NUMBER = TensorType(DType.F32)


def expectation(value: Observable, span: Span) -> typed.Expr:
    """The expectation values of an observable, of its shape."""
    kind = TensorType(DType.F32, value.shape)
    terms = value.terms or ()
    words = tuple(_typed_term(term, value.span) for term in terms if term.matrix is None)
    matrices = [term for term in terms if term.matrix is not None]
    paulis = typed.Expect(terms=words, type=kind, span=span)
    if not matrices:
        return paulis
    total = _gathered(matrices, kind, span)
    return _map("add", paulis, total, kind) if words else total


def _typed_term(term: Term, span: Span) -> typed.PauliTerm:
    return typed.PauliTerm(as_expr(term.coefficient, span), term.paulis, term.output)


def _gathered(terms: list[Term], kind: TensorType, span: Span) -> typed.Expr:
    """The terms of matrices, added up per element."""
    shape = tuple(size for size in kind.shape if isinstance(size, int))
    elements = [_sum([term for term in terms if term.output == place], span) for place in range(prod(shape))]
    if not shape:
        return elements[0]
    flat = TensorType(DType.F32, (len(elements),))
    row = typed.Prim(fn="stack", args=tuple(elements), options=(("axis", 0),), type=flat, span=span)
    return row if len(shape) == 1 else typed.Prim(fn="reshape", args=(row,), type=kind, span=span)


def _sum(terms: list[Term], span: Span) -> typed.Expr:
    if not terms:
        return typed.Literal(value=0.0, type=_NUMBER, span=span)
    return reduce(lambda a, b: _map("add", a, b, _NUMBER), [_weighted(term, span) for term in terms])


def _weighted(term: Term, span: Span) -> typed.Expr:
    assert term.matrix is not None
    value = of_matrix(term.matrix, span)
    return value if term.coefficient == 1.0 else _map("mul", as_expr(term.coefficient, span), value, _NUMBER)


def of_matrix(placed: Placed, span: Span) -> typed.Expr:
    """The expectation value of one matrix, or of one diagonal: sum c p."""
    if not placed.diagonal:
        return typed.ExpectMatrix(matrix=placed.value, wires=placed.wires, type=_NUMBER, span=span)
    kind = TensorType(DType.F32, (2 ** len(placed.wires),))
    probabilities = typed.Probabilities(wires=placed.wires, type=kind, span=span)
    weighted = _map("mul", placed.value, probabilities, kind)
    return typed.Prim(fn="sum", args=(weighted,), options=(("axes", (0,)),), type=_NUMBER, span=span)


def _map(fn: str, left: typed.Expr, right: typed.Expr, kind: TensorType) -> typed.Expr:
    return typed.Elementwise(fn=fn, args=(left, right), type=kind, span=left.span)
