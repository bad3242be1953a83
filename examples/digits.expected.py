"""digits.hqn, compiled by hqn for JAX.

Functions are written for one sample and take any leading batch axes, shown as `...`.
`p` holds a function's slots and, by label, those of the instances it calls.
"""

import jax
import jax.numpy as jnp

from hqn.runtime import arrays as nn
from hqn.runtime import circuit as qc
from hqn.runtime import quant
from hqn.runtime import program as rt

ABI = 1


def dense_64_20(p, x):
    """dense, std/layers.hqn:11: (f32[..., 64]) -> f32[..., 20]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return y + p["b"]


def dense_64_20_edge(p, x):
    """dense, std/layers.hqn:11: (f32[..., 64]) -> f32[..., 20]."""
    W = quant.weight(p["W"], bits=8, axis=-2)
    x_2 = quant.activation(x, p["x_scale"], p["x_zero"], bits=8)
    scale = quant.weight_scale(p["W"], bits=8, axis=-2) * p["x_scale"]
    y = jnp.einsum("oi,...i->...o", W, x_2)
    return y + quant.bias(p["b"], scale)


def vqc_3_5(p, x):
    """vqc, digits.hqn:7: (f32[..., 5]) -> f32[..., 5]."""
    q = qc.product_state(5, (qc.rx(x), range(5)), (qc.rot(p["w"][0]), range(5)))
    q = qc.permute(q, qc.cx_ring(5, 1))
    u = qc.kron(qc.rot(p["w"][..., 0:3, :]))
    q = qc.block(q, u[1], range(3))
    u_2 = qc.kron(qc.rot(p["w"][..., 3:5, :]))
    q = qc.block(q, u_2[1], (3, 4))
    q = qc.permute(q, qc.cx_ring(5, 2))
    q = qc.block(q, u[2], range(3))
    q = qc.block(q, u_2[2], (3, 4))
    q = qc.permute(q, qc.cx_ring(5, 3))
    return qc.expect_z(q)


def vqc_3_5_edge(p, x):
    """vqc, digits.hqn:7: (f32[..., 5]) -> f32[..., 5]."""
    w = quant.angle(p["w"][0], 6)
    w_2 = quant.angle(p["w"][1], 6)
    w_3 = quant.angle(p["w"][2], 6)
    q = qc.product_state(5, (qc.rx(x), range(5)), (qc.rot(w), range(5)))
    q = qc.permute(q, qc.cx_ring(5, 1))
    q = qc.block(q, qc.kron(qc.rot(w_2[..., 0:3, :])), range(3))
    q = qc.block(q, qc.kron(qc.rot(w_2[..., 3:5, :])), (3, 4))
    q = qc.permute(q, qc.cx_ring(5, 2))
    q = qc.block(q, qc.kron(qc.rot(w_3[..., 0:3, :])), range(3))
    q = qc.block(q, qc.kron(qc.rot(w_3[..., 3:5, :])), (3, 4))
    q = qc.permute(q, qc.cx_ring(5, 3))
    return qc.expect_z(q)


def dense_20_10(p, x):
    """dense, std/layers.hqn:11: (f32[..., 20]) -> f32[..., 10]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return y + p["b"]


def digits(p, image):
    """model digits, digits.hqn:19: (f32[..., 8, 8]) -> f32[..., 10]."""
    with jax.named_scope("encoder"):  # digits.hqn:20
        encoder = dense_64_20(p["encoder"], nn.reshape(image / 16.0, 2, (64,)))
    h = jnp.tanh(encoder)
    with jax.named_scope("vqc"):  # digits.hqn:21
        z = jax.vmap(vqc_3_5, in_axes=(0, -2), out_axes=-2)(
            p["vqc"],
            nn.reshape(jnp.pi * h, 1, (4, 5)),
        )
    with jax.named_scope("head"):  # digits.hqn:22
        return dense_20_10(p["head"], nn.reshape(z, 2, (20,)))


def digits_edge(p, image):
    """model digits, digits.hqn:19: (f32[..., 8, 8]) -> f32[..., 10]."""
    with jax.named_scope("encoder"):  # digits.hqn:20
        encoder = dense_64_20_edge(p["encoder"], nn.reshape(image / 16.0, 2, (64,)))
    h = jnp.tanh(encoder)
    with jax.named_scope("vqc"):  # digits.hqn:21
        z = jax.vmap(vqc_3_5_edge, in_axes=(0, -2), out_axes=-2)(
            p["vqc"],
            nn.reshape(jnp.pi * h, 1, (4, 5)),
        )
    with jax.named_scope("head"):  # digits.hqn:22
        return dense_20_10(p["head"], nn.reshape(z, 2, (20,)))


