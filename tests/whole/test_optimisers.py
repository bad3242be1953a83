"""Optimisers that are no first-order ones, against closed forms and the words of their definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.compiler import driver
from hqn.compiler.diagnostics import Sink
from hqn.compiler.source import Source
from hqn.runtime.data import prepare
from hqn.runtime.results import Result
from support.whole import program

HEAD = """
use std.layers.{dense}
use std.losses.{mse}
layer net(x: f32[4]) -> f32[2] { return x |> dense[5] as body |> tanh |> dense[2] as head }
data flowers = iris |> standardize |> split(train = 120, test = 30, seed = 0)
"""
RUN = """
run NAME {
  let net = net
  data (x, y) in flowers batch all
  minimize mse(net(x), [x[0] * x[1], f32(y)]) over net.head by BY
  precision f64
  track e = mean(mse(net(x), [x[0] * x[1], f32(y)]) on train)
}
"""


def run(name: str, by: str) -> str:
    return RUN.replace("NAME", name).replace("BY", by)


def closed_form(result: Result, penalty: float) -> np.ndarray[Any, Any]:
    """The head, its bias the last row, that is the minimum of mean error plus penalty times all squares."""
    samples = prepare(result.program.data["flowers"]).splits["train"]
    x, y, values = samples["x"].astype(float), samples["y"], result.best.values
    hidden = np.tanh(x @ values["net.body.W"].T + values["net.body.b"])
    a = np.concatenate([hidden, np.ones((len(x), 1))], axis=1)
    wanted = np.stack([x[:, 0] * x[:, 1], y.astype(float)], axis=1)
    scale = 2 * len(x)  # the mean over samples and both outputs
    return np.linalg.solve(a.T @ a / scale + penalty * np.eye(6), a.T @ wanted / scale)


def head_of(result: Result) -> np.ndarray[Any, Any]:
    values = result.best.values
    return np.concatenate([values["net.head.W"].T, values["net.head.b"][None]])


@pytest.fixture(scope="module")
def fitted() -> dict[str, Result]:
    text = HEAD + run("ridge", "ridge(1e-3)") + run("plain", "ridge(0)")
    text += "run search from plain {" + run("x", "lbfgs").split("\n")[5] + "\n steps 40 }\n"
    found = program(text)
    return {name: found.runs[name].fit() for name in ("ridge", "plain", "search")}


@pytest.mark.parametrize(("name", "penalty"), [("ridge", 1e-3), ("plain", 0.0)])
def test_ridge_is_the_closed_form(fitted: dict[str, Result], name: str, penalty: float) -> None:
    np.testing.assert_allclose(
        head_of(fitted[name]), closed_form(fitted[name], penalty), rtol=1e-6, atol=1e-9
    )
    assert fitted[name].best.steps == 1


def test_ridge_leaves_frozen_weights_alone() -> None:
    """All of the net is trained, of which the features are frozen; they are no unknowns of the system."""
    text = """
layer features(x: f32[4]) -> f32[2] {
  frozen weight F: f32[5, 4] = normal(1.0)
  contract h[k] = F[k, i] * x[i]
  return dense[2](tanh(h)) as head
}
"""
    found = program(
        HEAD + text + run("ridge", "ridge(1e-3)").replace("= net", "= features").replace(".head", "")
    )
    result = found.runs["ridge"].fit()
    samples, values = prepare(result.program.data["flowers"]).splits["train"], result.best.values
    x, y = samples["x"].astype(float), samples["y"].astype(float)
    a = np.concatenate([np.tanh(x @ values["net.F"].T), np.ones((len(x), 1))], axis=1)
    wanted = np.stack([x[:, 0] * x[:, 1], y], axis=1)
    scale = 2 * len(x)
    best = np.linalg.solve(a.T @ a / scale + 1e-3 * np.eye(6), a.T @ wanted / scale)
    np.testing.assert_allclose(head_of(result), best, rtol=1e-6, atol=1e-9)


def test_lbfgs_reaches_the_same_minimum(fitted: dict[str, Result]) -> None:
    assert fitted["search"].best.series["e"][-1] == pytest.approx(
        fitted["plain"].best.series["e"][-1], rel=1e-6
    )


def test_searches_by_losses_alone_end_at_the_best_they_saw() -> None:
    loss = "sum((v - [1.0, 2.0, 3.0]) ** 2) + 0.5 * (v[0] * v[1])"
    found = program(f"""
run cobyla {{
  weight v: f32[3] = normal(1.0)
  minimize {loss} over v by cobyla(200)
  precision f64
  track e = {loss}
}}
run simplex from cobyla {{ minimize {loss} over v by nelder_mead(300, size = 0.5) }}
run few from cobyla {{
  minimize {loss} over v by nelder_mead(5)
  steps 3
}}
""")
    a = 2 * np.eye(3) + 0.5 * np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    best = np.linalg.solve(a, 2 * np.array([1.0, 2.0, 3.0]))
    for name in ("cobyla", "simplex"):
        np.testing.assert_allclose(found.runs[name].fit().best.values["v"], best, atol=2e-3)
    series = found.runs["few"].fit().best.series["e"]
    assert len(series) == 4 and sorted(series, reverse=True) == [*series] and series[-1] < series[0]


def test_spsa_moves_as_its_definition_says() -> None:
    """Of a linear loss `g v` a step with signs d is -gain (g d) d, whatever the perturbation."""
    found = program("""
