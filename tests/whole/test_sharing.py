"""Instances and primitives given for layer-valued statics: the same weights, once."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hqn.compiler import driver
from hqn.compiler.emit.jax.target import JaxTarget
from support.whole import apply, checked, model, module

LAYERS = """
use std.layers.{dense}
use std.losses.{cross_entropy}
layer two[g: f32[n] -> f32[m]](x: f32[n]) -> f32[m] { return g(x) + 2 * (g(x) as second) }
layer through[h: f32[n] -> f32[m]](x: f32[n]) -> f32[m] { return two[g = h](x) - h(x) }
layer scaled[f: f32[n] -> f32[n]](x: f32[n]) -> f32[n] { weight s: f32[n] = normal(1.0)
  return f(s * x) }
"""
X = np.random.default_rng(0).normal(size=(3, 4))


def weights(text: str) -> dict[str, np.ndarray]:
    with jax.enable_x64(True):
        return {path: np.asarray(one) for path, one in model(text).init(0, "f64").flat().items()}


def test_an_instance_given_is_the_callers() -> None:
    text = (
        LAYERS
        + """model net(x: f32[4]) -> f32[4] {
      let d = dense[4]
      return two[g = d](x) + through[h = d](x) + scaled[f = d](x) + d(x)
    }"""
    )
    w = weights(text)
    assert sorted(w) == ["d.W", "d.b", "scaled.s"]
    expected = 6 * (X @ w["d.W"].T + w["d.b"]) + (w["scaled.s"] * X) @ w["d.W"].T + w["d.b"]
    for passes in (None, ()):
        np.testing.assert_allclose(apply(model(text, passes=passes), [X]), expected, rtol=1e-12)


def test_a_name_given_is_an_instance_of_each_call() -> None:
    text = LAYERS + "model net(x: f32[4]) -> f32[4] { return two[g = dense[4]](x) }"
    assert sorted(weights(text)) == ["two.g.W", "two.g.b", "two.second.W", "two.second.b"]


def test_an_instance_of_the_turn_is_shared_in_the_turn() -> None:
    text = (
        LAYERS
        + """model net(x: f32[4]) -> f32[3, 4] {
      return parallel i in 0..3 {
        let d = dense[4]
        yield two[g = d](x) - scaled[f = d](x)
      }
    }"""
    )
    w = weights(text)
    assert w["d.W"].shape == (3, 4, 4) and w["scaled.s"].shape == (3, 4)

    def turn(x: np.ndarray, i: int) -> np.ndarray:
        def layer(v: np.ndarray) -> np.ndarray:
            return w["d.W"][i] @ v + w["d.b"][i]

        return 3 * layer(x) - layer(w["scaled.s"][i] * x)

    expected = [[turn(x, i) for i in range(3)] for x in X]
    np.testing.assert_allclose(apply(model(text), [X]), expected, rtol=1e-12)


@pytest.mark.parametrize("given, meaning", [
    ("relu", lambda v: np.maximum(v, 0)),
    ("softmax", lambda v: np.exp(v) / np.exp(v).sum(axis=-1, keepdims=True)),
    ("cumsum[0]", lambda v: np.cumsum(v, axis=-1)),
])  # fmt: skip
def test_a_primitive_given(given: str, meaning: object) -> None:
    """Lifted as a layer is, also over axes that the primitive by itself would take for its own."""
    text = LAYERS + f"model net(x: f32[3, 4]) -> f32[3, 4] {{ return scaled[f = {given}](x) }}"
    expected = meaning(weights(text)["scaled.s"] * X)  # type: ignore[operator]
    np.testing.assert_allclose(apply(model(text), [X]), expected, rtol=1e-12)
    np.testing.assert_allclose(apply(model(text), [np.stack([X, 2 * X])])[0], expected, rtol=1e-12)


ATTACK = (
    LAYERS
    + """
