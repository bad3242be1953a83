"""tensorcircuit-ng: energy and gradient of the Ising chain of `benchmarks/programs/tfim.hqn`.

Run by `make bench-circuits` in the peer's own environment; prints one JSON line. `common` is the frozen
`common.py`, from which timing and output come.
"""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import numpy as np
import tensorcircuit as tc
from common import bench, out, rss

N, DEPTH = 20, 10
tc.set_backend("jax")
tc.set_dtype("complex64")


def energy(zz: jax.Array, x: jax.Array) -> jax.Array:
    circuit = tc.Circuit(N)
    for wire in range(N):
        circuit.h(wire)
    for layer in range(DEPTH):
        for wire in range(N - 1):
            circuit.rzz(wire, wire + 1, theta=zz[layer, wire])
        for wire in range(N):
            circuit.rx(wire, theta=x[layer, wire])
    bonds = sum(circuit.expectation_ps(z=[wire, wire + 1]) for wire in range(N - 1))
    return jnp.real(-bonds - sum(circuit.expectation_ps(x=[wire]) for wire in range(N)))


random = np.random.default_rng(5)
angles = [jnp.asarray(random.normal(size=(DEPTH, m)).astype("f4") * 0.1) for m in (N - 1, N)]
step = jax.jit(jax.value_and_grad(energy, argnums=(0, 1)))
started = time.perf_counter()
value, gradient = jax.block_until_ready(step(*angles))
first = time.perf_counter() - started
seconds, _ = bench(lambda: step(*angles), jax.block_until_ready, 9, 6.0, 2)
out(w="tfim", fw="tensorcircuit-ng", first_s=first, t_s=seconds, loss=float(value), rss=rss())
