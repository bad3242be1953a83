"""The emitted module of a small digits program, written by hand: what the tests of runs load."""

TEXT = '''
import jax
import jax.numpy as jnp

from hqn.runtime import arrays as nn
from hqn.runtime import program as rt

ABI = 1


def dense_64_16(p, x):
    """dense[out = 16], std/layers.hqn:8: (f32[..., 64]) -> f32[..., 16]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return y + p["b"]


def dense_16_10(p, x):
    """dense[out = 10], std/layers.hqn:8: (f32[..., 16]) -> f32[..., 10]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return y + p["b"]


def mlp(p, image):
    """model mlp, mlp.hqn:4: (f32[..., 8, 8]) -> f32[..., 10]."""
    x = nn.reshape(image / 16.0, 2, (64,))
    with jax.named_scope("encoder"):
        encoder = dense_64_16(p["encoder"], x)
    h = jnp.tanh(encoder)
    with jax.named_scope("head"):
        return dense_16_10(p["head"], h)


def fit_loss(p, x, y):
    """cross_entropy(net(x), y), mlp.hqn:14."""
    z = jax.nn.log_softmax(mlp(p["net"], x))
    return -jnp.take_along_axis(z, y[..., None], -1)[..., 0]


def fit_accuracy(p, x, y):
    """accuracy(net(x), y), mlp.hqn:17."""
    return jnp.where(jnp.argmax(mlp(p["net"], x), -1) == y, 1.0, 0.0)


ADAM = rt.Optimiser("adam", (("rate", 1e-2), ("b1", 0.9), ("b2", 0.999), ("eps", 1e-8)))

PROGRAM = rt.Program(
    models=(
        rt.Model(
            "mlp",
            mlp,
            inputs=(rt.Array("image", (8, 8)),),
            output=rt.Array("", (10,)),
            slots=(
                rt.Slot("encoder.W", (16, 64), "glorot_uniform"),
                rt.Slot("encoder.b", (16,), "zeros"),
                rt.Slot("head.W", (10, 16), "glorot_uniform"),
                rt.Slot("head.b", (10,), "zeros"),
            ),
        ),
    ),
    data=(
        rt.Data(
            "d8",
            "digits_8x8",
            (rt.Split((("train", 1437), ("test", 360)), 0),),
            (rt.Array("x", (8, 8)), rt.Array("y", (), "i32", 10)),
        ),
    ),
    runs=(
        rt.Run(
            "fit",
            lets=(rt.Let("net", "mlp"),),
            slots=(
                rt.Slot("net.encoder.W", (16, 64), "glorot_uniform"),
                rt.Slot("net.encoder.b", (16,), "zeros"),
                rt.Slot("net.head.W", (10, 16), "glorot_uniform"),
                rt.Slot("net.head.b", (10,), "zeros"),
            ),
            source=rt.Source("d8", ("x", "y"), 64),
            minimize=(
                rt.Minimize(fit_loss, (rt.Group(("net",), ADAM),)),
            ),
            evaluations=(rt.Evaluation(fit_accuracy, "test"),),
            tracks=(rt.Track("acc", ("mean", ("on", 0))),),
            asserts=(
                rt.Assertion(True, "params(net) == 1210", "mlp.hqn:18"),
                rt.Assertion((">=", ("last", ("series", "acc")), 0.9), "acc[last] >= 0.9", "mlp.hqn:19"),
            ),
            epochs=5,
        ),
    ),
)
'''
