"""`with`: slots of a callee that its caller gives, against the same computation by hand."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from support.whole import apply, model, program

Weights = dict[str, np.ndarray]
LAYERS = """
use std.layers.{dense}
layer scale(x: f32[n]) -> f32[n] {
  weight a: f32[n] = normal(1.0)
  weight b: f32[n] = normal(1.0)
  return tanh(a * x + b)
}
layer deep(x: f32[n]) -> f32[n] { return x |> repeat 3 { scale } |> scale as last }
layer twice[f: f32[n] -> f32[n]](x: f32[n]) -> f32[n] { return f(f(x)) }
layer inside(x: f32[n]) -> f32[n] { let d = scale
  return d(twice[f = d](x)) }
"""
RNG = np.random.default_rng(0)
X, V = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))


def weights(text: str) -> Weights:
    with jax.enable_x64(True):
        return {path: np.asarray(one) for path, one in model(text).init(0, "f64").flat().items()}


def net(call: str, result: str = "f32[4]", params: str = "x: f32[4], v: f32[4]") -> str:
    return f"{LAYERS}model net({params}) -> {result} {{ return {call} }}"


def scale(x: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.tanh(a * x + b)


def deep(x: np.ndarray, a: list[np.ndarray], b: list[np.ndarray]) -> np.ndarray:
    for one, other in zip(a, b, strict=True):
        x = scale(x, one, other)
    return x


@pytest.mark.parametrize("passes", [None, ()])
def test_a_slot_that_is_given_is_no_parameter(passes: tuple[str, ...] | None) -> None:
    text = net("scale(x) with {a = 2 * v}")
    w = weights(text)
    assert list(w) == ["scale.b"]
    found = apply(model(text, passes=passes), [X, V])
    np.testing.assert_allclose(found, scale(X, 2 * V, w["scale.b"]), rtol=1e-12)


def test_an_instance_keeps_what_one_call_reads() -> None:
    text = (
        LAYERS
        + """model net(x: f32[4], v: f32[4]) -> f32[4] {
      let s = scale
      return s(x) with {a = v, b = v} - s(x) with {b = x}
    }"""
    )
    w = weights(text)
    assert list(w) == ["s.a"]
    expected = scale(X, V, V) - scale(X, w["s.a"], X)
    np.testing.assert_allclose(apply(model(text), [X, V]), expected, rtol=1e-12)


def test_leading_axes_of_a_value_are_the_batch_of_the_call() -> None:
    """Lifting equals a `map` over the values."""
    both = "x: f32[4], vs: f32[5, 4]"
    lifted = net("scale(x) with {a = vs}", "f32[5, 4]", both)
    mapped = net("map v in vs { yield scale(x) with {a = v} }", "f32[5, 4]", both)
    values = RNG.normal(size=(3, 5, 4))
    found = apply(model(lifted), [X, values])
    assert found.shape == (3, 5, 4)
    np.testing.assert_allclose(found, apply(model(mapped), [X, values]), rtol=1e-12)
    together = net("scale(xs) with {a = xs, b = x}", "f32[5, 4]", "x: f32[4], xs: f32[5, 4]")
    np.testing.assert_allclose(
        apply(model(together), [X, values]), scale(values, values, X[:, None]), rtol=2e-6
    )


@pytest.mark.parametrize("entry, given", [
    ("scale.a = stack[0](v, 2 * v, x)", lambda x, v, k: [v, 2 * v, x][k]),
    ("scale[k].a = v * f32(k + 1)", lambda x, v, k: v * (k + 1)),
    ("scale[2].a = v, scale[0].a = x, scale[1].a = x * v", lambda x, v, k: [x, x * v, v][k]),
])  # fmt: skip
def test_all_turns_of_a_loop(entry: str, given: object) -> None:
    text = net(f"deep(x) with {{{entry}, last.b = x}}")
    w = weights(text)
    assert sorted(w) == ["deep.last.a", "deep.scale.b"]
    a = [*(given(X, V, k) for k in range(3)), w["deep.last.a"]]  # type: ignore[operator]
    expected = deep(X, a, [*w["deep.scale.b"], X])
    np.testing.assert_allclose(apply(model(text), [X, V]), expected, rtol=1e-12)


@pytest.mark.parametrize("passes", [None, ()])
def test_one_turn_of_a_loop(passes: tuple[str, ...] | None) -> None:
    text = net("deep(x) with {scale[1].a = v}")
    w = weights(text)
    assert w["deep.scale.a"].shape == (3, 4)
    a = [w["deep.scale.a"][0], V, w["deep.scale.a"][2], w["deep.last.a"]]
    expected = deep(X, a, [*w["deep.scale.b"], w["deep.last.b"]])
    np.testing.assert_allclose(apply(model(text, passes=passes), [X, V]), expected, rtol=1e-12)


def test_turns_of_a_lifted_value() -> None:
    """The axis of the turns stands behind that of the batch."""
    text = net("deep(x) with {scale[k].a = vs * f32(k + 1)}", "f32[5, 4]", "x: f32[4], vs: f32[5, 4]")
    w, values = weights(text), RNG.normal(size=(5, 4))
    a = [*(values * (k + 1) for k in range(3)), w["deep.last.a"]]
    expected = deep(np.stack([X[0]] * 5), a, [*w["deep.scale.b"], w["deep.last.b"]])
    np.testing.assert_allclose(apply(model(text), [X[0], values]), expected, rtol=1e-12)


def test_a_shared_instance_is_given_its_slots_wherever_it_goes() -> None:
    text = net("inside(x) with {d.a = v}")
    w = weights(text)
    assert list(w) == ["inside.d.b"]
    expected = deep(X, [V] * 3, [w["inside.d.b"]] * 3)
    np.testing.assert_allclose(apply(model(text), [X, V]), expected, rtol=1e-12)


def test_a_circuit_is_given_its_angles() -> None:
    text = """
    circuit turns[n](x: f32[n]) -> f32[n] {
      qubits q[n]
      rx(x) q
      repeat l in 0..2 {
        weight t: angle[n] = normal(1.0)
        rx(t) q
      }
      return expect(Z(q))
    }
    layer around(x: f32[n]) -> f32[n] { return turns[n](x) as c }
    model net(x: f32[3], v: f32[3]) -> f32[3] {
      return around(x) with {c.t[1] = v} + around(x) with {c.t[l] = v} as r
    }
    """
    w = weights(text)
    assert list(w) == ["around.c.t"]
    x, v = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 3))
    expected = np.cos(x + w["around.c.t"][0] + v) + np.cos(x + 2 * v)
    np.testing.assert_allclose(apply(model(text), [x, v]), expected, rtol=1e-10)


def test_a_hypernetwork_is_trained_and_its_target_has_no_weights() -> None:
    text = """
    use std.layers.{dense}
    use std.losses.{mse}
    layer target(x: f32[8, 8]) -> f32 { weight w: f32[8, 8] = normal(1.0)
      return sum(w * x) / 64 }
    layer hyper(s: f32[1]) -> f32[8, 8] { return reshape[8, 8](dense[64](s)) }
    data d8 = digits_8x8 |> split(train = 1437, test = 360, seed = 0)
    run fit {
      let net = target
      let h = hyper
      data (x, y) in d8 batch 64
      minimize mse(net(x) with {w = h([1.0])}, f32(y)) over h by adam(1e-1)
      steps 30
      track loss = mean(mse(net(x) with {w = h([1.0])}, f32(y)) on test)
      assert params(h) == 128
      assert loss[last] < loss[0]
    }
    """
    run = program(text).runs["fit"]
    assert {slot.path for slot in run.spec.slots} == {"h.dense.W", "h.dense.b"}
    run.fit()


def test_slots_of_a_circuit_that_is_applied() -> None:
    """RX angles of two qubits by the caller, in one application and in one turn of a loop."""
    text = """
    circuit turned(q: qubit[2]) { weight w: f32[2] = normal(1.0)
      rx(w) q }
    circuit twice(q: qubit[2]) { repeat 2 { turned q } }
    circuit net(x: f32[2]) -> f32[4] { qubits q[4]
      turned q[0..2] as given with {w = 2 * x}
      inv @ turned q[0..2] as own
      twice q[2..4] with {turned[1].w = x}
      return expect(Z(q)) }
    model all(x: f32[2]) -> f32[4] { return net(x) }
    """
    found = model(text, "all")
    with jax.enable_x64(True):
        w = {path: np.asarray(one) for path, one in found.init(0, "f64").flat().items()}
    assert {path: one.shape for path, one in w.items()} == {"net.own.w": (2,), "net.twice.turned.w": (2, 2)}
    x = np.random.default_rng(0).normal(size=(3, 2))
    expected = [np.cos(2 * x - w["net.own.w"]), np.cos(w["net.twice.turned.w"][0] + x)]
    np.testing.assert_allclose(apply(found, [x]), np.concatenate(expected, axis=-1), rtol=1e-9, atol=1e-12)