layer mlp(x: f32[4]) -> f32[3] { return x |> dense[5] as a |> tanh |> dense[3] as b }
layer pgd[f: f32[..s] -> f32[k], eps = 0.1, steps = 5](x: f32[..s], y: idx[k]) -> f32[..s] {
  xa = scan i in 0..steps carry (a = x) {
    e = cross_entropy(f(a), y)
    next a = clip(a + eps / steps * sign(grad(e, a)), x - eps, x + eps)
  }
  return stop(xa)
}
model net(x: f32[4], y: idx[3]) -> f32[4] { let m = mlp
  return pgd[f = m, eps = 0.2](x, y) }
"""
)


def test_an_attack_on_the_network_itself() -> None:
    """Against the same steps by hand; nothing but the network has weights, and it is called, not copied."""
    w = weights(ATTACK)
    assert sorted(w) == ["m.a.W", "m.a.b", "m.b.W", "m.b.b"]
    y = np.array([0, 2, 1])

    def loss(a: jax.Array, label: int) -> jax.Array:
        z = w["m.b.W"] @ jnp.tanh(w["m.a.W"] @ a + w["m.a.b"]) + w["m.b.b"]
        return -jax.nn.log_softmax(z)[label]

    with jax.enable_x64(True):
        expected = []
        for x, label in zip(X, y):
            a = x
            for _ in range(5):
                a = np.clip(a + 0.04 * np.sign(jax.grad(loss)(jnp.asarray(a), label)), x - 0.2, x + 0.2)
            expected.append(a)
    np.testing.assert_allclose(apply(model(ATTACK), [X, y]), expected, rtol=1e-12)
    assert '{"f": p["m"]}' in module(ATTACK)


def test_a_circuit_given_to_a_circuit() -> None:
    text = """
    circuit turn(x: f32, q: qubit) { weight t: angle = normal(1.0)
      rx(x + t) q }
    circuit chain[k: f32 -> f32](x: f32) -> f32[2] { qubits q[2]
      k(x) q[0]
      k(2 * x) q[1]
      return expect(Z(q)) }
    model net(x: f32) -> f32[2] { let u = turn
      return chain[k = u](x) }
    """
    w = weights(text)
    assert sorted(w) == ["u.t"]
    x = np.array([0.3, 0.7])
    expected = np.stack([np.cos(x + w["u.t"]), np.cos(2 * x + w["u.t"])], axis=-1)
    np.testing.assert_allclose(apply(model(text), [x]), expected, rtol=1e-10)


GIVEN = (
    LAYERS
    + """use std.layers.{bn}
layer twofold[f: f32[n] -> f32[m]](x: f32[n]) -> f32[m] { return f(2 * x) }
layer named[g: f32[n] -> f32[m]](x: f32[n]) -> f32[m] { let h = g
  return h(x) + through[h = g](x) }