def cell_5(p, x):
    """cell, digits.hqn:26: (f32[..., 5]) -> f32[..., 5]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return p["scale"] * jnp.tanh(y + p["b"]) + p["skip"] * x + p["shift"]


def twin(p, image):
    """model twin, digits.hqn:34: (f32[..., 8, 8]) -> f32[..., 10]."""
    with jax.named_scope("encoder"):  # digits.hqn:35
        encoder = dense_64_20(p["encoder"], nn.reshape(image / 16.0, 2, (64,)))
    h = jnp.tanh(encoder)
    with jax.named_scope("cell"):  # digits.hqn:36
        z = jax.vmap(cell_5, in_axes=(0, -2), out_axes=-2)(p["cell"], nn.reshape(h, 1, (4, 5)))
    with jax.named_scope("head"):  # digits.hqn:37
        return dense_20_10(p["head"], nn.reshape(z, 2, (20,)))


def cross_entropy_10(z, y):
    """cross_entropy, std/losses.hqn:11: (f32[..., 10], i32[...]) -> f32[...]."""
    return -nn.take_along(jax.nn.log_softmax(z, axis=-1), y, 1)


def fit_loss(p, x, y):
    """fit, digits.hqn:49: (f32[..., 8, 8], i32[...]) -> f32[...]."""
    with jax.named_scope("net"):  # digits.hqn:52
        net = digits(p["net"], x)
    return cross_entropy_10(net, y)


def accuracy_10(z, y):
    """accuracy, std/losses.hqn:72: (f32[..., 10], i32[...]) -> f32[...]."""
    return jnp.where(jnp.argmax(z, axis=-1) == y, 1.0, 0.0)


def fit_on_train(p, x, y):
    """fit, digits.hqn:49: (f32[..., 8, 8], i32[...]) -> f32[...]."""
    with jax.named_scope("net"):  # digits.hqn:55
        net = digits(p["net"], x)
    return accuracy_10(net, y)


def edge_eval_on_test(p, x, y):
    """edge_eval, digits.hqn:61: (f32[..., 8, 8], i32[...]) -> f32[...]."""
    with jax.named_scope("q"):  # digits.hqn:64
        q = digits_edge(p["q"], x)
    return accuracy_10(q, y)


def fit_twin_loss(p, x, y):
    """fit_twin, digits.hqn:67: (f32[..., 8, 8], i32[...]) -> f32[...]."""
    with jax.named_scope("net"):  # digits.hqn:70
        net = twin(p["net"], x)
    return cross_entropy_10(net, y)


def fit_twin_on_test(p, x, y):
    """fit_twin, digits.hqn:67: (f32[..., 8, 8], i32[...]) -> f32[...]."""
    with jax.named_scope("net"):  # digits.hqn:73
        net = twin(p["net"], x)
    return accuracy_10(net, y)


PROGRAM = rt.Program(
    models=(
        rt.Model(
            "digits",
            digits,
            (rt.Array("image", (8, 8)),),
            rt.Array("", (10,)),
            (
                rt.Slot("encoder.W", (20, 64), "glorot_uniform", args=(64.0, 20.0)),
                rt.Slot("encoder.b", (20,), "zeros"),
                rt.Slot(
                    "vqc.w",
                    (4, 3, 5, 3),
                    "uniform",
                    args=(0.0, 6.283185307179586),
                    loops=2,
                    role="angle",
                ),
                rt.Slot("head.W", (10, 20), "glorot_uniform", args=(20.0, 10.0)),
                rt.Slot("head.b", (10,), "zeros"),
            ),
        ),
        rt.Model(
            "twin",
            twin,
            (rt.Array("image", (8, 8)),),
            rt.Array("", (10,)),
            (
                rt.Slot("encoder.W", (20, 64), "glorot_uniform", args=(64.0, 20.0)),
                rt.Slot("encoder.b", (20,), "zeros"),
                rt.Slot("cell.W", (4, 5, 5), "glorot_uniform", args=(5.0, 5.0), loops=1),
                rt.Slot("cell.b", (4, 5), "normal", args=(0.3,), loops=1),
                rt.Slot("cell.scale", (4, 5), "normal", args=(0.3,), loops=1),
                rt.Slot("cell.skip", (4, 5), "normal", args=(0.3,), loops=1),
                rt.Slot("cell.shift", (4, 5), "normal", args=(0.3,), loops=1),
                rt.Slot("head.W", (10, 20), "glorot_uniform", args=(20.0, 10.0)),
                rt.Slot("head.b", (10,), "zeros"),
            ),
        ),
    ),
    data=(
        rt.Data(
            "d8",
            "digits_8x8",
            (rt.Split((("train", 1437), ("test", 360)), seed=0),),
            (rt.Array("x", (8, 8)), rt.Array("y", (), dtype="i32", bound=10)),
        ),
    ),
    runs=(
        rt.Run(
            "fit",
            lets=(rt.Let("net", model="digits"),),
            slots=(
                rt.Slot("net.encoder.W", (20, 64), "glorot_uniform", args=(64.0, 20.0)),
                rt.Slot("net.encoder.b", (20,), "zeros"),
                rt.Slot(
                    "net.vqc.w",
                    (4, 3, 5, 3),
                    "uniform",
                    args=(0.0, 6.283185307179586),
                    loops=2,
                    role="angle",
                ),
                rt.Slot("net.head.W", (10, 20), "glorot_uniform", args=(20.0, 10.0)),
                rt.Slot("net.head.b", (10,), "zeros"),
            ),
            source=rt.Source("d8", ("x", "y"), 64),
            minimize=(
                rt.Minimize(
                    fit_loss,
                    (
                        rt.Group(
                            ("net",),
                            rt.Optimiser(
                                "adam",
                                (("rate", 0.01), ("b1", 0.9), ("b2", 0.999), ("eps", 1e-08)),
                            ),
                        ),
                    ),
                ),
            ),
            evaluations=(
                rt.Evaluation(fit_on_train, split="train"),
                rt.Evaluation(fit_on_train, split="test"),
            ),
            tracks=(
                rt.Track("train_acc", ("mean", ("on", 0))),
                rt.Track("acc", ("mean", ("on", 1))),
            ),
            asserts=(
                rt.Assertion(True, "params(net) == 1690", "digits.hqn:57"),
                rt.Assertion(
                    (">=", ("last", ("series", "acc")), 0.96),
                    "acc[last] >= 0.96",
                    "digits.hqn:58",
                ),
            ),
            epochs=30,
        ),
        rt.Run(
            "edge_eval",
            lets=(
                rt.Let(
                    "q",
                    model="digits",
                    origin=("fit", "net"),
                    policy="edge",
                    calibration=rt.Calibration(
                        digits_edge,
                        "d8",
                        count=512,
                        sites=(
                            rt.Site("q.encoder.x_scale", "q.encoder.x_zero", 8, percentile=99.9),
                        ),
                    ),
                ),
            ),
            slots=(
                rt.Slot("q.encoder.W", (20, 64), "glorot_uniform", args=(64.0, 20.0)),
                rt.Slot("q.encoder.b", (20,), "zeros"),
                rt.Slot(
                    "q.vqc.w",
                    (4, 3, 5, 3),
                    "uniform",
                    args=(0.0, 6.283185307179586),
                    loops=2,
                    role="angle",
                ),
                rt.Slot("q.head.W", (10, 20), "glorot_uniform", args=(20.0, 10.0)),
                rt.Slot("q.head.b", (10,), "zeros"),
                rt.Slot("q.encoder.x_scale", (), "ones", kind="frozen weight", role="calibration"),
                rt.Slot("q.encoder.x_zero", (), "zeros", kind="frozen weight", role="calibration"),
            ),
            source=rt.Source("d8", ("x", "y"), 64),
            evaluations=(rt.Evaluation(edge_eval_on_test, split="test"),),
            tracks=(rt.Track("acc", ("mean", ("on", 0))),),
            after=("fit",),
        ),
        rt.Run(
            "fit_twin",
            lets=(rt.Let("net", model="twin"),),
            slots=(
                rt.Slot("net.encoder.W", (20, 64), "glorot_uniform", args=(64.0, 20.0)),
                rt.Slot("net.encoder.b", (20,), "zeros"),
                rt.Slot("net.cell.W", (4, 5, 5), "glorot_uniform", args=(5.0, 5.0), loops=1),
                rt.Slot("net.cell.b", (4, 5), "normal", args=(0.3,), loops=1),
                rt.Slot("net.cell.scale", (4, 5), "normal", args=(0.3,), loops=1),
                rt.Slot("net.cell.skip", (4, 5), "normal", args=(0.3,), loops=1),
                rt.Slot("net.cell.shift", (4, 5), "normal", args=(0.3,), loops=1),
                rt.Slot("net.head.W", (10, 20), "glorot_uniform", args=(20.0, 10.0)),
                rt.Slot("net.head.b", (10,), "zeros"),
            ),
            source=rt.Source("d8", ("x", "y"), 64),
            minimize=(
                rt.Minimize(
                    fit_twin_loss,
                    (
                        rt.Group(
                            ("net",),
                            rt.Optimiser(
                                "adam",
                                (("rate", 0.01), ("b1", 0.9), ("b2", 0.999), ("eps", 1e-08)),
                            ),
                        ),
                    ),
                ),
            ),
            evaluations=(rt.Evaluation(fit_twin_on_test, split="test"),),
            tracks=(rt.Track("acc", ("mean", ("on", 0))),),
            asserts=(rt.Assertion(True, "params(net) == 1690", "digits.hqn:74"),),
            epochs=30,
        ),
    ),
)
