"""Every layer and loss of the library against NumPy, every circuit against matrices, in f64."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
import pytest

from hqn.runtime.program import Model
from hqn.runtime.variables import Variables
from support.whole import Numbers, apply, model

BATCH = 5
RANDOM = np.random.default_rng(7)


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def layer(use: str, text: str) -> tuple[Model, Variables, dict[str, Numbers]]:
    """A model of one expression; its weights are made random, so that zeros and ones hide nothing."""
    found = model(f"hqn 0.1\nuse std.{use}\nmodel net{text}\n")
    variables = jax.tree.map(lambda leaf: np.asarray(RANDOM.normal(size=leaf.shape)), found.init(0, "f64"))
    return found, variables, {path: np.asarray(value) for path, value in variables.flat().items()}


def check(found: Numbers, wanted: Any) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


def normal(*shape: int) -> Numbers:
    return RANDOM.normal(size=shape)


# --- layers ---------------------------------------------------------------------------------------


def test_dense() -> None:
    net, variables, at = layer("layers.{dense}", "(x: f32[3]) -> f32[2] { return dense[2](x) as d }")
    x = normal(BATCH, 3)
    check(net.apply(variables, x), x @ at["d.W"].T + at["d.b"])


def convolution(x: Numbers, kernels: Numbers, stride: int, pad: int) -> Numbers:
    """Cross-correlation from its definition, `[h, w, ci]` with `[k, k, ci, co]`."""
    x, k = np.pad(x, ((pad, pad), (pad, pad), (0, 0))), kernels.shape[0]
    places = [range(0, size - k + 1, stride) for size in x.shape[:2]]
    return np.array(
        [[np.einsum("abc,abcd->d", x[i : i + k, j : j + k], kernels) for j in places[1]] for i in places[0]]
    )


@pytest.mark.parametrize(
    ("k", "stride", "pad", "out"), [(3, 1, 0, (5, 3)), (3, 2, 1, (4, 3)), (2, 3, 2, (4, 3))]
)
def test_conv2d(k: int, stride: int, pad: int, out: tuple[int, int]) -> None:
    brackets = f"[4, k = {k}, stride = {stride}, pad = {pad}]"
    text = f"(x: f32[7, 5, 2]) -> f32[{out[0]}, {out[1]}, 4] {{ return conv2d{brackets}(x) as c }}"
    net, variables, at = layer("layers.{conv2d}", text)
    x = normal(BATCH, 7, 5, 2)
    wanted = [convolution(one, at["c.W"], stride, pad) + at["c.b"] for one in x]
    check(net.apply(variables, x), wanted)


def windows(x: Numbers, size: int, stride: int, of: Callable[..., Any]) -> Numbers:
    places = [range(0, length - size + 1, stride) for length in x.shape[:2]]
    return np.array([[of(x[i : i + size, j : j + size], axis=(0, 1)) for j in places[1]] for i in places[0]])


@pytest.mark.parametrize(("name", "of"), [("maxpool", np.max), ("avgpool", np.mean)])
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 1), (2, 3)])
def test_pooling(name: str, of: Callable[..., Any], size: int, stride: int) -> None:
    out = [(length - size) // stride + 1 for length in (6, 5)]
    text = (
        f"(x: f32[6, 5, 2]) -> f32[{out[0]}, {out[1]}, 2] {{ return {name}[{size}, stride = {stride}](x) }}"
    )
    net, variables, _ = layer(f"layers.{{{name}}}", text)
    x = normal(BATCH, 6, 5, 2)
    found = net.apply(variables, x.astype(np.float32))
    wanted = [windows(one.astype(np.float32), size, stride, of) for one in x]
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


def test_batch_normalization_in_evaluation() -> None:
    net, variables, at = layer("layers.{bn}", "(x: f32[4, 3]) -> f32[4, 3] { return bn(x) as n }")
    variables.state["n"]["var"] = at["n.var"] = np.abs(at["n.var"]) + 0.5
    x = normal(BATCH, 4, 3)
    wanted = at["n.gamma"] * (x - at["n.mu"]) / np.sqrt(at["n.var"] + 1e-5) + at["n.beta"]
    check(net.apply(variables, x), wanted)


def test_batch_normalization_in_training() -> None:
    """Statistics are those of the batch and of all axes but the last; the running ones move towards them."""
    net, variables, at = layer("layers.{bn}", "(x: f32[4, 3]) -> f32[4, 3] { return bn[0.8](x) as n }")
    x = normal(BATCH, 4, 3)
    found, state = net.apply_train(variables, x)
    mean, variance = x.mean((0, 1)), x.var((0, 1))
    check(found, at["n.gamma"] * (x - mean) / np.sqrt(variance + 1e-5) + at["n.beta"])
    check(state["n"]["mu"], 0.8 * at["n.mu"] + 0.2 * mean)
    check(state["n"]["var"], 0.8 * at["n.var"] + 0.2 * variance)


def test_layer_norm() -> None:
    text = "(x: f32[4, 3]) -> f32[4, 3] { return layer_norm(x) as n }"
    net, variables, at = layer("layers.{layer_norm}", text)
    x = normal(BATCH, 4, 3)
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    check(net.apply(variables, x), at["n.gamma"] * (x - mean) / np.sqrt(variance + 1e-5) + at["n.beta"])


def test_normalize() -> None:
    net, variables, _ = layer(
        "layers.{dense, normalize}", "(x: f32[3]) -> f32[4] { return x |> dense[4] as d |> normalize }"
    )
    found = np.asarray(net.apply(variables, normal(BATCH, 3)))
    check(np.linalg.norm(found, axis=-1), 1)


def test_dropout_keeps_the_mean_and_does_nothing_in_evaluation() -> None:
    net, variables, _ = layer("layers.{dropout}", "(x: f32[100]) -> f32[100] { return dropout[0.25](x) }")
    x = np.ones((200, 100))
    check(net.apply(variables, x), x)
    found, _ = net.apply_train(variables, x, key=1)
    kept = np.asarray(found) != 0
    np.testing.assert_allclose(np.asarray(found)[kept], 1 / 0.75, rtol=1e-6)
    deviation = np.sqrt(0.25 * 0.75 / kept.size)
    assert abs(kept.mean() - 0.75) < 5 * deviation
    assert len({row.tobytes() for row in kept}) == 200, "samples are dropped independently"
    again, _ = net.apply_train(variables, x, key=1)
    np.testing.assert_array_equal(again, found)


# --- element functions ----------------------------------------------------------------------------


def each(of: Callable[[float], float]) -> Callable[..., Numbers]:
    return np.vectorize(of, otypes=[float])


def sigmoid(x: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-x))


ELEMENTS: dict[str, Callable[..., Numbers]] = {
    "abs": np.abs, "sign": np.sign, "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "tanh": np.tanh, "sinh": np.sinh, "cosh": np.cosh, "asin": np.arcsin,
    "acos": np.arccos, "atan": np.arctan, "sigmoid": sigmoid, "relu": lambda x: np.maximum(x, 0),
    "silu": lambda x: x * sigmoid(x),
    "softplus": lambda x: np.log1p(np.exp(x)), "floor": np.floor, "ceil": np.ceil, "round": np.round,
    "square": np.square, "reciprocal": np.reciprocal, "erf": each(math.erf),
}  # fmt: skip
POSITIVE = ("log", "sqrt")


@pytest.mark.parametrize("name", ELEMENTS)
def test_an_element_function(name: str) -> None:
    net = model(
        f"hqn 0.1\nmodel net(x: f32[6]) -> f32[6] {{\nweight one: f32 = ones\nreturn {name}(one * x)\n}}\n"
    )
    x = RANDOM.uniform(0.01 if name in POSITIVE else -0.99, 0.99, (2, 6)) + (name == "round")
    check(apply(net, [x]), ELEMENTS[name](x))


def test_gelu_is_the_normal_distribution_or_its_usual_approximation() -> None:
    net = model(
        "hqn 0.1\nmodel net(x: f32[6]) -> f32[6] {\nweight one: f32 = ones\nreturn gelu(one * x)\n}\n"
    )
    x = normal(6)
    np.testing.assert_allclose(
        apply(net, [x]), x * each(lambda v: (1 + math.erf(v / 2**0.5)) / 2)(x), atol=1e-3
    )


# --- losses and metrics ---------------------------------------------------------------------------


def log_softmax(z: Numbers) -> Numbers:
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def kl(q: Numbers, p: Numbers) -> Numbers:
    return (np.exp(log_softmax(p)) * (log_softmax(p) - log_softmax(q))).sum(-1)


LOSSES: dict[str, tuple[str, Callable[..., Numbers]]] = {
    "binary_cross_entropy": (
        "z: f32, y: f32",
        lambda z, y: -y * np.log(1 / (1 + np.exp(-z))) - (1 - y) * np.log(1 - 1 / (1 + np.exp(-z))),
    ),
    "mse": ("z: f32[2, 3], y: f32[2, 3]", lambda z, y: ((z - y) ** 2).mean((-1, -2))),
    "mae": ("z: f32[3], y: f32[3]", lambda z, y: np.abs(z - y).mean(-1)),
    "kl": ("z: f32[3], y: f32[3]", kl),
    "hinge": ("z: f32, y: f32", lambda z, y: np.maximum(0, 1 - y * z)),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_two_arrays(name: str) -> None:
    params, wanted = LOSSES[name]
    net = model(f"hqn 0.1\nuse std.losses.{{{name}}}\nmodel net({params}) -> f32 {{ return {name}(z, y) }}\n")
    shape = (BATCH, *net.inputs[0].shape)
    z, y = normal(*shape).astype(np.float32), normal(*shape).astype(np.float32)
    np.testing.assert_allclose(net.apply(net.init(0), z, y), wanted(z, y), rtol=1e-5, atol=1e-6)


def test_cross_entropy_and_accuracy() -> None:
    text = "hqn 0.1\nuse std.losses.{NAME}\nmodel net(z: f32[4], y: idx[4]) -> f32 { return NAME(z, y) }\n"
    z, y = normal(50, 4).astype(np.float32), RANDOM.integers(0, 4, 50).astype(np.int32)
    loss, right = (model(text.replace("NAME", name)) for name in ("cross_entropy", "accuracy"))
    wanted = -log_softmax(z)[np.arange(50), y]
    np.testing.assert_allclose(loss.apply(loss.init(0), z, y), wanted, rtol=1e-5)
    np.testing.assert_array_equal(right.apply(right.init(0), z, y), z.argmax(-1) == y)


@pytest.mark.parametrize("z", [1000.0, -1000.0])
def test_losses_of_extreme_logits_are_finite(z: float) -> None:
    net = model(
        "hqn 0.1\nuse std.losses.{cross_entropy, binary_cross_entropy}\n"
        "model net(z: f32, y: idx[2]) -> f32 {\n"
        "return cross_entropy(stack(z, -z), y) + binary_cross_entropy(z, 1.0)\n}\n"
    )
    found = net.apply(net.init(0), np.float32(z), np.int32(1))
    np.testing.assert_allclose(found, 2000 if z > 0 else 1000, rtol=1e-6)
