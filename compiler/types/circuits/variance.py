"""`var(O)`: <O O> - <O>^2, element by element.

What came before: an `Observable` on numbered wires. What leaves: typed expressions of two expectation values.
Invariant: the square of a sum of Pauli words holds each pair once, since words that do not commute cancel.
"""

from __future__ import annotations

from dataclasses import replace

from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.circuits.expectations import expectation
from hqn.compiler.types.circuits.observables import Observable, Pauli, Placed, Term, observable, times
from hqn.compiler.types.model import DType, TensorType

_PRODUCTS: dict[tuple[str, str], tuple[Pauli, int]] = {
    ("X", "Y"): ("Z", 1), ("Y", "X"): ("Z", 3), ("Y", "Z"): ("X", 1),
    ("Z", "Y"): ("X", 3), ("Z", "X"): ("Y", 1), ("X", "Z"): ("Y", 3),
}  # fmt: skip
"""P Q = i^k R of two different Pauli matrices."""


def count_of_squares(value: Observable) -> int:
    """A bound on how many terms the square has."""
    sizes: dict[int, int] = {}
    for term in value.terms or ():
        sizes[term.output] = sizes.get(term.output, 0) + 1
    return sum(size * (size + 1) // 2 for size in sizes.values())


def has_no_square(value: Observable) -> bool:
    """Whether an element mixes a matrix with other terms."""
    matrices = [term for term in value.terms or () if term.matrix is not None]
    return any(sum(other.output == term.output for other in value.terms or ()) > 1 for term in matrices)


def variance(value: Observable, span: Span) -> typed.Expr:
    """The variances of an observable, of its shape."""
    kind = TensorType(DType.F32, value.shape)
    mean = expectation(value, span)
    squared = typed.Elementwise(fn="mul", args=(mean, mean), type=kind, span=span)
    second = expectation(_square(value, span), span)
    return typed.Elementwise(fn="sub", args=(second, squared), type=kind, span=span)


def _square(value: Observable, span: Span) -> Observable:
    by_output: dict[int, list[Term]] = {}
    for term in value.terms or ():
        by_output.setdefault(term.output, []).append(term)
    pairs = (
        _pair(a, b) for terms in by_output.values() for place, a in enumerate(terms) for b in terms[place:]
    )
    return observable(value.shape, tuple(term for term in pairs if term is not None), span)


def _pair(a: Term, b: Term) -> Term | None:
    """a a, or a b + b a of two terms of one element; None where the two cancel."""
    if a.matrix is not None:
        return replace(a, coefficient=times(a.coefficient, a.coefficient), matrix=_squared(a.matrix))
    word, phase = _product(dict(a.paulis), dict(b.paulis))
    if phase % 2:
        return None
    sign = 1.0 if phase == 0 else -1.0
    coefficient = times(a.coefficient, b.coefficient)
    factor = sign if a is b else 2.0 * sign
    return Term(times(factor, coefficient), word, a.output)


def _squared(placed: Placed) -> Placed:
    value = placed.value
    if not placed.diagonal:
        return replace(placed, value=_product_with_itself(value))
    square = typed.Elementwise(fn="mul", args=(value, value), type=value.type, span=value.span)
    return replace(placed, value=square)


def _product_with_itself(value: typed.Expr) -> typed.Expr:
    assert isinstance(value.type, TensorType) and isinstance(value.type.shape[0], int)
    i, j, k = (typed.Affine(((name, 1),)) for name in "ijk")
    return typed.Contraction(
        output=("i", "k"),
        ranges=tuple((name, value.type.shape[0]) for name in "ijk"),
        factors=(typed.Factor(value, (i, j)), typed.Factor(value, (j, k))),
        type=value.type,
        span=value.span,
    )


def _product(a: dict[int, Pauli], b: dict[int, Pauli]) -> tuple[tuple[tuple[int, Pauli], ...], int]:
    """The word of a product, and the power of i in front of it."""
    word, phase = dict(a), 0
    for wire, second in b.items():
        first = word.pop(wire, None)
        if first is None:
            word[wire] = second
        elif first != second:
            word[wire], power = _PRODUCTS[first, second]
            phase += power
    return tuple(sorted(word.items())), phase % 4
