"""Values and weights read inside of calls, against the same values computed by hand."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.whole import apply, model, module, program

LAYERS = """
use std.layers.{dense}
layer step(x: f32[n]) -> f32[n] {
  weight w: f32[n] = normal(1.0)
  size = sum(w * w)
  hidden = tanh(w * x)
  unused = exp(x)
  return 2 * hidden + x
}
layer deep(x: f32[n]) -> f32[n] { return x |> repeat 3 { step as blk } |> step as last }
"""
RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 4))
Weights = dict[str, np.ndarray]


def net(body: str, result: str = "f32[4]", params: str = "x: f32[4]") -> str:
    return f"{LAYERS}model net({params}) -> {result} {{\n{body}\n}}"


def weights(text: str) -> Weights:
    with jax.enable_x64(True):
        return {path: np.asarray(one) for path, one in model(text).init(0, "f64").flat().items()}


def turns(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """`repeat 3 { step }` and the `hidden` of each turn."""
    hidden = []
    for one in w:
        hidden.append(np.tanh(one * x))
        x = 2 * hidden[-1] + x
    return x, hidden


@pytest.mark.parametrize("passes", [None, ()])
@pytest.mark.parametrize("body", [
    "y = step(x)\n return y + step::hidden",
    "y = step(x)\n return y + y::hidden",
    "let f = step\n y = f(x)\n return y + f::hidden",
    "y = step(x) as one\n return y + one::hidden",
    "return step(x) + step::hidden",
    "let f = step\n a = f(x)\n b = f(3 * x)\n return a + a::hidden + 0 * (b + b::hidden)",
    "let f = step\n return f(x) + f::hidden + 0 * f(x)",
])  # fmt: skip
def test_every_way_to_name_a_call(body: str, passes: tuple[str, ...] | None) -> None:
    text = net(body)
    ((_, w),) = weights(text).items()
    expected = 3 * np.tanh(w * X) + X
    np.testing.assert_allclose(apply(model(text, passes=passes), [X]), expected, rtol=1e-12)


def test_a_tap_costs_one_call_and_what_is_not_read_is_not_computed() -> None:
    text = module(net("y = step(x)\n return y + step::hidden"))
    assert text.count("jnp.tanh") == 1
    assert "jnp.exp" not in text
    assert "y, step_hidden = step_4_tapped(" in text


def test_values_of_turns_are_stacked() -> None:
    text = net("y = deep(x)\n return concat[axis = 0](deep::blk.hidden, [deep::last.hidden, y])", "f32[5, 4]")
    w = weights(text)
    y, hidden = turns(X, w["deep.blk.w"])
    last = np.tanh(w["deep.last.w"] * y)
    expected = np.stack([*hidden, last, 2 * last + y], axis=1)
    np.testing.assert_allclose(apply(model(text), [X]), expected, rtol=1e-12)


@pytest.mark.parametrize("kind", ["map i in 0..3", "parallel i in 0..3", "scan i in 0..3 carry (s = 0.0)"])
def test_values_of_every_loop_are_stacked(kind: str) -> None:
    layer = f"""layer looped(x: f32[n]) -> f32[3, n] {{ return {kind} {{
      part = sin(x * (1 + f32(i)))
      yield 2 * part
    }} }}"""
    text = layer + net("y = looped(x)\n return y + looped::part", "f32[3, 4]")
    expected = 3 * np.sin(X[:, None] * np.array([1, 2, 3])[:, None])
    np.testing.assert_allclose(apply(model(text), [X]), expected, rtol=1e-6)


def test_a_lifted_call_gives_lifted_values() -> None:
    """What does not depend on the batch has its axes all the same."""
    params = "xs: f32[5, 4]"
    text = net("y = step(xs)\n return y + step::hidden * (sum(step::size) / 5)", "f32[5, 4]", params)
    mapped = net("let step = step\n return map x in xs { yield step(x) + step::hidden * step::size }",
                 "f32[5, 4]", params)  # fmt: skip
    values = RNG.normal(size=(3, 5, 4))
    ((_, w),) = weights(text).items()
    expected = np.tanh(w * values) * (2 + np.sum(w * w)) + values
    for one in (text, mapped):
        np.testing.assert_allclose(apply(model(one), [values]), expected, rtol=1e-12)


def test_weights_of_all_turns_and_the_derivative_through_a_tap() -> None:
    text = net("""
      y = deep(x)
      energy = sum(deep::blk.hidden * deep::blk.hidden)
      return grad(energy, x) + sum(deep::blk.w) + deep::last.w""")
    w = weights(text)
    found = apply(model(text), [X])

    def energy(x: np.ndarray) -> float:
        return float(sum(np.sum(one * one) for one in turns(x, w["deep.blk.w"])[1]))

    slope = np.zeros_like(X)
    for row, column in np.ndindex(*X.shape):
        nudge = np.zeros(4)
        nudge[column] = 1e-6
        slope[row, column] = (energy(X[row] + nudge) - energy(X[row] - nudge)) / 2e-6
    expected = slope + np.sum(w["deep.blk.w"]) + w["deep.last.w"]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


def test_taps_of_circuits_shared_instances_and_given_weights() -> None:
    text = """
    circuit turned(x: f32[n]) -> f32[n] {
      qubits q[n]
      angles = x * x
      ry(angles) q
      seen = expect(Z(q))
      return 2 * seen
    }
    layer twice[f: f32[n] -> f32[n]](x: f32[n]) -> f32[n] { return f(x) + 1 }
    """ + net("""
      let core = step
      y = twice[f = core](x)
      z = step(x) with {w = 3 * x} as given
      c = turned(x)
      return [twice::f.hidden, core(x), given::hidden, c::angles, c::seen]""", "f32[5, 4]")  # fmt: skip
    w = weights(text)["core.w"]
    hidden = np.tanh(w * X)
    expected = [hidden, 2 * hidden + X, np.tanh(3 * X * X), X * X, np.cos(X * X)]
    np.testing.assert_allclose(apply(model(text), [X]), np.stack(expected, axis=1), rtol=2e-6, atol=1e-6)


FUNCTIONS = {"sin": np.sin, "tanh": np.tanh, "square": np.square}


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(FUNCTIONS)), st.integers(0, 3), st.booleans()),
                min_size=1, max_size=5))  # fmt: skip
def test_a_tap_is_what_the_body_computed(steps: list[tuple[str, int, bool]]) -> None:
    """Every value of a random body, some of them inside of a second layer, against NumPy."""
    values, lines, layers, paths = [X], ["h0 = 1 * x"], [], []
    for i, (function, operand, nested) in enumerate(steps, 1):
        operand %= i
        value = FUNCTIONS[function](values[operand] + i)
        values.append(value)
        if nested:
            body = f"inner = {function}(x + {i})\n return inner * 1"
            layers.append(f"layer l{i}(x: f32[n]) -> f32[n] {{ {body} }}")
        lines.append(f"h{i} = l{i}(h{operand})" if nested else f"h{i} = {function}(h{operand} + {i})")
        paths.append(f"body::l{i}.inner" if nested else f"body::h{i}")
    body = "\n".join([*layers, "layer body(x: f32[n]) -> f32[n] {", *lines, f"return h{len(steps)} }}"])
    text = body + net(f"y = body(x)\n return [y, {', '.join(paths)}]", f"f32[{len(steps) + 1}, 4]")
    expected = np.stack([values[-1], *values[1:]], axis=1)
    np.testing.assert_allclose(apply(model(text), [X]), expected, rtol=1e-6, atol=1e-6)


RUN = """
data flowers = iris |> standardize |> split(train = 120, test = 30, seed = 0)
run fit {
  let net = deep
  data (x, y) in flowers batch 60
  z = net(x)
  minimize mean(z * z) + 0.1 * net::last.size over net by sgd(0.01)
  epochs 2
  track size = net::last.size
  track same = sum(net::last.w * net::last.w)
  track hidden = mean(net::last.hidden on test)
  track again = mean(z::last.hidden on test)
  track turns = sum(net::blk.w ** 2)
}
"""


def test_taps_in_a_run_with_and_without_samples() -> None:
    text = module(LAYERS + RUN)
    found = program(LAYERS + RUN).runs["fit"].fit().best
    series = found.series
    assert len(series["size"]) == 3
    np.testing.assert_allclose(series["size"], series["same"], rtol=1e-5)
    np.testing.assert_allclose(series["hidden"], series["again"], rtol=1e-6)
    assert series["size"][-1] < series["size"][0], "the tapped value is trained"
    values = {path: np.asarray(value) for path, value in found.values.items()}
    np.testing.assert_allclose(series["turns"][-1], np.sum(values["net.blk.w"] ** 2), rtol=1e-5)
    assert "def fit_value(p):" in text, "what depends on weights alone takes no samples"


# --- all instances of a definition --------------------------------------------------------------------


def test_a_sum_over_all_instances_reads_their_weights_and_values() -> None:
    """Turns of loops one by one; arguments and values as well as weights."""
    text = net("""
      y = deep(x)
      a = sum(s in all(step, deep)) sum(s.w * s.w)
      b = sum(s in all(step, y)) s.hidden * s.x
      c = prod(s in all(step, deep)) s.size
      return a * y + b + c + f32(count(all(step, deep)))""")
    w = weights(text)
    ws = [*w["deep.blk.w"], w["deep.last.w"]]
    x, b = X, np.zeros_like(X)
    for one in ws:
        hidden = np.tanh(one * x)
        b, x = b + hidden * x, 2 * hidden + x
    sizes = [np.sum(one * one) for one in ws]
    expected = sum(sizes) * x + b + np.prod(sizes) + 4
    np.testing.assert_allclose(apply(model(text), [X]), expected, rtol=1e-12)


def test_instances_of_lifted_calls_within_instances() -> None:
    """Axes of batches stand between those of turns."""
    text = """
    layer rows(x: f32[2, n]) -> f32[2, n] { return repeat 2 carry (c = x) { next c = step(c) } }
    """ + net("""
      y = outer(x)
      return (sum(s in all(step, outer)) s.hidden) + y""", "f32[2, 4]", "x: f32[2, 4]").replace(
        "model net", "layer outer(x: f32[2, n]) -> f32[2, n] { return x |> repeat 3 { rows } }\nmodel net"
    )  # fmt: skip
    w = weights(text)["outer.rows.step.w"]
    assert w.shape == (3, 2, 4)
    x = values = RNG.normal(size=(5, 2, 4))
    total = np.zeros_like(x)
    for one in w.reshape(6, 4):
        hidden = np.tanh(one * x)
        total, x = total + hidden, 2 * hidden + x
    np.testing.assert_allclose(apply(model(text), [values]), total + x, rtol=1e-12)


def test_a_penalty_over_all_instances_is_trained() -> None:
    text = (
        LAYERS
        + """
    data flowers = iris |> standardize |> split(train = 120, test = 30, seed = 0)
    run fit {
      let net = deep
      data (x, y) in flowers batch 60
      minimize 0 * mean(net(x)) + sum(s in all(step, net)) sum(s.w * s.w) over net by sgd(0.25)
      epochs 1
      track sizes = sum(s in all(step, net)) s.size
      track hidden = mean((sum(s in all(step, net)) sum(s.hidden)) on test)
      assert count(all(step, net)) == 4
    }"""
    )
    series = program(text).runs["fit"].fit().best.series
    np.testing.assert_allclose(series["sizes"][1], series["sizes"][0] / 16, rtol=1e-5)
    assert np.isfinite(series["hidden"][-1])
    assert "jax.vmap(step_4_tapped_only" in module(text), "turns that depend on weights alone carry nothing"


STATEFUL = """
use std.layers.{{dense, bn, dropout}}
use std.losses.{{cross_entropy}}
layer block(x: f32[n]) -> f32[n] {{
  hidden = x |> dense[n] |> bn |> tanh |> dropout[0.3]
  return x + hidden
}}
model net(x: f32[4]) -> f32[3] {{ return x |> repeat 2 {{ block }} |> dense[3] as head }}
policy small for net {{ default w int8 per channel, a int8 per tensor; calibrate on flowers.train[32] }}
data flowers = iris |> standardize |> split(train = 120, test = 30, seed = 0)
run fit {{
  let net = net{under}
  data (x, y) in flowers batch 60
  z = net(x)
  minimize cross_entropy(z, y){tap} over net by sgd(0.1)
  epochs 2
}}
"""


@pytest.mark.parametrize("under", ["", pytest.param(" under small", marks=pytest.mark.slow)])
def test_a_tap_changes_neither_draws_nor_states_nor_quantization(under: str) -> None:
    """A term of weight zero trains the same weights."""
    tap = " + 0 * (sum(z::block.hidden ** 2) + sum(z::block.bn.mu ** 2))"
    plain, tapped = (
        program(STATEFUL.format(under=under, tap=one)).runs["fit"].fit().best for one in ("", tap)
    )
    assert list(plain.values) == list(tapped.values)
    for path, value in plain.values.items():
        np.testing.assert_allclose(value, tapped.values[path], rtol=1e-4, atol=1e-6, err_msg=path)
