"""loops.hqn, compiled by hqn for JAX.

Functions are written for one sample and take any leading batch axes, shown as `...`.
`p` holds a function's slots and, by label, those of the instances it calls.
"""

import jax
import jax.numpy as jnp

from hqn.runtime import arrays as nn
from hqn.runtime import keys as rnd
from hqn.runtime import program as rt

ABI = 1


def dropout(x):
    """dropout, std/layers.hqn:100: (f32[...]) -> f32[...]."""
    return x


def maxpool_6_6_2_2_6(x):
    """maxpool, std/layers.hqn:40: (f32[..., 6, 6, 6]) -> f32[..., 3, 3, 6]."""
    return nn.max_pool(x, (2, 2), (2, 2))


def bn_6_6_6(p, x):
    """bn, std/layers.hqn:68: (f32[..., 6, 6, 6]) -> f32[..., 6, 6, 6]."""
    return p["gamma"] * (x - p["mu"]) / jnp.sqrt(p["var"] + 1e-05) + p["beta"]


def conv2d_1_6_8_3_0_1_8(p, x):
    """conv2d, std/layers.hqn:24: (f32[..., 8, 8, 1]) -> f32[..., 6, 6, 6]."""
    return nn.conv2d(x, p["W"], stride=(1, 1), pad=(0, 0, 0, 0)) + p["b"]


def dense_54_16(p, x):
    """dense, std/layers.hqn:11: (f32[..., 54]) -> f32[..., 16]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return y + p["b"]


def layer_norm_16(p, x):
    """layer_norm, std/layers.hqn:86: (f32[..., 16]) -> f32[..., 16]."""
    m = jnp.mean(x, axis=-1)
    t = x - m[..., None]
    v = jnp.mean(jnp.square(t), axis=-1)
    return p["gamma"] * t / jnp.sqrt(v + 1e-05)[..., None] + p["beta"]


def dense_16_16(p, x):
    """dense, std/layers.hqn:11: (f32[..., 16]) -> f32[..., 16]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return y + p["b"]


def block_16(p, x):
    """block, loops.hqn:5: (f32[..., 16]) -> f32[..., 16]."""
    with jax.named_scope("dense"):  # loops.hqn:6
        dense = dense_16_16(p["dense"], x)
    with jax.named_scope("layer_norm"):
        return layer_norm_16(p["layer_norm"], x + jax.nn.relu(dense))


def dense_8_4(p, x):
    """dense, std/layers.hqn:11: (f32[..., 8]) -> f32[..., 4]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return y + p["b"]


def dense_4_3(p, x):
    """dense, std/layers.hqn:11: (f32[..., 4]) -> f32[..., 3]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return y + p["b"]


