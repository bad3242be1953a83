"""Sizes: integer polynomials over symbols and opaque atoms, in one normal form.

What came before: size expressions whose names are looked up. What leaves: a `Dim`: an int, or a `Size`
that is not constant. Invariants: equal polynomials are equal objects by value; a constant polynomial is
always a plain int; nothing here guesses: `equal` answers None where it cannot decide, and `solve` solves
`a * x + k == e` for one unknown and nothing else.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

LARGEST = 2**63 - 1
_MOST_TERMS = 64

Dim: TypeAlias = "int | Size"


class SizeError(Exception):
    """A size that does not exist (7 / 2, n // 0) or is too large; the text is for users."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A size variable of a definition. `static` ones are given by the caller, others are inferred."""

    name: str
    owner: int = 0
    static: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Opaque:
    """An operation without a polynomial form: `// % ** / log2 min max`, or `?`, a size nobody knows."""

    op: str
    args: tuple[Dim, ...]

    def __str__(self) -> str:
        if self.op == "?":
            return "?"
        if self.op in ("log2", "min", "max"):
            return f"{self.op}({', '.join(show(arg) for arg in self.args)})"
        return f" {self.op} ".join(_grouped(arg) for arg in self.args)


Atom: TypeAlias = Symbol | Opaque
Monomial: TypeAlias = tuple[tuple[Atom, int], ...]


@dataclass(frozen=True)
class Size:
    """A polynomial that is not constant: monomials with their integer coefficients."""

    terms: frozenset[tuple[Monomial, int]]

    @cached_property
    def by_monomial(self) -> dict[Monomial, int]:
        return dict(self.terms)

    @cached_property
    def symbols(self) -> frozenset[Symbol]:
        return frozenset(_symbols_of(self))

    @cached_property
    def plain(self) -> Symbol | None:
        """The symbol, where the size is nothing but that symbol."""
        if len(self.terms) == 1:
            ((monomial, coefficient),) = self.terms
            if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1:
                atom = monomial[0][0]
                return atom if isinstance(atom, Symbol) else None
        return None

    def __str__(self) -> str:
        ordered = sorted(self.terms, key=lambda term: (-_degree(term[0]), term[1] < 0, _text(term[0])))
        if ordered[0][1] < 0:
            ordered.sort(key=lambda term: term[1] < 0)
        alone = ordered[0][0] if len(ordered) == 1 and ordered[0][1] == 1 else ()
        if len(alone) == 1 and alone[0][1] == 1:
            return str(alone[0][0])
        text = " ".join(_signed(monomial, coefficient) for monomial, coefficient in ordered)
        return text.removeprefix("+ ") if text.startswith("+") else "-" + text[2:]


def _degree(monomial: Monomial) -> int:
    return sum(power for _, power in monomial)


def _text(monomial: Monomial) -> str:
    return " * ".join(_power_text(atom, power) for atom, power in monomial)


def _power_text(atom: Atom, power: int) -> str:
    text = f"({atom})" if isinstance(atom, Opaque) and " " in str(atom) else str(atom)
    return text if power == 1 else f"{text} ** {power}"


def _signed(monomial: Monomial, coefficient: int) -> str:
    sign, number = ("-" if coefficient < 0 else "+"), abs(coefficient)
    if not monomial:
        return f"{sign} {number}"
    return f"{sign} {_text(monomial)}" if number == 1 else f"{sign} {number} * {_text(monomial)}"


def show(dim: object) -> str:
    """A size as a user would write it."""
    return str(dim)


def _grouped(dim: Dim) -> str:
    text = show(dim)
    return f"({text})" if " " in text else text


def _build(terms: Mapping[Monomial, int]) -> Dim:
    kept = {monomial: number for monomial, number in terms.items() if number}
    if len(kept) > _MOST_TERMS:
        raise SizeError(f"this size has more than {_MOST_TERMS} terms")
    for number in kept.values():
        _checked(number)
    if not kept:
        return 0
    if len(kept) == 1 and () in kept:
        return kept[()]
    return Size(frozenset(kept.items()))


def _checked(number: int) -> int:
    if abs(number) > LARGEST:
        raise SizeError("this number does not fit into 63 bits")
    return number


def _terms(dim: Dim) -> Mapping[Monomial, int]:
    return {(): dim} if isinstance(dim, int) else dim.by_monomial


def of_atom(atom: Atom) -> Size:
    return Size(frozenset({(((atom, 1),), 1)}))


def symbol(name: str, owner: int = 0, static: bool = False) -> Size:
    return of_atom(Symbol(name, owner, static))


_fresh = itertools.count(1)


def unknown() -> Size:
    """A size of which nothing is known; comparing it decides nothing."""
    return of_atom(Opaque("?", (next(_fresh),)))


# --- arithmetic -----------------------------------------------------------------------------------


def add(a: Dim, b: Dim) -> Dim:
    if isinstance(a, int) and isinstance(b, int):
        return _checked(a + b)
    total = dict(_terms(a))
    for monomial, number in _terms(b).items():
        total[monomial] = total.get(monomial, 0) + number
    return _build(total)


def neg(a: Dim) -> Dim:
    return mul(a, -1)


def sub(a: Dim, b: Dim) -> Dim:
    return add(a, neg(b))


def mul(a: Dim, b: Dim) -> Dim:
    if isinstance(a, int) and isinstance(b, int):
        return _checked(a * b)
    total: dict[Monomial, int] = {}
    for (m, x), (n, y) in itertools.product(_terms(a).items(), _terms(b).items()):
        monomial = _merge(m, n)
        total[monomial] = total.get(monomial, 0) + x * y
    return _build(total)


def _merge(a: Monomial, b: Monomial) -> Monomial:
    powers = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: (str(item[0]), repr(item[0]))))


