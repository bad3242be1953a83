"""A circuit of 100 layers beside one of 10: emitted text, jaxpr, time to the first gradient.

    python -m benchmarks.depth

Text and jaxpr may differ in numbers only. The first call is value and gradient of a batch of 32 on 6 qubits,
jitted, in a process without a cache of compiled programs; the target is 3 s for 100 layers.
"""

from __future__ import annotations

import os
import re
from time import perf_counter

os.environ.pop("JAX_COMPILATION_CACHE_DIR", None)

import jax
import numpy as np

import hqn
from benchmarks.machine import heading, table
from hqn.runtime.program import Program

QUBITS, BATCH, DEPTHS = 6, 32, (10, 100)
TEXT = """hqn 0.1
circuit deep[depth](x: f32[n]) -> f32[n] {{
  qubits q[n]
  rx(x) q
  repeat depth {{
    weight w: angle[n, 3] = uniform(0, 2 * pi)
    rot(w) q
    repeat i in 0..n {{ cx q[i], q[(i + 1) % n] }}
  }}
  return expect(Z(q))
}}
model net(x: f32[{qubits}]) -> f32[{qubits}] {{ return deep[{depth}](x) as deep }}
"""


def compiled(depth: int) -> Program:
    return hqn.compile(TEXT.format(qubits=QUBITS, depth=depth), "depth.hqn")


def gradient_text(program: Program) -> str:
    """The jaxpr of value and gradient, one equation per line."""
    model = program.models["net"]
    step = jax.value_and_grad(lambda variables, x: model.apply(variables, x).sum())
    jaxpr = jax.make_jaxpr(step)(model.init(0), np.zeros((BATCH, QUBITS), np.float32))
    return str(jaxpr.pretty_print(use_color=False))


def without_numbers(text: str) -> str:
    """Without white space too: how many digits a number has decides where lines break."""
    return re.sub(r"\s+", "", re.sub(r"\d+", "N", text))


def first_call(program: Program) -> float:
    """Seconds from a compiled program to its first value and gradient."""
    model = program.models["net"]
    variables, x = model.init(0), np.zeros((BATCH, QUBITS), np.float32)
    step = jax.jit(jax.value_and_grad(lambda variables, x: model.apply(variables, x).sum()))
    started = perf_counter()
    jax.block_until_ready(step(variables, x))
    return perf_counter() - started


def main() -> None:
    print(heading(f"depth: {QUBITS} qubits, batch {BATCH}", "jax", "jaxlib"))
    rows = [["layers", "lines of text", "jaxpr characters", "first call"]]
    texts = []
    for depth in DEPTHS:
        program = compiled(depth)
        texts.append((without_numbers(program.text), without_numbers(gradient_text(program))))
        lines = len(program.text.splitlines())
        rows.append([str(depth), str(lines), str(len(texts[-1][1])), f"{first_call(program):.2f} s"])
    print(table(rows))
    same = ["equal but for numbers" if first == second else "DIFFERENT" for first, second in zip(*texts)]
    print(f"  text: {same[0]}; jaxpr: {same[1]}")


if __name__ == "__main__":
    main()