def dense_16_10(p, x):
    """dense, std/layers.hqn:11: (f32[..., 16]) -> f32[..., 10]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return y + p["b"]


def loops(p, image):
    """model loops, loops.hqn:9: (f32[..., 8, 8]) -> f32[..., 10]."""
    with jax.named_scope("conv2d"):  # loops.hqn:10
        conv2d = conv2d_1_6_8_3_0_1_8(p["conv2d"], nn.reshape(image, 2, (8, 8, 1)))
    with jax.named_scope("bn"):
        bn = bn_6_6_6(p["bn"], conv2d)
    h = dropout(nn.reshape(maxpool_6_6_2_2_6(jax.nn.relu(bn)), 3, (54,)))
    with jax.named_scope("first"):  # loops.hqn:11
        first = dense_54_16(p["first"], h)
    def step(carry, block):
        with jax.named_scope("block"):
            block_2 = block_16(block, carry)
        return block_2, None
    carry, _ = nn.scan(step, first, p["block"])
    t = nn.reshape(carry, 1, (4, 4))
    s = jnp.zeros((4,))
    for turn in range(4):  # loops.hqn:12
        x = t[..., turn, :]
        with jax.named_scope("cell"):
            cell = dense_8_4(p["cell"], nn.concat([x, s], 1, axis=-1))
        s = jnp.tanh(cell)
    weights = jax.nn.softmax(jnp.sum(t * s[..., None, :], axis=-1), axis=-1)
    def one(scale, own, row):  # loops.hqn:14
        with jax.named_scope("own"):  # loops.hqn:16
            own_2 = dense_4_3(own, row)
        return scale * jax.nn.relu(own_2)
    heads = jax.vmap(one, in_axes=(0, 0, -2), out_axes=-2)(p["scale"], p["own"], t)
    t_2 = nn.concat([s * weights, nn.reshape(heads, 2, (12,))], 1, axis=-1)
    with jax.named_scope("head"):  # loops.hqn:18
        return dense_16_10(p["head"], t_2)


def dropout_train(keys, x):
    """dropout, std/layers.hqn:100: (f32[...]) -> f32[...]."""
    keep = rnd.bernoulli(keys["keep"], "sample", 0.8, ())
    return jnp.where(keep, x / 0.8, 0.0)


def bn_6_6_6_train(p, x):
    """bn, std/layers.hqn:68: (f32[..., 6, 6, 6]) -> f32[..., 6, 6, 6]."""
    m = nn.batch_mean(jnp.mean(x, axis=(-3, -2)), 1)
    t = x - m
    v = nn.batch_mean(jnp.mean(jnp.square(t), axis=(-3, -2)), 1)
    mu = 0.9 * p["mu"] + 0.09999999999999998 * m
    var = 0.9 * p["var"] + 0.09999999999999998 * v
    return p["gamma"] * t / jnp.sqrt(v + 1e-05) + p["beta"], {"mu": mu, "var": var}


def loops_train(p, keys, image):
    """model loops, loops.hqn:9: (f32[..., 8, 8]) -> f32[..., 10]."""
    with jax.named_scope("conv2d"):  # loops.hqn:10
        conv2d = conv2d_1_6_8_3_0_1_8(p["conv2d"], nn.reshape(image, 2, (8, 8, 1)))
    with jax.named_scope("bn"):
        bn, bn_state = bn_6_6_6_train(p["bn"], conv2d)
    h = dropout_train(
        keys.lift((54,))["dropout"],
        nn.reshape(maxpool_6_6_2_2_6(jax.nn.relu(bn)), 3, (54,)),
    )
    with jax.named_scope("first"):  # loops.hqn:11
        first = dense_54_16(p["first"], h)
    def step(carry, block):
        with jax.named_scope("block"):
            block_2 = block_16(block, carry)
        return block_2, None
    carry, _ = nn.scan(step, first, p["block"])
    t = nn.reshape(carry, 1, (4, 4))
    s = jnp.zeros((4,))
    for turn in range(4):  # loops.hqn:12
        x = t[..., turn, :]
        with jax.named_scope("cell"):
            cell = dense_8_4(p["cell"], nn.concat([x, s], 1, axis=-1))
        s = jnp.tanh(cell)
    weights = jax.nn.softmax(jnp.sum(t * s[..., None, :], axis=-1), axis=-1)
    def one(scale, own, row):  # loops.hqn:14
        with jax.named_scope("own"):  # loops.hqn:16
            own_2 = dense_4_3(own, row)
        return scale * jax.nn.relu(own_2)
    heads = jax.vmap(one, in_axes=(0, 0, -2), out_axes=-2)(p["scale"], p["own"], t)
    t_2 = nn.concat([s * weights, nn.reshape(heads, 2, (12,))], 1, axis=-1)
    with jax.named_scope("head"):  # loops.hqn:18
        head = dense_16_10(p["head"], t_2)
    return head, {"bn": bn_state}


PROGRAM = rt.Program(
    models=(
        rt.Model(
            "loops",
            loops,
            (rt.Array("image", (8, 8)),),
            rt.Array("", (10,)),
            (
                rt.Slot("scale", (4,), "ones", loops=1),
                rt.Slot("conv2d.W", (3, 3, 1, 6), "glorot_uniform", args=(9.0, 54.0)),
                rt.Slot("conv2d.b", (6,), "zeros"),
                rt.Slot("bn.gamma", (6,), "ones"),
                rt.Slot("bn.beta", (6,), "zeros"),
                rt.Slot("bn.mu", (6,), "zeros", kind="state"),
                rt.Slot("bn.var", (6,), "ones", kind="state"),
                rt.Slot("first.W", (16, 54), "glorot_uniform", args=(54.0, 16.0)),
                rt.Slot("first.b", (16,), "zeros"),
                rt.Slot(
                    "block.dense.W",
                    (12, 16, 16),
                    "glorot_uniform",
                    args=(16.0, 16.0),
                    loops=1,
                ),
                rt.Slot("block.dense.b", (12, 16), "zeros", loops=1),
                rt.Slot("block.layer_norm.gamma", (12, 16), "ones", loops=1),
                rt.Slot("block.layer_norm.beta", (12, 16), "zeros", loops=1),
                rt.Slot("cell.W", (4, 8), "glorot_uniform", args=(8.0, 4.0)),
                rt.Slot("cell.b", (4,), "zeros"),
                rt.Slot("own.W", (4, 3, 4), "glorot_uniform", args=(4.0, 3.0), loops=1),
                rt.Slot("own.b", (4, 3), "zeros", loops=1),
                rt.Slot("head.W", (10, 16), "glorot_uniform", args=(16.0, 10.0)),
                rt.Slot("head.b", (10,), "zeros"),
            ),
            training=loops_train,
            traits=rt.Traits(draws=True, state=True, batch_mean=True),
        ),
    ),
)
