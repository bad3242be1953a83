"""How wide blocks of one-wire gates should be: training steps with every width, in processor time.

What came before: a circuit of four layers on a batch of 32, as in W1, or one state forward, as in W2. What
leaves: a line of milliseconds per number of wires, one column per width; `plan/cost.py` holds what was fitted
to them. Invariant: one thread and the least of many times, so that other work on the machine shows little.
"""

from __future__ import annotations

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import argparse
import sys
from time import process_time
from typing import Any
from unittest.mock import patch

import jax
import numpy as np

import hqn
from hqn.compiler.plan import cost

TEXT = """hqn 0.1
circuit c(x: f32[{n}]) -> f32[{n}] {{
  qubits q[{n}]
  rx(x) q
  repeat 4 {{
    weight w: angle[{n}, 3] = uniform(0, 2 * pi)
    rot(w) q
    repeat i in 0..{n} {{ cx q[i], q[(i + 1) % {n}] }}
  }}
  return expect(Z(q))
}}
model m(x: f32[{n}]) -> f32[{n}] {{ return c(x) }}
"""
SECONDS = 1.5
"""For each width, after a first call."""
WINDOW = 0.05
"""Steps are timed together for so long: the clock of a process lags behind its threads."""


def step_seconds(n: int, width: int, batch: int, forward: bool) -> float:
    """The least processor time of a step whose blocks have at most this width."""
    with patch.object(cost, "width", lambda wires: width):
        model = hqn.compile(TEXT.format(n=n), "widths.hqn").models["m"]
    x = np.linspace(-1, 1, batch * n, dtype=np.float32).reshape(batch, n)

    def loss(variables: Any) -> jax.Array:
        return (model.apply(variables, x) ** 2).mean()

    variables = model.init(0)
    step = jax.jit(loss if forward else jax.value_and_grad(loss))
    jax.block_until_ready(step(variables))
    found, begun = float("inf"), process_time()
    while process_time() - begun < SECONDS:
        count, started = 0, process_time()
        while process_time() - started < WINDOW:
            jax.block_until_ready(step(variables))
            count += 1
        found = min(found, (process_time() - started) / count)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wires", type=int, nargs="*", default=list(range(5, 17)))
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--forward", action="store_true", help="no gradient")
    args = parser.parse_args()
    print("wires " + "".join(f"{f'width {k}':>10}" for k in range(2, 8)))
    for n in args.wires:
        times = [step_seconds(n, k, args.batch, args.forward) * 1e3 for k in range(2, min(n, 7) + 1)]
        print(f"{n:5} " + "".join(f"{time:10.3f}" for time in times), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
