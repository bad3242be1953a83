"""Sizes against evaluation: the normal form, comparison, substitution and solving."""

from __future__ import annotations

import operator
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hqn.compiler.types import sizes
from hqn.compiler.types.sizes import Dim, Size, SizeError, Symbol

SYMBOLS = [Symbol(name) for name in "nmk"]
VALUES = st.fixed_dictionaries({symbol: st.integers(1, 12) for symbol in SYMBOLS})

# A size is built twice: by the module under test, and as a function of numbers.
Built = tuple[Dim, Callable[[dict[Symbol, int]], int]]


def _leaf() -> st.SearchStrategy[Built]:
    numbers = st.integers(-6, 6).map(lambda x: (x, lambda _: x))
    symbols = st.sampled_from(SYMBOLS).map(lambda s: (sizes.of_atom(s), lambda v: v[s]))
    return numbers | symbols


def _binary(children: st.SearchStrategy[Built]) -> st.SearchStrategy[Built]:
    operations = {"+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv}
    operations |= {"%": operator.mod, "min": min, "max": max}

    def combine(op: str, a: Built, b: Built) -> Built | None:
        if op in ("//", "%") and b[0] == 0:
            return None
        return sizes.OPERATIONS[op](a[0], b[0]), lambda v: operations[op](a[1](v), b[1](v))

    built = st.builds(combine, st.sampled_from(sorted(operations)), children, children)
    return built.filter(lambda found: found is not None)  # type: ignore[return-value]


BUILT = st.recursive(_leaf(), _binary, max_leaves=8)


def value(built: Built, values: dict[Symbol, int]) -> int:
    """What the size should be; division by zero has no value."""
    try:
        return built[1](values)
    except ZeroDivisionError:
        assume(False)
        raise


def evaluated(dim: Dim, values: dict[Symbol, int]) -> Dim:
    try:
        return sizes.substitute(dim, values)
    except SizeError:
        assume(False)
        raise


@given(BUILT, VALUES)
def test_substitution_is_evaluation(built: Built, values: dict[Symbol, int]) -> None:
    expected = value(built, values)
    assert evaluated(built[0], values) == expected


@given(BUILT, BUILT, VALUES)
def test_equal_never_contradicts_evaluation(a: Built, b: Built, values: dict[Symbol, int]) -> None:
    answer = sizes.equal(a[0], b[0])
    same = value(a, values) == value(b, values)
    if answer is True:
        assert same
    if answer is False and isinstance(sizes.sub(a[0], b[0]), int):
        assert not same


@given(BUILT, BUILT, BUILT)
def test_polynomials_have_one_normal_form(a: Built, b: Built, c: Built) -> None:
    x, y, z = a[0], b[0], c[0]
    assert sizes.add(x, y) == sizes.add(y, x)
    assert sizes.mul(x, sizes.add(y, z)) == sizes.add(sizes.mul(x, y), sizes.mul(x, z))
    assert sizes.sub(x, x) == 0
    assert hash(sizes.add(sizes.add(x, y), z)) == hash(sizes.add(x, sizes.add(y, z)))


@given(BUILT)
def test_a_constant_is_an_int(built: Built) -> None:
    difference = sizes.sub(sizes.add(built[0], 3), built[0])
    assert difference == 3 and isinstance(difference, int)


@given(st.integers(1, 9), st.integers(-9, 9), st.integers(1, 50))
def test_solving_undoes_evaluation(a: int, k: int, x: int) -> None:
    n = SYMBOLS[0]
    pattern = sizes.add(sizes.mul(a, sizes.of_atom(n)), k)
    assert sizes.solve(pattern, a * x + k, {n}) == (n, x)


def test_solving_needs_exactly_one_unknown_that_is_linear() -> None:
    n, m, _ = SYMBOLS
    x, y = sizes.of_atom(n), sizes.of_atom(m)
    assert sizes.solve(sizes.mul(x, y), 6, {n, m}) is None
    assert sizes.solve(sizes.mul(x, x), 9, {n}) is None
    assert sizes.solve(sizes.floordiv(x, 2), 3, {n}) is None
    assert sizes.solve(sizes.add(x, y), sizes.add(y, 2), {n}) == (n, 2)
    with pytest.raises(SizeError):
        sizes.solve(sizes.mul(2, x), 7, {n})


def test_two_inferred_sizes_differ_while_a_static_is_left_to_the_instance() -> None:
    n, m = sizes.symbol("n"), sizes.symbol("m")
    depth = sizes.symbol("depth", static=True)
    assert sizes.equal(n, m) is False
    assert sizes.equal(n, sizes.add(n, 1)) is False
    assert sizes.equal(n, depth) is None
    assert sizes.equal(n, sizes.mul(sizes.floordiv(n, 2), 2)) is None
    assert sizes.equal(sizes.unknown(), sizes.unknown()) is None


@pytest.mark.parametrize(
    "build",
    [
        lambda: sizes.divide(7, 2),
        lambda: sizes.divide(7, 0),
        lambda: sizes.floordiv(sizes.symbol("n"), 0),
        lambda: sizes.power(2, 64),
        lambda: sizes.power(10**9, 10**9),
        lambda: sizes.power(2, -1),
        lambda: sizes.mul(2**62, 4),
        lambda: sizes.log2(6),
    ],
)
def test_what_is_no_size_is_refused(build: Callable[[], Dim]) -> None:
    with pytest.raises(SizeError):
        build()


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda n, k: sizes.sub(n, k), "n - k"),
        (lambda n, k: sizes.sub(sizes.mul(2, n), 1), "2 * n - 1"),
        (lambda n, k: sizes.neg(n), "-n"),
        (lambda n, k: sizes.divide(n, k), "n / k"),
        (lambda n, k: sizes.add(sizes.floordiv(sizes.sub(n, k), 2), 1), "((n - k) // 2) + 1"),
        (lambda n, k: sizes.power(2, n), "2 ** n"),
        (lambda n, k: sizes.minimum(n, k), "min(k, n)"),
    ],
)
def test_a_size_reads_as_it_would_be_written(build: Callable[[Size, Size], Dim], text: str) -> None:
    shown = sizes.show(build(sizes.symbol("n"), sizes.symbol("k")))
    assert shown in (text, text.replace("min(k, n)", "min(n, k)"))
