"""PennyLane: the finite-shot gradient of `benchmarks/programs/shots.hqn` by its parameter-shift rule.

    shots_pl.py jit | plain

Run by `make bench-circuits` in the peer's own environment; prints one JSON line. `jit`: value and gradient
of the mean over `jax.vmap`, under `jax.jit`. `plain`: the documented way without them, a loop over the
samples with PennyLane's own gradient. `common` is the frozen `common.py`, from which timing and output come.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pennylane as qml
from common import bench, out, rss
from pennylane import numpy as pnp

N, LAYERS, BATCH, SHOTS = 8, 2, 8, 1024
RING = [(i, (i + 1) % N) for i in range(N)]
TERMS = [P(i) @ P(j) for P in (qml.X, qml.Y, qml.Z) for i, j in RING] + [qml.Z(i) for i in range(N)]
HAMILTONIAN = qml.Hamiltonian([1.0] * 3 * N + [0.5] * N, TERMS, grouping_type="qwc")


def circuit(w: Any, x: Any) -> Any:
    for i in range(N):
        qml.RY(x[i], i)
    for layer in range(LAYERS):
        for i in range(N):
            qml.RX(w[layer, i, 0], i)
            qml.RY(w[layer, i, 1], i)
            qml.RZ(w[layer, i, 2], i)
        for i, j in RING:
            qml.CNOT([i, j])
    return qml.expval(HAMILTONIAN)


def node(interface: str) -> Any:
    device = qml.device("default.qubit", wires=N, seed=0)
    return qml.QNode(circuit, device, interface=interface, diff_method="parameter-shift", shots=SHOTS)


def main() -> None:
    mode = sys.argv[1]
    weights = np.random.default_rng(1).uniform(-np.pi, np.pi, (LAYERS, N, 3)).astype("f4")
    samples = np.random.default_rng(0).uniform(-1.5, 1.5, (BATCH, N)).astype("f4")
    if mode == "jit":
        one, w, x = node("jax"), jnp.asarray(weights), jnp.asarray(samples)
        step = jax.jit(jax.value_and_grad(lambda w: jnp.mean(jax.vmap(one, in_axes=(None, 0))(w, x))))
    else:
        one, w = node("autograd"), pnp.array(weights, requires_grad=True)
        gradient = qml.grad(one, argnums=0)

        def step(w: Any) -> Any:
            gradients = [gradient(w, x) for x in samples]
            return np.mean([one(w, x) for x in samples]), np.mean(gradients, axis=0)

    started = time.perf_counter()
    value, found = jax.block_until_ready(step(w))
    first = time.perf_counter() - started
    seconds, _ = bench(lambda: step(w), jax.block_until_ready, 3, 5.0, 1)
    norm = float(np.linalg.norm(np.asarray(found)))
    out(
        w="shots",
        fw=f"pennylane {mode}",
        first_s=first,
        t_s=seconds,
        loss=float(value),
        gn=norm,
        g0=np.asarray(found).ravel()[:4].tolist(),
        rss=rss(),
    )


if __name__ == "__main__":
    main()
