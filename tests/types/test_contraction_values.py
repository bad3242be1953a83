"""Contractions against direct sums: random index lists, affine positions, families, chains."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.types import typed
from support.elaborated import Numbers, f32, function

NAMES = "ijkl"


def value_of(found: typed.Function, *args: np.ndarray) -> np.ndarray:
    numbers = Numbers({}, dict(zip(found.params, args, strict=True)))
    numbers.run(found.statements)
    assert found.result is not None
    return numbers.of(found.result)


def contraction_of(found: typed.Function) -> typed.Contraction:
    (value,) = [s.value for s in found.statements if isinstance(s, typed.Assign)]
    assert isinstance(value, typed.Contraction)
    return value


def random_arrays(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    random = np.random.default_rng(1)
    return [random.standard_normal(shape) for shape in shapes]


# --- plain indices against numpy.einsum -----------------------------------------------------------


@st.composite
def einsums(draw: st.DrawFn) -> tuple[list[str], str, dict[str, int]]:
    sizes = {name: draw(st.integers(1, 3)) for name in NAMES}
    axes = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)
    factors = ["".join(draw(axes)) for _ in range(draw(st.integers(1, 3)))]
    present = sorted(set("".join(factors)))
    output = "".join(draw(st.permutations(present))[: draw(st.integers(0, len(present)))])
    return factors, output, sizes


@given(einsums())
def test_plain_indices_are_einsum(case: tuple[list[str], str, dict[str, int]]) -> None:
    factors, output, sizes = case
    shapes = [tuple(sizes[name] for name in factor) for factor in factors]
    params = ", ".join(f"T{k}: f32[{', '.join(map(str, shape))}]" for k, shape in enumerate(shapes))
    terms = " * ".join(f"T{k}[{', '.join(factor)}]" for k, factor in enumerate(factors))
    left = f"y[{', '.join(output)}]" if output else "y"
    result = f"f32[{', '.join(str(sizes[name]) for name in output)}]" if output else "f32"
    text = f"layer f({params}) -> {result} {{\ncontract {left} = {terms}\nreturn y\n}}"
    arrays = random_arrays(*shapes)
    expected = np.einsum(f"{','.join(factors)}->{output}", *arrays)
    found = function(text, "f", *map(_type, arrays))
    np.testing.assert_allclose(value_of(found, *arrays), expected, rtol=1e-12)


def _type(array: np.ndarray) -> object:
    return f32(*array.shape)


# --- affine positions -----------------------------------------------------------------------------


@given(st.integers(1, 3), st.integers(0, 2), st.integers(1, 4), st.integers(1, 3))
def test_strided_windows_are_a_direct_sum(stride: int, offset: int, outputs: int, taps: int) -> None:
    length = stride * (outputs - 1) + (taps - 1) + offset + 1
    text = f"""
layer f(h: f32[{length}], k: f32[{taps}]) -> f32[{outputs}] {{
  contract y[i < {outputs}] = h[{stride}*i + a + {offset}] * k[a]
  return y
}}
"""
    h, k = random_arrays((length,), (taps,))
    expected = [sum(h[stride * i + a + offset] * k[a] for a in range(taps)) for i in range(outputs)]
    np.testing.assert_allclose(value_of(function(text, "f", _type(h), _type(k)), h, k), expected, rtol=1e-12)


def test_a_sum_shifts_its_index_to_zero() -> None:
    text = """
layer f(A: f32[3, 7]) -> f32[3] {
  contract y[i] = -sum(k in 1..6 step 2) A[i, k] * 0.5
  return y
}
"""
    (A,) = random_arrays((3, 7))
    found = function(text, "f", f32(3, 7))
    np.testing.assert_allclose(value_of(found, A), -0.5 * A[:, [1, 3, 5]].sum(1), rtol=1e-12)


# --- families -------------------------------------------------------------------------------------

LINKS, SITES = ("l_0", "l_1", "l_2", "l_3"), ("p_0", "p_1", "p_2")
CHAIN = """
layer mps[sites](x: f32[sites, d], A: f32[sites, bond, d, bond], C: f32[bond, out, bond]) -> f32[out] {
  contract y[o] = prod(s in 0..sites) A[s, l[s], p[s], l[s+1]] * x[s, p[s]] * C[l[sites], o, l[0]]
  return y
}
"""


def test_a_chain_is_unrolled_into_readable_names() -> None:
    found = contraction_of(function(CHAIN, "mps", f32(3, 2), f32(3, 4, 2, 4), f32(4, 5, 4), sites=3))
    assert found.output == ("o",)
    assert dict(found.ranges) == {"o": 5} | dict.fromkeys(LINKS, 4) | dict.fromkeys(SITES, 2)
    first, x, *_ = found.factors
    assert [str(position) for position in first.positions] == [
        str(typed.Affine(terms, offset))
        for terms, offset in [((), 0), ((("l_0", 1),), 0), ((("p_0", 1),), 0), ((("l_1", 1),), 0)]
    ]
    assert x.positions == (typed.Affine((), 0), typed.Affine((("p_0", 1),), 0))
    assert found.families == (typed.ProductLoop(first=0, per_turn=2, trips=3),)


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 2))
def test_a_chain_is_a_product_of_matrices(sites: int, bond: int, d: int) -> None:
    x, A, C = random_arrays((sites, d), (sites, bond, d, bond), (bond, 2, bond))
    found = function(CHAIN, "mps", _type(x), _type(A), _type(C), sites=sites)
    matrices = [np.einsum("apb,p->ab", A[s], x[s]) for s in range(sites)]
    total = np.linalg.multi_dot(matrices) if sites > 1 else matrices[0]
    expected = np.einsum("ab,boa->o", total, C)
    if len(contraction_of(found).ranges) <= 9:
        np.testing.assert_allclose(value_of(found, x, A, C), expected, rtol=1e-10)


TREE = """
layer tree(phi: f32[w, k, d], W1: f32[d, c], W2: f32[c, b], W3: f32[b, l]) -> f32[l] {
  contract s[m] = prod(i in 0..w) (prod(j in 0..k) phi[i, j, p[i, j]] * W1[p[i, j], a[i]]) * W2[a[i], t]
      * W3[t, m]
  return s
}
"""


def test_nested_products_keep_what_is_outside_of_them() -> None:
    shapes = (2, 2, 2), (2, 2), (2, 2), (2, 3)
    phi, W1, W2, W3 = arrays = random_arrays(*shapes)
    found = function(TREE, "tree", *map(_type, arrays))
    expected = np.zeros(3)
    for m, t, a in product(range(3), range(2), product(range(2), repeat=2)):
        term = W3[t, m]
        for i in range(2):
            term *= W2[a[i], t] * np.prod([phi[i, j] @ W1[:, a[i]] for j in range(2)])
        expected[m] += term
    np.testing.assert_allclose(value_of(found, *arrays), expected, rtol=1e-10)
    assert [loop.trips for loop in contraction_of(found).families] == [2, 2, 2]


def test_a_tensor_that_is_computed_is_computed_once() -> None:
    text = """
layer f(A: f32[3, 3]) -> f32 {
  contract y = prod(s in 0..3) (2 * A)[s, i[s]]
  return y
}
"""
    found = function(text, "f", f32(3, 3))
    assert [type(s.value).__name__ for s in found.statements] == ["Elementwise", "Contraction"]
    (A,) = random_arrays((3, 3))
    np.testing.assert_allclose(value_of(found, A), np.prod(2 * A.sum(1)), rtol=1e-10)