"""
)


def test_an_instance_that_is_given_an_instance() -> None:
    """A layer of each call, or one instance; with weights of its own, or none; given on and on."""
    text = (
        GIVEN
        + """model net(x: f32[4]) -> f32[4] {
      let d = dense[4]
      let s = scaled[f = d]
      let t = twofold[f = d]
      let u = twofold[f = s]
      return two[g = scaled[f = d]](x) + named[g = t](x) + named[g = u](x) as c + two[g = s](x) as e
    }"""
    )
    w = weights(text)
    assert sorted(w) == ["d.W", "d.b", "s.s", "two.g.s", "two.second.s"]

    def d(x: np.ndarray) -> np.ndarray:
        return x @ w["d.W"].T + w["d.b"]

    own = d(w["two.g.s"] * X) + 2 * d(w["two.second.s"] * X)
    expected = own + 3 * d(2 * X) + 3 * d(w["s.s"] * 2 * X) + 3 * d(w["s.s"] * X)
    for passes in (None, ()):
        np.testing.assert_allclose(apply(model(text, passes=passes), [X]), expected, rtol=1e-12)


@pytest.mark.parametrize("index", ["", "if i == 1 { 1.0 } else { 2.0 }"])
def test_an_instance_of_the_turn_given_to_another(index: str) -> None:
    """Also where the loop is written out, as its turns differ."""
    factor = index or "2"
    text = (
        GIVEN
        + f"""model net(x: f32[4]) -> f32[3, 4] {{
      return parallel i in 0..3 {{
        let d = dense[4]
        let s = scaled[f = d]
        let t = twofold[f = d]
        yield two[g = s](({factor}) * x) - two[g = t](x)
      }}
    }}"""
    )
    w = weights(text)
    assert {path: one.shape for path, one in w.items()} == {"d.W": (3, 4, 4), "d.b": (3, 4), "s.s": (3, 4)}

    def turn(x: np.ndarray, i: int) -> np.ndarray:
        def layer(v: np.ndarray) -> np.ndarray:
            return w["d.W"][i] @ v + w["d.b"][i]

        return 3 * layer((1 if index and i == 1 else 2) * w["s.s"][i] * x) - 3 * layer(2 * x)

    expected = [[turn(x, i) for i in range(3)] for x in X]
    np.testing.assert_allclose(apply(model(text), [X]), expected, rtol=1e-12)


def test_an_instance_that_sets_a_state() -> None:
    """The state is that of the instance, whoever calls it: here with 2 s x, then with 2 x."""
    text = (
        GIVEN
        + """model net(x: f32[4]) -> f32[4] {
      let d = bn
      return scaled[f = twofold[f = d]](x) + twofold[f = d](x)
    }"""
    )
    net = model(text)
    with jax.enable_x64(True):
        variables = net.init(0, "f64")
        value, state = net.apply_train(variables, X)
        w = {path: np.asarray(one) for path, one in variables.flat().items()}
        after = state["d"]
    assert sorted(w) == ["d.beta", "d.gamma", "d.mu", "d.var", "scaled.s"]
    assert sorted(state) == ["d"]

    def normed(v: np.ndarray) -> np.ndarray:
        return (v - v.mean(0)) / np.sqrt(v.var(0) + 1e-5)

    np.testing.assert_allclose(value, normed(2 * X * w["scaled.s"]) + normed(2 * X), rtol=1e-9)
    np.testing.assert_allclose(after["mu"], 0.1 * (2 * X).mean(0), rtol=1e-9)
    np.testing.assert_allclose(after["var"], 0.9 + 0.1 * (2 * X).var(0), rtol=1e-9)


def test_a_sharer_with_a_state_of_its_own() -> None:
    text = (
        GIVEN
        + """layer normed[f: f32[n] -> f32[n]](x: f32[n]) -> f32[n] { return f(x) |> bn as own }
    model net(x: f32[4]) -> f32[4] { let d = bn
      return normed[f = d](2 * x) }"""
    )
    net = model(text)
    with jax.enable_x64(True):
        _, state = net.apply_train(net.init(0, "f64"), X)
    np.testing.assert_allclose(state["d"]["mu"], 0.2 * X.mean(0), rtol=1e-9)
    np.testing.assert_allclose(state["normed"]["own"]["mu"], np.zeros(4), atol=1e-12)


SHARED_STATE = """use std.layers.{bn}
layer on[f: f32[n] -> f32[n]](x: f32[n]) -> f32[n] { return f(x) }
model net(x: f32[4]) -> f32[3, 4] { let d = bn
  return parallel i in 0..3 { yield CALL } }
"""


@pytest.mark.parametrize("call", ["d(x)", "on[f = d](x)", "on[f = on[f = d]](x)"])
def test_a_state_that_all_turns_would_set(call: str) -> None:
    built = driver.build(checked(SHARED_STATE.replace("CALL", call)))
    found = list(JaxTarget("whole.hqn").unsupported(built))
    assert [one.code for one in found] == ["HQN0701"]
