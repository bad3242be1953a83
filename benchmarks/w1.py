"""W1: one training step of a batched variational circuit, hqn beside a frozen hand-written baseline.

    python -m benchmarks.w1 --baseline FOLDER [n …]

An angle-encoded batch of 32, four layers of RX RY RZ on every qubit and a ring of CX, <Z> of all qubits, a
linear head to 10 classes, cross-entropy; value, gradient and update. FOLDER holds the baseline's `hand.py`
(`make_expect`, `make_step`, `data`), which is run as it is. Both steps run in one process in alternation; the
table shows medians, first calls and the ratio (below 1: hqn is faster). Both losses must agree.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.compiler.diagnostics import Sink
from hqn.compiler.driver import build, check
from hqn.compiler.emit.jax.module import module_text
from hqn.compiler.source import Source

TEXT = """hqn 0.1
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
model w1(x: f32[{n}]) -> f32[{n}] {{ return vqc(x) }}
"""
LAYERS, BATCH = 4, 32
WIDTHS = {4: 4, 8: 4, 10: 5, 12: 4}
"""The baseline's best block width, as measured when it was frozen."""

Expectation = Callable[[Any, Any], Any]


def ours(n: int) -> Expectation:
    """The emitted module's model as a function of weights and inputs."""
    sink = Sink()
    checked = check(Source("w1.hqn", TEXT.format(n=n)), sink)
    assert checked is not None, [str(found) for found in sink]
    functions = list(build(checked).module.functions.values())
    text, _ = module_text("w1.hqn", functions, lambda _: "")
    space: dict[str, Any] = {}
    exec(compile(text, "w1.py", "exec"), space)
    return lambda p, x: space["w1"]({"vqc": {"w": p}}, x)


def compiled(step: Any, args: tuple[Any, ...]) -> tuple[Callable[..., Any], float]:
    """The step, and seconds until its first result."""
    start = time.perf_counter()
    run = step.lower(*args).compile()
    jax.block_until_ready(run(*args))
    return run, time.perf_counter() - start


def alternate(steps: list[Callable[..., Any]], args: tuple[Any, ...], rounds: int = 15) -> list[float]:
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


def measure(hand: Any, n: int) -> str:
    """A row of the table."""
    data = hand.data(n, LAYERS, BATCH)
    weights = tuple(jnp.asarray(data[name]) for name in ("p", "w", "b"))
    args = (weights, jnp.asarray(data["x"]), jnp.asarray(data["y"].astype("int32")))
    baseline = hand.make_expect(n, LAYERS, BATCH, method="kron", k=WIDTHS.get(n, 4), perm="gcv")
    (theirs, their_first), (own, own_first) = (
        compiled(hand.make_step(expect), args) for expect in (baseline, ours(n))
    )
    np.testing.assert_allclose(own(*args)[0], theirs(*args)[0], rtol=1e-5)
    firsts = (their_first, own_first)
    their_time, own_time = alternate([theirs, own], args)
    columns = [
        f"{step * 1e3:>8.3f} ms {first:>6.2f} s" for step, first in zip((their_time, own_time), firsts)
    ]
    return "  ".join([f"{n:>6}", *columns, f"{own_time / their_time:>6.2f}"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--baseline", required=True, metavar="FOLDER")
    parser.add_argument("n", nargs="*", type=int, default=[4, 8])
    given = parser.parse_args()
    sys.path.insert(0, given.baseline)
    hand = importlib.import_module("hand")
    print(f"W1, batch {BATCH}, jax {jax.__version__}, {platform.machine()}, {len(jax.devices())} device(s)")
    print("qubits  hand: step   first   hqn: step   first     ratio")
    for n in given.n:
        print(measure(hand, n), flush=True)


if __name__ == "__main__":
    main()
