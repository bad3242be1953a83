"""tensorcircuit-ng: energy and gradient of the Ising chain of `benchmarks/programs/tfim.hqn`.

    tfim_tc.py QUBITS LAYERS scan | plain

Run by `make bench-circuits` in the peer's own environment; prints one JSON line. `plain`: all layers in one
circuit. `scan`: one layer as the body of `jax.lax.scan`, its documented way to compile in less time. `common`
is the frozen `common.py`, from which timing and output come.
"""

from __future__ import annotations

import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import tensorcircuit as tc
from common import bench, out, rss

N, DEPTH, MODE = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
tc.set_backend("jax")
tc.set_dtype("complex64")


def turn(circuit: tc.Circuit, zz: jax.Array, x: jax.Array) -> None:
    for wire in range(N - 1):
        circuit.rzz(wire, wire + 1, theta=zz[wire])
    for wire in range(N):
        circuit.rx(wire, theta=x[wire])


def scanned(state: jax.Array, angles: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
    circuit = tc.Circuit(N, inputs=state)
    turn(circuit, *angles)
    return circuit.state(), None


def energy(zz: jax.Array, x: jax.Array) -> jax.Array:
    circuit = tc.Circuit(N)
    for wire in range(N):
        circuit.h(wire)
    if MODE == "scan":
        circuit = tc.Circuit(N, inputs=jax.lax.scan(scanned, circuit.state(), (zz, x))[0])
    else:
        for layer in range(DEPTH):
            turn(circuit, zz[layer], x[layer])
    bonds = sum(circuit.expectation_ps(z=[wire, wire + 1]) for wire in range(N - 1))
    return jnp.real(-bonds - sum(circuit.expectation_ps(x=[wire]) for wire in range(N)))


random = np.random.default_rng(5)
angles = [jnp.asarray(random.normal(size=(DEPTH, m)).astype("f4") * 0.1) for m in (N - 1, N)]
step = jax.jit(jax.value_and_grad(energy, argnums=(0, 1)))
started = time.perf_counter()
value, gradient = jax.block_until_ready(step(*angles))
first = time.perf_counter() - started
seconds, _ = bench(lambda: step(*angles), jax.block_until_ready, 9, 6.0, 2)
out(w="tfim", fw=f"tensorcircuit-ng {MODE}", first_s=first, t_s=seconds, loss=float(value), rss=rss())
