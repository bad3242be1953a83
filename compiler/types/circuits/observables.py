"""Observables as values: real combinations of products of Pauli matrices, and of matrices, on wires.

What came before: typed operands. What leaves: `Observable`, an expression that exists only while checking;
`expect` turns it into `typed.Expect`. Invariants: a term has at most one Pauli per wire, in the order of the
wires; in a definition, where wires are not numbers, `terms` is None and only the shape is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Literal, TypeAlias

from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.model import Dim, DType, ObservableType, TensorType
from hqn.compiler.types.shapes import same_shape

Pauli: TypeAlias = Literal["X", "Y", "Z"]
Shape: TypeAlias = tuple[Dim, ...]
Coefficient: TypeAlias = "float | typed.Expr"


@dataclass(frozen=True, slots=True)
class Placed:
    """A matrix `[2^k, 2^k]` on k wires, or the diagonal `[2^k]` of one; the first wire is the highest bit."""

    value: typed.Expr
    wires: tuple[int, ...]
    diagonal: bool


@dataclass(frozen=True, slots=True)
class Term:
    """`coefficient * P…P`, or `coefficient` times a matrix, in element `output` (flat, row-major)."""

    coefficient: Coefficient
    paulis: tuple[tuple[int, Pauli], ...]
    output: int = 0
    matrix: Placed | None = None


@dataclass(frozen=True, slots=True)
class Observable(typed.Expr):
    """`type` is an `ObservableType`."""

    terms: tuple[Term, ...] | None

    @property
    def shape(self) -> Shape:
        assert isinstance(self.type, ObservableType)
        return self.type.shape


class DoNotCommute(Exception):
    """Two different Pauli matrices on one wire in one product; `args` are their names."""


class MatrixFactor(Exception):
    """A product of an observable with a matrix, which only numbers multiply."""


def observable(shape: Shape, terms: tuple[Term, ...] | None, span: Span) -> Observable:
    return Observable(terms=terms, type=ObservableType(shape), span=span)


def pauli(name: Literal["X", "Y", "Z", "I"], wires: tuple[int, ...], shape: Shape, span: Span) -> Observable:
    """One Pauli matrix per wire; `shape` is () for a single qubit."""
    terms = [Term(1.0, () if name == "I" else ((wire, name),), row) for row, wire in enumerate(wires)]
    return observable(shape, tuple(terms), span)


def projectors(value: int, wires: tuple[int, ...], shape: Shape, span: Span) -> Observable:
    """Whether each wire reads 0, or 1: half of 1 +- Z."""
    terms: list[Term] = []
    for row, wire in enumerate(wires):
        terms += [Term(0.5, (), row), Term(-0.5 if value else 0.5, ((wire, "Z"),), row)]
    return observable(shape, tuple(terms), span)


def of_matrix(value: typed.Expr, wires: tuple[int, ...], diagonal: bool, span: Span) -> Observable:
    """A matrix on some wires."""
    return observable((), (Term(1.0, (), matrix=Placed(value, wires, diagonal)),), span)


def unplaced(shape: Shape, span: Span) -> Observable:
    """An observable of a definition: its shape is all that is known."""
    return observable(shape, None, span)


# --- algebra --------------------------------------------------------------------------------------


def negated(value: Observable, span: Span) -> Observable:
    return _each(value, lambda term: replace(term, coefficient=times(-1.0, term.coefficient)), span)


def scaled(value: Observable, factor: typed.Expr, span: Span) -> Observable | None:
    """The product with a number, or element by element with an array of numbers; None where shapes differ."""
    assert isinstance(factor.type, TensorType)
    numbers = factor.type.shape
    shape = joined_shape(value.shape, numbers)
    if shape is None:
        return None
    if value.terms is None:
        return unplaced(shape, span)
    terms = [
        replace(term, coefficient=times(_element(factor, term.output), term.coefficient))
        for term in _spread(value, shape)
    ]
    return observable(shape, tuple(terms), span)


def added(left: Observable, right: Observable, span: Span) -> Observable | None:
    """The sum; None where shapes differ."""
    shape = joined_shape(left.shape, right.shape)
    if shape is None:
        return None
    if left.terms is None or right.terms is None:
        return unplaced(shape, span)
    return observable(shape, (*_spread(left, shape), *_spread(right, shape)), span)


def multiplied(left: Observable, right: Observable, span: Span) -> Observable | None:
    """The product, element by element; None where shapes differ. Raises `DoNotCommute`, `MatrixFactor`."""
    shape = joined_shape(left.shape, right.shape)
    if shape is None:
        return None
    if left.terms is None or right.terms is None:
        return unplaced(shape, span)
    by_output: dict[int, list[Term]] = {}
    for term in _spread(right, shape):
        by_output.setdefault(term.output, []).append(term)
    terms = [_product(a, b) for a in _spread(left, shape) for b in by_output.get(a.output, ())]
    return observable(shape, tuple(terms), span)


def summed(value: Observable, span: Span) -> Observable:
    """All elements added up."""
    return replace(_each(value, lambda term: replace(term, output=0), span), type=ObservableType(()))


def stacked(values: list[Observable], span: Span) -> Observable:
    """Observables of one shape as an array of them."""
    shape = (len(values), *values[0].shape)
    terms: list[Term] = []
    for row, value in enumerate(values):
        if value.terms is None:
            return unplaced(shape, span)
        offset = row * _elements(value.shape)
        terms += [replace(term, output=offset + term.output) for term in value.terms]
    return observable(shape, tuple(terms), span)


def joined_shape(left: Shape, right: Shape) -> Shape | None:
    """Equal shapes, or one observable or number with many."""
    if not left or not right:
        return left or right
    return None if same_shape(left, right) is False else left


def _each(value: Observable, change: Callable[[Term], Term], span: Span) -> Observable:
    terms = None if value.terms is None else tuple(change(term) for term in value.terms)
    return replace(value, terms=terms, span=span)


def _elements(shape: Shape) -> int:
    return prod(size for size in shape if isinstance(size, int))


def _spread(value: Observable, shape: Shape) -> tuple[Term, ...]:
    """The terms at `shape`: a single observable stands in every element."""
    assert value.terms is not None
    if value.shape or not shape:
        return value.terms
    return tuple(replace(term, output=k) for k in range(_elements(shape)) for term in value.terms)


def _product(a: Term, b: Term) -> Term:
    if a.matrix or b.matrix:
        if a.paulis or b.paulis or (a.matrix and b.matrix):
            raise MatrixFactor
        return Term(times(a.coefficient, b.coefficient), (), a.output, a.matrix or b.matrix)
    return Term(times(a.coefficient, b.coefficient), _matrices(a, b), a.output)


def _matrices(a: Term, b: Term) -> tuple[tuple[int, Pauli], ...]:
    """P P is the identity; P Q of one qubit is not Hermitian."""
    found = dict(a.paulis)
    for wire, name in b.paulis:
        other = found.pop(wire, None)
        if other is None:
            found[wire] = name
        elif other != name:
            raise DoNotCommute(other, name)
    return tuple(sorted(found.items()))


# --- coefficients ---------------------------------------------------------------------------------

_NUMBER = TensorType(DType.F32)


def times(a: Coefficient, b: Coefficient) -> Coefficient:
    """The product; numbers are multiplied here, everything else at run time."""
    if isinstance(a, float) and isinstance(b, float):
        return a * b
    if isinstance(b, float):
        a, b = b, a
    assert isinstance(b, typed.Expr)
    if isinstance(a, float):
        if a == 1.0:
            return b
        if a == -1.0:
            return typed.Elementwise(fn="neg", args=(b,), type=b.type, span=b.span)
        a = typed.Literal(value=a, type=_NUMBER, span=b.span)
    return typed.Elementwise(fn="mul", args=(a, b), type=b.type, span=a.span)


def _element(factor: typed.Expr, place: int) -> Coefficient:
    """Element `place` (row-major) of an array of numbers; a single number is every element."""
    if isinstance(factor, typed.Literal):
        return float(factor.value)
    assert isinstance(factor.type, TensorType)
    if not factor.type.shape:
        return factor
    size = _elements(factor.type.shape)
    flat, one = (TensorType(factor.type.dtype, shape) for shape in ((size,), (1,)))
    row = typed.Prim(fn="reshape", args=(factor,), type=flat, span=factor.span)
    bounds = (("starts", (place,)), ("stops", (place + 1,)), ("steps", (1,)))
    picked = typed.Prim(fn="slice", args=(row,), options=bounds, type=one, span=factor.span)
    return typed.Prim(fn="reshape", args=(picked,), type=replace(flat, shape=()), span=factor.span)


def as_expr(coefficient: Coefficient, span: Span) -> typed.Expr:
    """A coefficient as a typed expression."""
    if isinstance(coefficient, float):
        return typed.Literal(value=coefficient, type=_NUMBER, span=span)
    return coefficient