def divide(a: Dim, b: Dim) -> Dim:
    """Exact division: an error where it leaves a remainder."""
    if b == 0:
        raise SizeError("division by zero")
    if isinstance(a, int) and isinstance(b, int):
        if a % b:
            raise SizeError(f"{a} / {b} leaves a remainder; `/` on sizes is exact, `//` rounds down")
        return a // b
    quotient = _quotient(a, b)
    return of_atom(Opaque("/", (a, b))) if quotient is None else quotient


def _quotient(a: Dim, b: Dim) -> Dim | None:
    """a / b where b is a single term that divides every term of a."""
    divisor = list(_terms(b).items())
    if len(divisor) != 1:
        return 1 if a == b else None
    monomial, number = divisor[0]
    total: dict[Monomial, int] = {}
    for term, coefficient in _terms(a).items():
        powers = dict(term)
        for atom, power in monomial:
            powers[atom] = powers.get(atom, 0) - power
        if coefficient % number or any(power < 0 for power in powers.values()):
            return None
        kept = tuple((atom, power) for atom, power in powers.items() if power)
        total[_merge(kept, ())] = coefficient // number
    return _build(total)


def floordiv(a: Dim, b: Dim) -> Dim:
    if b == 0:
        raise SizeError("division by zero")
    if isinstance(a, int) and isinstance(b, int):
        return a // b
    quotient = _quotient(a, b)
    return of_atom(Opaque("//", (a, b))) if quotient is None else quotient


def mod(a: Dim, b: Dim) -> Dim:
    if b == 0:
        raise SizeError("division by zero")
    if isinstance(a, int) and isinstance(b, int):
        return a % b
    return of_atom(Opaque("%", (a, b))) if _quotient(a, b) is None else 0


def power(a: Dim, b: Dim) -> Dim:
    if isinstance(b, int) and b < 0:
        raise SizeError("a size cannot have a negative exponent")
    if isinstance(a, int) and isinstance(b, int):
        if abs(a) > 1 and b * (abs(a).bit_length() - 1) > 63:
            raise SizeError("this number does not fit into 63 bits")
        return _checked(a**b)
    if isinstance(b, int) and b <= 8:
        result: Dim = 1
        for _ in range(b):
            result = mul(result, a)
        return result
    return of_atom(Opaque("**", (a, b)))


