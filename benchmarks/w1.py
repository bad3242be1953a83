"""W1: one training step of a batched variational circuit, hqn beside a frozen hand-written baseline.

    python -m benchmarks.w1 [--baseline FOLDER] [n …]

An angle-encoded batch of 32, four layers of RX RY RZ on every qubit and a ring of CX, <Z> of all qubits, a
linear head to 10 classes, cross-entropy: all of it hqn text, with value, gradient and update around it.
FOLDER holds the baseline's `hand.py` (`make_expect`, `make_step`, `data`), which is run as it is; without the
option it is that of the environment variable HQN_BASELINES, else `../shared/bench`. Both steps run in one
process in alternation; the table shows medians, first calls and the ratio (below 1: hqn is faster). Losses
and updated weights of both must agree.
"""

from __future__ import annotations

import argparse
import importlib
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import hqn
from benchmarks.machine import heading, table

TEXT = """hqn 0.1
use std.layers.{{dense}}
use std.losses.{{cross_entropy}}
circuit vqc(x: f32[n]) -> f32[n] {{
  qubits q[n]
  ry(x) q
  repeat 4 {{
    weight w: angle[n, 3] = uniform(0, 2 * pi)
    rx(w[:, 0]) q
    ry(w[:, 1]) q
    rz(w[:, 2]) q
    repeat i in 0..n {{ cx q[i], q[(i + 1) % n] }}
  }}
  return expect(Z(q))
}}
model loss(x: f32[{n}], y: idx[10]) -> f32 {{ return x |> vqc |> dense[10] as head |> cross_entropy(y) }}
"""
LAYERS, BATCH, RATE = 4, 32, 0.01
WIDTHS = {4: 4, 8: 4, 10: 5, 12: 4}
"""The baseline's best block width, as measured when it was frozen."""

Step = Callable[..., Any]


def ours(n: int) -> Step:
    """A step of the compiled model on the baseline's weights (angles, matrix, bias)."""
    model = hqn.compile(TEXT.format(n=n), "w1.hqn").models["loss"]

    def mean_loss(weights: tuple[jax.Array, ...], x: jax.Array, y: jax.Array) -> jax.Array:
        angles, matrix, bias = weights
        slots = {"vqc": {"w": angles}, "head": {"W": matrix.T, "b": bias}}
        return jnp.mean(model.function(slots, x, y))

    def step(weights: tuple[jax.Array, ...], x: jax.Array, y: jax.Array) -> Any:
        value, gradient = jax.value_and_grad(mean_loss)(weights, x, y)
        return value, jax.tree.map(lambda one, by: one - RATE * by, weights, gradient), gradient[0]

    return jax.jit(step)


def compiled(step: Any, args: tuple[Any, ...]) -> tuple[Step, float]:
    """The step, and seconds until its first result."""
    start = time.perf_counter()
    run = step.lower(*args).compile()
    jax.block_until_ready(run(*args))
    return run, time.perf_counter() - start


def alternate(steps: list[Step], args: tuple[Any, ...], rounds: int = 15) -> list[float]:
    """Median seconds of each, over rounds in which each runs for some 20 ms."""
    times: list[list[float]] = [[] for _ in steps]
    for _ in range(rounds):
        for step, seen in zip(steps, times):
            count = max(3, int(0.02 / seen[-1])) if seen else 3
            start = time.perf_counter()
            for _ in range(count):
                jax.block_until_ready(step(*args))
            seen.append((time.perf_counter() - start) / count)
    return [statistics.median(seen) for seen in times]


def measure(hand: Any, n: int) -> list[str]:
    """A row of the table."""
    data = hand.data(n, LAYERS, BATCH)
    weights = tuple(jnp.asarray(data[name]) for name in ("p", "w", "b"))
    args = (weights, jnp.asarray(data["x"]), jnp.asarray(data["y"].astype("int32")))
    baseline = hand.make_expect(n, LAYERS, BATCH, method="kron", k=WIDTHS.get(n, 4), perm="gcv")
    theirs, their_first = compiled(hand.make_step(baseline), args)
    own, own_first = compiled(ours(n), args)
    agree = partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-5)
    jax.tree.map(agree, own(*args), theirs(*args))
    their_time, own_time = alternate([theirs, own], args)
    return [
        str(n),
        f"{their_time * 1e3:.3f} ms",
        f"{their_first:.2f} s",
        f"{own_time * 1e3:.3f} ms",
        f"{own_first:.2f} s",
        f"{own_time / their_time:.2f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = os.environ.get("HQN_BASELINES", "../shared/bench")
    parser.add_argument("--baseline", default=default, metavar="FOLDER", help=f"holds hand.py ({default})")
    parser.add_argument("n", nargs="*", type=int, default=[4, 8])
    given = parser.parse_args()
    print(heading(f"W1: a training step, batch {BATCH}", "jax", "jaxlib"))
    if not (Path(given.baseline) / "hand.py").is_file():
        print(f"  skipped: no baseline in {given.baseline}; say --baseline FOLDER or set HQN_BASELINES")
        return
    sys.path.insert(0, given.baseline)
    hand = importlib.import_module("hand")
    rows = [["qubits", "hand: step", "first", "hqn: step", "first", "ratio"]]
    print(table(rows + [measure(hand, n) for n in given.n]))


if __name__ == "__main__":
    main()
