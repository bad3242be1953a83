"""`evolve[steps, order]` against products of exponentials in NumPy; the error and the order, in f64."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit.quantum_info import SparsePauliOp
from scipy.linalg import expm

from support.whole import Numbers, apply, model

WIRES, TIME = 4, 0.7
Term = tuple[float, str]
WORDS = st.text("IXYZ", min_size=WIRES, max_size=WIRES)
TERMS = st.lists(st.tuples(st.sampled_from([0.5, -1.25, 2.0]), WORDS), min_size=1, max_size=5)


def text(terms: list[Term], brackets: str) -> str:
    """The circuit on |++..>, with a weight as a coefficient of all; its start is 1."""
    products = [
        f"{c} * {' * '.join(f'{letter}(q[{wire}])' for wire, letter in enumerate(word))}" for c, word in terms
    ]
    return f"""hqn 0.1
circuit c(t: f32) -> c64[{2**WIRES}] {{
  qubits q[{WIRES}]
  weight g: f32 = ones
  h q
  evolve{brackets}(g * ({" + ".join(products)}), t)
  return state(q)
}}
model net(t: f32) -> c64[{2**WIRES}] {{ return c(t) }}
"""


def state(terms: list[Term], brackets: str = "") -> Numbers:
    return apply(model(text(terms, brackets)), [np.array(TIME)])


def matrix(word: str) -> Numbers:
    """Wire 0 the most significant."""
    return SparsePauliOp(word).to_matrix()


def symmetric(terms: list[Term], t: float) -> Numbers:
    factors = [expm(-0.5j * t * c * matrix(word)) for c, word in terms]
    return reduce(np.matmul, [*factors, *factors[::-1]])


def step(terms: list[Term], order: int, t: float) -> Numbers:
    """One step of the formula, term by term."""
    if order == 1:
        return reduce(np.matmul, [expm(-1j * t * c * matrix(word)) for c, word in terms][::-1])
    if order == 2:
        return symmetric(terms, t)
    p = 1 / (4 - 4 ** (1 / 3))
    return reduce(np.matmul, [symmetric(terms, factor * t) for factor in (p, p, 1 - 4 * p, p, p)])


def exact(terms: list[Term]) -> Numbers:
    return expm(-1j * TIME * sum(c * matrix(word) for c, word in terms)) @ plus()


def plus() -> Numbers:
    return np.full(2**WIRES, 2 ** (-WIRES / 2), complex)


@given(TERMS, st.sampled_from([1, 2, 4]), st.sampled_from([1, 2, 13]))
@settings(max_examples=settings.default.max_examples // 10)
def test_a_formula_is_the_product_of_its_exponentials(terms: list[Term], order: int, steps: int) -> None:
    found = state(terms, f"[steps = {steps}, order = {order}]")
    wanted = np.linalg.matrix_power(step(terms, order, TIME / steps), steps) @ plus()
    np.testing.assert_allclose(found, wanted, atol=1e-9)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_the_error_falls_with_the_order(order: int) -> None:
    terms = [(1.0, "ZZII"), (1.0, "IZZI"), (0.5, "XIII"), (-0.8, "IXYI"), (0.4, "YIIX"), (0.3, "IIII")]
    few, more = (
        np.linalg.norm(state(terms, f"[steps = {steps}, order = {order}]") - exact(terms))
        for steps in (8, 16)
    )
    assert 2 ** (order - 0.3) < few / more < 2 ** (order + 0.3)


def test_commuting_terms_are_exact_and_so_is_evolve() -> None:
    commuting = [(0.7, "XXII"), (0.2, "ZZII"), (1.1, "IIYZ")]
    np.testing.assert_allclose(state(commuting, "[1, order = 1]"), exact(commuting), atol=1e-9)
    np.testing.assert_allclose(state(commuting), exact(commuting), atol=1e-9)
