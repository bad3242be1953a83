"""Circuits cut to light cones compute what whole ones do: values, derivatives, and what fits."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import hqn
from hqn.compiler.plan import narrow
from hqn.runtime.program import Model

ONE = ("h", "x", "s", "sx")
TURNS = ("rx", "ry", "rz")
TWO = ("cx", "cz", "swap", "ch")
QUERIES = (
    "expect(Z(q))",
    "expect([0.5 * X(q[0]) * Y(q[2]) + 2.0 * Z(q[1]) + 0.3, Y(q[n - 1]), Z(q[1]) * Z(q[2])])",
    "expect(sum(i in 0..n) (1.5 * Z(q[i])))",
    "probs(q[2], q[0])",
    "expect(hermitian(m, q[2], q[1]))",
    "purity(q[1..3])",
)
SHAPES = ("[n]", "[3]", "", "[4]", "", "")


def gates(n: int) -> st.SearchStrategy[str]:
    """One gate on wires anywhere, its angle a weight, an input or a number."""

    def on(places: list[int]) -> st.SearchStrategy[str]:
        a, b = places[:2]
        return st.sampled_from(
            [
                *(f"{name} q[{a}]" for name in ONE),
                *(f"{name}({angle}[{b}]) q[{a}]" for name in TURNS for angle in "wx"),
                *(f"{name} q[{a}], q[{b}]" for name in TWO),
                f"rzz(w[{a}]) q[{a}], q[{b}]",
                f"ctrl @ ry(0.7) q[{a}], q[{b}]",
                "rx(w) q",
            ]
        )

    return st.permutations(range(n)).flatmap(on)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Gates at random places, some in loops with weights of their own, and a local query."""
    n = draw(st.integers(3, 6))
    start, turn, end = (draw(st.lists(gates(n), min_size=least, max_size=3)) for least in (0, 1, 0))
    query, axes = draw(st.sampled_from(list(zip(QUERIES, SHAPES, strict=True))))
    type_ = f"f32{axes}".replace("n", str(n))
    lines = [
        f"qubits q[{n}]",
        f"weight w: angle[{n}] = uniform(0, 2 * pi)",
        "weight m: f32[4, 4] = normal",
        *start,
        f"repeat {draw(st.integers(1, 3))} {{",
        f"  weight u: angle[{n}] = uniform(0, 2 * pi)",
        "  ry(u) q",
        *(line.replace("(w", "(u") for line in turn),
        "}",
        *end,
        f"return {query.replace('n - 1', str(n - 1)).replace('0..n', f'0..{n}')}",
    ]
    body = "\n  ".join(lines)
    model = f"model net(x: f32[{n}]) -> {type_} {{ return c(x) }}"
    return f"circuit c(x: f32[{n}]) -> {type_} {{\n  {body}\n}}\n{model}\n"


def compiled(text: str, monkeypatch: pytest.MonkeyPatch, smallest: int, gain: int) -> tuple[Model, str]:
    monkeypatch.setattr(narrow, "SMALLEST", smallest)
    monkeypatch.setattr(narrow, "GAIN", gain)
    program = hqn.compile(text)
    return program.models["net"], program.text


def results(model: Model, variables: Any, x: np.ndarray) -> Any:
    """Values, and derivatives of a mixture of them by weights and inputs."""

    def mixed(weights: Any, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        values = model.function(weights, x)
        mixture = np.cos(1.0 + np.arange(values.size)).reshape(values.shape).astype("f4")
        return (values * mixture).sum(), values

    return jax.jit(jax.value_and_grad(mixed, argnums=(0, 1), has_aux=True))(variables, x)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=programs(), seed=st.integers(0, 99))
def test_cones_compute_what_the_whole_circuit_does(
    text: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = compiled(text, monkeypatch, 99, 4)
    cut, emitted = compiled(text, monkeypatch, 1, 0)
    assert "_cone" in emitted
    weights = whole.init(seed).merged()
    (n,) = whole.inputs[0].shape
    x = np.random.default_rng(seed).normal(size=(3, n)).astype("f4")
    expected, found = results(whole, weights, x), results(cut, weights, x)
    jax.tree.map(lambda *both: np.testing.assert_allclose(*both, atol=2e-5, rtol=2e-5), expected, found)


BRICKS = """
circuit local[n, first, last]() -> f32 {{
  qubits q[n]
  repeat 2 {{
    weight a, b: angle[n] = uniform(0, 2 * pi)
    ry(a) q
    cz q[0..n step 2], q[1..n step 2]
    rx(b) q
    cz q[1..n - 1 step 2], q[2..n step 2]
  }}
  return expect(sum(i in first..last) Z(q[i]))
}}
model net() -> f32 {{ return local[{n}, {first}, {last}]() }}
"""


def test_cones_of_one_shape_share_a_function() -> None:
    """One for those inside, one for both ends, and the circuit's own."""
    program = hqn.compile(BRICKS.format(n=40, first=0, last=40))
    assert program.text.count("_cone1(") == 2 and program.text.count("\ndef local_") == 3
    model = program.models["net"]
    weights = model.init(0).merged()
    whole = float(jax.jit(model.function)(weights))
    sites = [hqn.compile(BRICKS.format(n=40, first=i, last=i + 1)).models["net"] for i in (0, 17, 39)]
    rest = [hqn.compile(BRICKS.format(n=40, first=a, last=b)).models["net"] for a, b in ((1, 17), (18, 39))]
    assert whole == pytest.approx(sum(float(one.function(weights)) for one in (*sites, *rest)), abs=1e-4)


def test_forty_qubits_equal_the_few_that_matter() -> None:
    """The same angles on a register of 14 qubits around the site."""
    wide = hqn.compile(BRICKS.format(n=40, first=20, last=21)).models["net"]
    small = hqn.compile(BRICKS.format(n=10, first=4, last=5)).models["net"]
    weights = wide.init(3).merged()
    near = jax.tree.map(lambda leaf: leaf[:, 16:26], weights)
    assert float(wide.function(weights)) == pytest.approx(float(small.function(near)), abs=1e-5)


def test_small_circuits_stay_whole() -> None:
    assert "_cone" not in hqn.compile(BRICKS.format(n=8, first=4, last=5)).text


def test_a_cone_that_does_not_fit_is_refused_with_its_size() -> None:
    text = (
        "circuit c() -> f32 {\n  qubits q[40]\n  h q\n  repeat i in 0..39 { cx q[i], q[i + 1] }\n"
        "  return expect(Z(q[SITE]))\n}\nmodel net() -> f32 { return c() }\n"
    )
    with pytest.raises(hqn.CompileError, match="37 qubits need 3 TiB"):
        hqn.compile(text.replace("SITE", "35"))
    assert "_cone" in hqn.compile(text.replace("SITE", "3")).text
