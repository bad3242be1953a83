"""The model of `examples/digits.hqn` and its training step, written in JAX by hand. Frozen: never edit it.

What came before: nothing of hqn; this imports jax and optax only. What leaves: `parameters`, `loss` and an
epoch of training steps. Shapes are those that measured fastest on a CPU: one real 64 x 64 block per layer of
rotations, batch last, entangling layers as one constant permutation whose derivative is the inverse one.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

CIRCUITS, WIRES, LAYERS = 4, 5, 3
STATES = 2**WIRES
Params = dict[str, Any]
OPTIMISER = optax.adam(1e-2)


def _ring(step: int) -> np.ndarray:
    """Where each amplitude comes from after cx q[i], q[(i + step) % 5] for all i in turn."""
    index = np.arange(STATES).reshape((2,) * WIRES)
    for wire in range(WIRES):
        moved = np.moveaxis(index, (wire, (wire + step) % WIRES), (0, 1))
        flipped = np.stack([moved[0], moved[1][::-1]])
        index = np.moveaxis(flipped, (0, 1), (wire, (wire + step) % WIRES))
    return np.ascontiguousarray(index.reshape(-1))


def _both_halves(source: np.ndarray) -> np.ndarray:
    return np.concatenate([source, source + STATES])


FORWARD = [_both_halves(_ring(layer + 1)) for layer in range(LAYERS)]
BACKWARD = [_both_halves(np.argsort(_ring(layer + 1))) for layer in range(LAYERS)]
SIGNS = np.stack([1 - 2 * ((np.arange(STATES) >> (WIRES - 1 - wire)) & 1) for wire in range(WIRES)]).astype(
    np.float32
)
PHASES = (-1j) ** np.array([bin(i).count("1") for i in range(STATES)])


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def entangle(state: jax.Array, layer: int) -> jax.Array:
    """One ring of controlled X on states [circuits, 64, batch]."""
    return state[:, FORWARD[layer]]


entangle.defvjp(
    lambda state, layer: (entangle(state, layer), None),
    lambda layer, _, gradient: (gradient[:, BACKWARD[layer]],),
)


def rotations(w: jax.Array) -> jax.Array:
    """rz(c) ry(b) rz(a) for angles [..., 3]: complex, [..., 2, 2]."""
    a, b, c = w[..., 0], w[..., 1], w[..., 2]
    cos, sin, plus, minus = jnp.cos(b / 2), jnp.sin(b / 2), (a + c) / 2, (a - c) / 2
    real = [[cos * jnp.cos(plus), -sin * jnp.cos(minus)], [sin * jnp.cos(minus), cos * jnp.cos(plus)]]
    imag = [[-cos * jnp.sin(plus), -sin * jnp.sin(minus)], [-sin * jnp.sin(minus), cos * jnp.sin(plus)]]
    parts = (jnp.stack([jnp.stack(row, -1) for row in part], -2) for part in (real, imag))
    return jax.lax.complex(*parts)


def blocks(w: jax.Array) -> jax.Array:
    """Real 64 x 64 blocks of whole layers: [circuits, layers, 5, 3] -> [circuits, layers, 64, 64]."""
    gates = rotations(w)
    whole = gates[..., 0, :, :]
    for wire in range(1, WIRES):
        size = 2 * whole.shape[-1]
        product = whole[..., :, None, :, None] * gates[..., wire, None, :, None, :]
        whole = product.reshape(*whole.shape[:-2], size, size)
    upper = jnp.concatenate([whole.real, -whole.imag], -1)
    return jnp.concatenate([upper, jnp.concatenate([whole.imag, whole.real], -1)], -2)


def encode(angles: jax.Array) -> jax.Array:
    """rx of every wire on |0...0>, written down: [circuits, 5, batch] -> [circuits, 64, batch]."""
    cos, sin = jnp.cos(angles / 2), jnp.sin(angles / 2)
    amplitudes = jnp.stack([cos[:, 0], sin[:, 0]], 1)
    for wire in range(1, WIRES):
        one = jnp.stack([cos[:, wire], sin[:, wire]], 1)
        shape = (CIRCUITS, -1, angles.shape[-1])
        amplitudes = (amplitudes[:, :, None] * one[:, None]).reshape(shape)
    real, imag = (np.asarray(part, np.float32)[:, None] for part in (PHASES.real, PHASES.imag))
    return jnp.concatenate([amplitudes * real, amplitudes * imag], 1)


def logits(p: Params, images: jax.Array) -> jax.Array:
    """[batch, 8, 8] -> [batch, 10]."""
    batch = images.shape[0]
    hidden = jnp.tanh(images.reshape(batch, 64) / 16 @ p["encoder_W"].T + p["encoder_b"])
    state = encode((jnp.pi * hidden).T.reshape(CIRCUITS, WIRES, batch))
    block = blocks(p["vqc"])
    for layer in range(LAYERS):
        state = entangle(block[:, layer] @ state, layer)
    probabilities = state[:, :STATES] ** 2 + state[:, STATES:] ** 2
    z = jnp.einsum("qk,gkb->bgq", SIGNS, probabilities)
    return z.reshape(batch, CIRCUITS * WIRES) @ p["head_W"].T + p["head_b"]


def loss(p: Params, images: jax.Array, labels: jax.Array, weights: jax.Array) -> jax.Array:
    """Mean cross-entropy over the samples of weight 1."""
    found = jax.nn.log_softmax(logits(p, images))
    each = -jnp.take_along_axis(found, labels[:, None], 1)[:, 0]
    return jnp.sum(each * weights) / jnp.sum(weights)


def parameters(seed: int = 0) -> Params:
    """1,690 numbers: glorot for the matrices, [0, 2 pi) for the angles."""
    keys = jax.random.split(jax.random.key(seed), 3)
    glorot = jax.nn.initializers.glorot_uniform(in_axis=1, out_axis=0)
    return {
        "encoder_W": glorot(keys[0], (20, 64)), "encoder_b": jnp.zeros(20),
        "vqc": jax.random.uniform(keys[1], (CIRCUITS, LAYERS, WIRES, 3), maxval=2 * jnp.pi),
        "head_W": glorot(keys[2], (10, 20)), "head_b": jnp.zeros(10),
    }  # fmt: skip


@jax.jit
def epoch(
    carry: tuple[Params, Any], images: jax.Array, labels: jax.Array, order: jax.Array, weights: jax.Array
) -> tuple[tuple[Params, Any], jax.Array]:
    """One step for every row of `order`, [steps, batch] sample numbers; the losses of the steps."""

    def step(
        carry: tuple[Params, Any], row: tuple[jax.Array, jax.Array]
    ) -> tuple[tuple[Params, Any], jax.Array]:
        (p, state), (numbers, weight) = carry, row
        value, gradient = jax.value_and_grad(loss)(p, images[numbers], labels[numbers], weight)
        update, state = OPTIMISER.update(gradient, state)
        return (optax.apply_updates(p, update), state), value

    return jax.lax.scan(step, carry, (order, weights))