def log2(a: Dim) -> Dim:
    """The exact binary logarithm."""
    if not isinstance(a, int):
        return of_atom(Opaque("log2", (a,)))
    if a < 1 or a & (a - 1):
        raise SizeError(f"log2({a}) is not a whole number")
    return a.bit_length() - 1


def minimum(a: Dim, b: Dim) -> Dim:
    return _extreme("min", a, b)


def maximum(a: Dim, b: Dim) -> Dim:
    return _extreme("max", a, b)


def _extreme(op: str, a: Dim, b: Dim) -> Dim:
    difference = sub(a, b)
    if isinstance(difference, int):
        return a if (difference <= 0) == (op == "min") else b
    return of_atom(Opaque(op, tuple(sorted((a, b), key=repr))))


OPERATIONS: dict[str, Callable[[Dim, Dim], Dim]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": divide,
    "//": floordiv,
    "%": mod,
    "**": power,
    "min": minimum,
    "max": maximum,
}


# --- questions ------------------------------------------------------------------------------------


def equal(a: Dim, b: Dim) -> bool | None:
    """Whether two sizes agree for all values of their symbols; None where that cannot be decided.

    Sizes that differ by a constant never agree. Two different polynomials of inferred sizes are a
    mistake of the definition; where a static or an opaque atom takes part, the instance decides.
    """
    if a == b:
        return True
    try:
        difference = sub(a, b)
    except SizeError:
        return None
    if isinstance(difference, int):
        return difference == 0
    decided = all(isinstance(atom, Symbol) and not atom.static for atom in atoms(difference))
    return False if decided else None


def atoms(dim: Dim) -> Iterator[Atom]:
    """The atoms a size is made of, not looking into opaque ones."""
    if isinstance(dim, Size):
        for monomial, _ in dim.terms:
            for atom, _ in monomial:
                yield atom


def symbols(dim: Dim) -> frozenset[Symbol]:
    """Every symbol a size depends on."""
    return dim.symbols if isinstance(dim, Size) else frozenset()


def _symbols_of(size: Size) -> Iterator[Symbol]:
    for atom in atoms(size):
        if isinstance(atom, Symbol):
            yield atom
        elif atom.op != "?":
            for arg in atom.args:
                yield from symbols(arg)


def substitute(dim: Dim, values: Mapping[Symbol, Dim]) -> Dim:
    """The size with symbols replaced; raises SizeError where that leaves no size."""
    if isinstance(dim, int):
        return dim
    if dim.plain is not None:
        return values.get(dim.plain, dim)
    if dim.symbols.isdisjoint(values):
        return dim
    total: Dim = 0
    for monomial, coefficient in dim.terms:
        product: Dim = coefficient
        for atom, exponent in monomial:
            product = mul(product, power(_substitute_atom(atom, values), exponent))
        total = add(total, product)
    return total


def _substitute_atom(atom: Atom, values: Mapping[Symbol, Dim]) -> Dim:
    if isinstance(atom, Symbol):
        return values.get(atom, of_atom(atom))
    if atom.op == "?":
        return of_atom(atom)
    args = [substitute(arg, values) for arg in atom.args]
    return log2(args[0]) if atom.op == "log2" else OPERATIONS[atom.op](args[0], args[1])


def solve(pattern: Dim, value: Dim, unknowns: Set[Symbol]) -> tuple[Symbol, Dim] | None:
    """The one unknown x of `a * x + k == value` and what it is; None where there is not exactly that.

    Raises SizeError where a does not divide value - k.
    """
    if not isinstance(pattern, Size):
        return None
    found = pattern.symbols & unknowns
    if len(found) != 1:
        return None
    if pattern.plain is not None:
        return pattern.plain, value
    (x,) = found
    coefficient = pattern.by_monomial.get(((x, 1),), 0)
    rest = sub(pattern, mul(coefficient, of_atom(x)))
    if not coefficient or x in symbols(rest):
        return None
    return x, divide(sub(value, rest), coefficient)
