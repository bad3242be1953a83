"""The digits training step against the same model written by hand, alternating in one process.

`python -m benchmarks.digits_step` prints compile time, median time per step of both, and their ratio. What
is timed is a pass over the data as each of them performs it: hqn's run of `examples/digits.hqn`, emitted,
loaded and stepped as by `hqn run`, and `digits_hand.epoch`.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import jax
import numpy as np
import optax

import hqn
from benchmarks import digits_hand as hand
from hqn.runtime import program as rt
from hqn.runtime.batches import stretches
from hqn.runtime.data import prepare
from hqn.runtime.stepping import Position, Stepper
from hqn.runtime.variables import initial

EXAMPLE = Path(__file__).parents[1] / "examples" / "digits.hqn"
PASSES = 40
NAMES = {
    "net.encoder.W": "encoder_W", "net.encoder.b": "encoder_b", "net.vqc.w": "vqc",
    "net.head.W": "head_W", "net.head.b": "head_b",
}  # fmt: skip


def ours(fields: tuple[jax.Array, ...], table: Any, run: rt.Run, values: dict[str, jax.Array]) -> Any:
    """A function that performs one pass of the compiled run and gives its last loss."""
    stepper = Stepper(run, 30 * table.order.shape[0], table.order.shape[0])
    carry, rest = stepper.begin(values, 0)
    position = Position(*(np.int32(n) for n in (0, 0, 0, table.order.shape[0])))
    key = jax.random.key(0)

    def one_pass() -> float:
        nonlocal carry
        carry, losses = stepper.advance(carry, rest, fields, table, key, position)
        return float(losses[-1, 0])

    return one_pass


def theirs(fields: tuple[jax.Array, ...], table: Any, values: dict[str, jax.Array]) -> Any:
    """The same from the same weights, by hand."""
    parameters = {NAMES[path]: value for path, value in values.items()}
    carry = (parameters, hand.OPTIMISER.init(parameters))

    def one_pass() -> float:
        nonlocal carry
        carry, losses = hand.epoch(carry, *fields, table.order, table.weights)
        return float(losses[-1])

    return one_pass


def timed(function: Any) -> float:
    started = perf_counter()
    function()
    return perf_counter() - started


def main() -> None:
    program = hqn.load(EXAMPLE)
    splits = prepare(program.data["d8"]).splits["train"]
    fields = tuple(jax.numpy.asarray(splits[name]) for name in ("x", "y"))
    (stretch,) = stretches(0, 0, len(splits["y"]), 64, padded=True)
    steps = len(stretch.counts)
    run = program.runs["fit"].spec
    values = initial(run.slots, jax.random.key(0)).flat()
    passes = {
        "hqn": ours(fields, stretch.table, run, values),
        "hand": theirs(fields, stretch.table, values),
    }
    first = {name: timed(one) for name, one in passes.items()}
    np.testing.assert_allclose(passes["hqn"](), passes["hand"](), rtol=1e-3)
    times: dict[str, list[float]] = {name: [] for name in passes}
    for _ in range(PASSES):
        for name, one in passes.items():
            times[name].append(timed(one) / steps)
    versions = (
        f"jax {jax.__version__}, optax {optax.__version__}, {platform.machine()}, {os.cpu_count()} cores"
    )
    print(f"digits training step, batch 64, 1,690 parameters ({versions})")
    for name, found in times.items():
        spread = f"{min(found) * 1e3:.3f} to {max(found) * 1e3:.3f}"
        print(f"{name:5} first call {first[name]:5.2f} s   step {median(found) * 1e3:.3f} ms ({spread})")
    ratios = [a / b for a, b in zip(times["hqn"], times["hand"])]
    print(f"ratio hqn / hand: {median(ratios):.3f}")


if __name__ == "__main__":
    main()
