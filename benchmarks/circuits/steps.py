"""The step of every workload as hqn runs it, and beside it the frozen hand-written one, if any.

What came before: a `.hqn` program of `benchmarks/programs`, the data of the frozen `common.py`. What leaves:
a `Pair` of jitted steps on the same numbers; both give a tree whose first leaf is the loss. Invariant: hqn's
model is what `hqn.load` gives; around it stand value, gradient and update in plain JAX, as around the peers.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.circuits import large, shots
from benchmarks.circuits.pairs import Pair, model_of

RATE = 0.01
WIDTHS = {4: 4, 6: 3, 8: 4, 10: 5, 12: 4, 16: 4}
"""The baseline's best block width, as measured when it was frozen."""


def _descent(loss: Callable[..., jax.Array]) -> Callable[..., Any]:
    """Value, updated weights, gradient."""

    def step(weights: Any, *data: jax.Array) -> Any:
        value, gradient = jax.value_and_grad(loss)(weights, *data)
        return value, jax.tree.map(lambda one, by: one - RATE * by, weights, gradient), gradient

    return jax.jit(step)


def classifier(n: int, layers: int, batch: int, name: str) -> Pair:
    """W1 and W3."""
    hand = importlib.import_module("hand")
    data = hand.data(n, layers, batch)
    weights = tuple(jnp.asarray(data[key]) for key in ("p", "w", "b"))
    rest = (jnp.asarray(data["x"]), jnp.asarray(data["y"].astype("int32")))
    model = model_of("w1", name)

    def loss(weights: Any, x: jax.Array, y: jax.Array) -> jax.Array:
        angles, matrix, bias = weights
        slots = {"loss": {"vqc": {"w": angles}, "head": {"W": matrix.T, "b": bias}}}
        return jnp.mean(model.function(slots, x, y))

    shape = {"method": "kron", "k": WIDTHS[n], "perm": "gcv", "loop": "scan" if layers > 10 else "unroll"}
    ours, theirs = _descent(loss), hand.make_step(hand.make_expect(n, layers, batch, **shape))
    return Pair(lambda: ours(weights, *rest), lambda: lambda: theirs(weights, *rest))


def local(name: str) -> Pair:
    """W4: value and gradient; th[d, i] of the frozen script in turns of two layers."""
    angles = np.random.default_rng(3).uniform(-np.pi, np.pi, (6, 40, 2))
    weights = {"local": {"even": jnp.asarray(angles[0::2]), "odd": jnp.asarray(angles[1::2])}}
    model = model_of("w4", name)
    step = jax.jit(jax.value_and_grad(lambda weights: model.function(weights).sum()))
    return Pair(lambda: step(weights))


def hybrid() -> Pair:
    """W5, with the images and weights of the frozen script."""
    hand = importlib.import_module("hand")
    images, labels, frozen = _hybrid_data()
    model = model_of("w5", "w5")

    def loss(p: Any, x: jax.Array, y: jax.Array) -> jax.Array:
        slots = {
            "first": {"W": p["c1"], "b": p["b1"]},
            "second": {"W": p["c2"], "b": p["b2"]},
            "narrow": {"W": p["w1"], "b": p["d1"]},
            "vqc": {"w": p["p"]},
            "head": {"W": p["w"], "b": p["b"]},
        }
        return jnp.mean(model.function(slots, x, y))

    ours, theirs = (
        _descent(loss),
        _descent(_hybrid_loss(hand.make_expect(8, 3, 128, method="kron", perm="gcv"))),
    )
    mine, pixels = _last_channels(frozen), jnp.moveaxis(images, 1, -1)
    return Pair(lambda: ours(mine, pixels, labels), lambda: lambda: theirs(frozen, images, labels))


def _hybrid_data() -> tuple[jax.Array, jax.Array, dict[str, jax.Array]]:
    """As the frozen script draws them."""
    r = np.random.default_rng(1)
    images = jnp.asarray(r.uniform(0, 1, (128, 1, 28, 28)).astype("f4"))
    labels = jnp.asarray(r.integers(0, 10, (128,)).astype("i4"))
    sizes = {
        "c1": ((8, 1, 5, 5), 0.2), "b1": ((8,), 0.05), "c2": ((16, 8, 3, 3), 0.1), "b2": ((16,), 0.05),
        "w1": ((400, 8), 0.05), "d1": ((8,), 0.1),
    }  # fmt: skip
    drawn = {name: r.normal(size=shape) * scale for name, (shape, scale) in sizes.items()}
    drawn["p"] = r.uniform(-np.pi, np.pi, (3, 8, 3))
    drawn |= {"w": r.normal(size=(8, 10)) * 0.3, "b": r.normal(size=(10,)) * 0.1}
    return images, labels, {name: jnp.asarray(value.astype("f4")) for name, value in drawn.items()}


def _last_channels(p: dict[str, jax.Array]) -> dict[str, jax.Array]:
    """The same weights for images whose channels are the last axis, and matrices `[out, in]`."""
    kernels = {name: p[name].transpose(2, 3, 1, 0) for name in ("c1", "c2")}
    narrow = p["w1"].reshape(16, 5, 5, 8).transpose(1, 2, 0, 3).reshape(400, 8).T
    return p | kernels | {"w1": narrow, "w": p["w"].T}


def _hybrid_loss(expect: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """The frozen script's loss with the convolution that measured fastest there (slices and one product)."""

    def convolved(x: jax.Array, w: jax.Array) -> jax.Array:
        out, _, rows, columns = w.shape
        high, wide = (x.shape[2] - rows) // 2 + 1, (x.shape[3] - columns) // 2 + 1
        places = [(i, j) for i in range(rows) for j in range(columns)]
        parts = [x[:, :, i : i + 2 * high - 1 : 2, j : j + 2 * wide - 1 : 2] for i, j in places]
        patches = jnp.stack(parts, 2).reshape(x.shape[0], -1, high * wide)
        return jnp.einsum("ok,bkh->boh", w.reshape(out, -1), patches).reshape(-1, out, high, wide)

    def loss(p: dict[str, jax.Array], x: jax.Array, y: jax.Array) -> jax.Array:
        h = jax.nn.relu(convolved(x, p["c1"]) + p["b1"][:, None, None])
        h = jax.nn.relu(convolved(h, p["c2"]) + p["b2"][:, None, None])
        z = expect(p["p"], h.reshape(128, -1) @ p["w1"] + p["d1"]) @ p["w"] + p["b"]
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1))

    return loss


def chain() -> Pair:
    """The Ising chain: energy and gradient."""
    r = np.random.default_rng(5)
    weights = {
        "ansatz": {
            name: jnp.asarray(r.normal(size=(10, m)).astype("f4") * 0.1)
            for name, m in (("zz", 19), ("x", 20))
        }
    }
    model = model_of("tfim", "tfim_20")
    step = jax.jit(jax.value_and_grad(model.function))
    return Pair(lambda: step(weights))


def pair(workload: str, case: str) -> Pair:
    """The steps of one case of a workload."""
    match workload:
        case "w1":
            return classifier(int(case), 4, 32, f"w1_{case}")
        case "w3":
            return classifier(6, int(case), 64, f"w3_{case}")
        case "w4":
            return local({"site": "w4_40", "sites": "w4_sites"}[case])
        case "w5":
            return hybrid()
        case "tfim":
            return chain()
        case "shots":
            return shots.measured()
        case "w2":
            n, *gradient = case.split()
            return large.gradient(int(n)) if gradient else large.forward(int(n))
    raise ValueError(workload)
