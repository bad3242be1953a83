"""digits.hqn, compiled by hqn for JAX.

Functions are written for one sample and take any leading batch axes, shown as `...`.
`p` holds a function's slots and, by label, those of the instances it calls.
"""

import jax
import jax.numpy as jnp

from hqn.runtime import arrays as nn
from hqn.runtime import circuit as qc
from hqn.runtime import program as rt

ABI = 1


def dense_64_20(p, x):
    """dense[out = 20], std/layers.hqn:8: (f32[..., 64]) -> f32[..., 20]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return y + p["b"]


def vqc_3_5(p, x):
    """vqc[depth = 3], digits.hqn:7: (f32[..., 5]) -> f32[..., 5]."""
    q = qc.product_state(qc.rx(x))
    for l in range(3):  # digits.hqn:10
        q = qc.block(q, qc.kron(qc.rot(p["w"][l])), first=0)
        q = qc.permute(q, qc.cx_ring(5, l + 1))
    return qc.expect_z(q)


def dense_20_10(p, x):
    """dense[out = 10], std/layers.hqn:8: (f32[..., 20]) -> f32[..., 10]."""
    y = jnp.einsum("oi,...i->...o", p["W"], x)
    return y + p["b"]


def digits(p, image):
    """model digits, digits.hqn:19: (f32[..., 8, 8]) -> f32[..., 10]."""
    x = nn.reshape(image / 16.0, 2, (64,))
    with jax.named_scope("encoder"):
        encoder = dense_64_20(p["encoder"], x)
    h = jnp.tanh(encoder)
    with jax.named_scope("vqc"):  # digits.hqn:21
        z = nn.parallel(vqc_3_5, p["vqc"], nn.reshape(jnp.pi * h, 1, (4, 5)), rank=1)
    with jax.named_scope("head"):
        return dense_20_10(p["head"], nn.reshape(z, 2, (20,)))
