"""Observables against the matrices that they stand for."""

from __future__ import annotations

from functools import reduce

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.types import typed
from support.elaborated import Numbers, codes, f32, function

PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
QUBITS = 3


def placed(name: str, wire: int) -> np.ndarray:
    return reduce(np.kron, [PAULI[name] if k == wire else PAULI["I"] for k in range(QUBITS)])


def matrices(found: typed.Function, *args: object) -> list[np.ndarray]:
    """The matrix of each element of the returned `expect`."""
    expect = found.result
    assert isinstance(expect, typed.Expect)
    numbers = Numbers({}, dict(zip(found.params, args, strict=True)))
    numbers.run(found.statements)
    (count,) = expect.type.shape or (1,)  # type: ignore[attr-defined]
    total = [np.zeros((2**QUBITS, 2**QUBITS), complex) for _ in range(count)]
    for term in expect.terms:
        assert list(term.paulis) == sorted(term.paulis)
        product = reduce(np.matmul, [placed(name, wire) for wire, name in term.paulis], np.eye(2**QUBITS))
        total[term.output] += float(numbers.of(term.coefficient)) * product
    return total


# --- random expressions ---------------------------------------------------------------------------


KINDS = ("pauli", "sum", "difference", "scaled", "negated", "over")


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> tuple[str, np.ndarray]:
    """A text and its matrix; factors of one product stand on different qubits."""
    kind = draw(st.sampled_from(KINDS)) if depth else "pauli"
    if kind == "pauli":
        return draw(products())
    text, matrix = draw(expressions(depth - 1))
    if kind == "negated":
        return f"-({text})", -matrix
    if kind == "scaled":
        return f"0.5 * ({text}) * 3", 1.5 * matrix
    if kind == "over":
        return f"({text}) / 4", matrix / 4
    other, second = draw(expressions(depth - 1))
    if kind == "sum":
        return f"({text}) + ({other})", matrix + second
    return f"({text}) - ({other})", matrix - second


@st.composite
def products(draw: st.DrawFn) -> tuple[str, np.ndarray]:
    wires = draw(st.lists(st.integers(0, QUBITS - 1), min_size=1, unique=True))
    names = [draw(st.sampled_from("IXYZ")) for _ in wires]
    text = " * ".join(f"{name}(q[{wire}])" for name, wire in zip(names, wires, strict=True))
    return text, reduce(np.matmul, [placed(name, wire) for name, wire in zip(names, wires, strict=True)])


@given(expressions())
def test_an_observable_is_its_matrix(case: tuple[str, np.ndarray]) -> None:
    text, matrix = case
    found = function(f"circuit c() -> f32 {{\nqubits q[{QUBITS}]\nreturn expect({text})\n}}", "c")
    np.testing.assert_allclose(matrices(found)[0], matrix, atol=1e-12)


# --- registers, sums, definitions -----------------------------------------------------------------


def circuit(value: str, result: str, params: str = "") -> str:
    return f"circuit c({params}) -> {result} {{\nqubits q[{QUBITS}]\nreturn expect({value})\n}}"


def test_a_register_gives_one_element_per_qubit() -> None:
    found = matrices(function(circuit("Y(q) * 2 - X(q[-1])", "f32[3]"), "c"))
    for wire, matrix in enumerate(found):
        np.testing.assert_allclose(matrix, 2 * placed("Y", wire) - placed("X", 2))


def test_arrays_of_observables_and_the_sum_of_a_register() -> None:
    found = matrices(function(circuit("[sum(Z(q)), Z(q[0]) * Z(q[0]), 1 + X(q[1])]", "f32[3]"), "c"))
    np.testing.assert_allclose(found[0], sum(placed("Z", wire) for wire in range(3)))
    np.testing.assert_allclose(found[1], np.eye(8))
    np.testing.assert_allclose(found[2], np.eye(8) + placed("X", 1))


def test_products_over_a_range_and_coefficients_from_arrays() -> None:
    text = circuit("prod(i in 0..3) Z(q[i]) + sum(i in 0..2) g[i] * X(q[i + 1])", "f32", "g: f32[2]")
    found = matrices(function(text, "c", f32(2)), np.array([0.25, -2.0]))
    zzz = placed("Z", 0) @ placed("Z", 1) @ placed("Z", 2)
    np.testing.assert_allclose(found[0], zzz + 0.25 * placed("X", 1) - 2.0 * placed("X", 2))


def test_a_definition_acts_on_the_qubits_that_it_is_given() -> None:
    text = """
observable chain(q: qubit[n], g: f32) = -sum(i in 0..n - 1) Z(q[i]) * Z(q[i + 1]) - g * sum(i in 0..n) X(q[i])
circuit c(g: f32) -> f32 {
  qubits q[3]
  H = chain(q[0..3 step 2], 2 * g)
  return expect(H)
}
"""
    found = matrices(function(text, "c", f32()), 0.5)
    z, x = placed("Z", 0) @ placed("Z", 2), placed("X", 0) + placed("X", 2)
    np.testing.assert_allclose(found[0], -z - x)


def test_mistakes_that_only_an_instance_shows() -> None:
    text = circuit("X(q[k]) * Z(q[0])", "f32").replace("c(", "c[k](")
    assert codes(text, "c", k=1) == []
    assert codes(text, "c", k=0) == ["HQN0412"]
    assert codes(text, "c", k=3) == ["HQN0402"]