run signs {
  weight v: f32[4] = zeros
  slope = v[0] + 2 * v[1] + 4 * v[2] + 8 * v[3]
  minimize slope over v by spsa(0.5 * (1 - progress), alpha = 0.5, stability = 3)
  steps 4
  precision f64
  track a = v[0]
  track b = v[1]
  track c = v[2]
  track d = v[3]
}
""")
    series = found.runs["signs"].fit().best.series
    moves = np.diff(np.stack([series[name] for name in "abcd"], axis=1), axis=0)
    slope = np.array([1.0, 2.0, 4.0, 8.0])
    for k, move in enumerate(moves):
        signs = np.sign(move)
        gain = 0.5 * (1 - k / 4) / (k + 1 + 3) ** 0.5
        assert signs.all()
        np.testing.assert_allclose(move, -gain * (slope @ -signs) * -signs, rtol=1e-6)
    assert len({tuple(np.sign(move)) for move in moves}) > 1


def test_spsa_finds_a_minimum() -> None:
    found = program("""
run bowl {
  weight v: f32[3] = normal(1.0)
  minimize sum((v - 1) ** 2) over v by spsa(0.2)
  steps 300
}
""")
    np.testing.assert_allclose(found.runs["bowl"].fit().best.values["v"], np.ones(3), atol=0.02)


# --- what ridge may solve -----------------------------------------------------------------------------


def vectors() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["v", "c", "(2 * v)", "(v + c)", "(c - v)"])
    return st.recursive(leaves, lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["sin", "relu"]), inner).map(lambda t: f"{t[0]}({t[1]})"),
        inner.map(lambda one: f"({one} / 2)"),
        inner.map(lambda one: f"(-{one})"),
    ), max_leaves=3)  # fmt: skip


def numbers() -> st.SearchStrategy[str]:
    leaves = st.one_of(
        vectors().map(lambda one: f"sum({one} ** 2)"),
        vectors().map(lambda one: f"mean({one})"),
        vectors().map(lambda one: f"dot({one}, {one})"),
    )
    return st.recursive(leaves, lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["3", "0.5", "(-2)"]), inner).map(lambda t: f"({t[0]} * {t[1]})"),
    ), max_leaves=3)  # fmt: skip


def accepted(loss: str) -> bool:
    text = f"""
circuit turn(x: f32, w: f32) -> f32 {{
  qubits q[1]
  ry(x) q
  repeat 2 {{ rx(w) q }}
  return expect(Z(q[0]))
}}
run r {{
  weight v: f32[3] = normal(1.0)
  frozen weight c: f32[3] = normal(1.0)
  minimize {loss} + sum(v ** 2) over v by ridge(0)
}}
"""
    sink = Sink()
    driver.check(Source("t.hqn", text), sink)
    codes = {one.code for one in sink.all}
    assert codes <= {"HQN0376"}, codes
    return not codes


@settings(max_examples=60)
@given(numbers())
def test_what_is_accepted_is_quadratic_and_convex(loss: str) -> None:
    """Along any line the third differences are zero and the second ones are not negative."""
    if not accepted(loss):
        return
    rng = np.random.default_rng(0)
    names: dict[str, Any] = {"sum": np.sum, "mean": np.mean, "dot": np.dot, "sin": np.sin}
    names |= {"relu": lambda x: np.maximum(x, 0), "c": rng.normal(size=3)}
    for _ in range(4):
        start, direction = rng.normal(size=(2, 3)) * 3
        line = [float(eval(loss, names | {"v": start + t * direction})) for t in range(6)]
        size = max(1.0, *map(abs, line))
        np.testing.assert_allclose(np.diff(line, 3) / size, 0, atol=1e-9)
        assert (np.diff(line, 2) >= -1e-9 * size).all()


@pytest.mark.parametrize(
    ("loss", "fits"),
    [
        ("sum((2 * v - c) ** 2)", True),
        ("0.5 * dot(v - c, v - c) + mean(c * v)", True),
        ("sum(map a in v { yield (2 * a - 1) ** 2 })", True),
        ("sum(v * v) / 3", True),
        ("var(v + c)", True),
        ("(turn(c[0], c[1]) - sum(v)) ** 2", True),
        ("(turn(c[0], 1.0) * v[0] - sum(v)) ** 2", True),
        ("(turn(c[0], v[0]) - sum(v)) ** 2", False),
        ("logsumexp(c) * sum(v) + sum((v - c) ** 2)", True),
        ("sum(v ** 3)", False),
        ("-sum(v ** 2)", False),
        ("v[0] * v[1]", False),
        ("sum(relu(v))", False),
    ],
)
def test_what_is_a_sum_of_squares(loss: str, fits: bool) -> None:
    assert accepted(loss) == fits
