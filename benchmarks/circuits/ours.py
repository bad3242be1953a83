"""hqn's side of one case, in a process of its own: first call, then steps in alternation with the frozen one.

    python -m benchmarks.circuits.ours WORKLOAD CASE [--alone]

Prints JSON lines with the keys of the frozen scripts; `facts` is what else a workload says of hqn's step.
`--alone` leaves all but hqn's step out.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import jax
import numpy as np

from benchmarks.circuits.alternate import first_call, medians
from benchmarks.circuits.pairs import Pair, Step
from benchmarks.circuits.steps import pair


def main() -> None:
    workload, case, *options = sys.argv[1:]
    if workload == "w4":
        jax.config.update("jax_enable_x64", True)  # the frozen script and the peers compute in complex128
    jax.devices()  # what every program waits for is no part of compiling this one
    started = time.perf_counter()
    both = pair(workload, case)
    loaded = time.perf_counter() - started
    first = first_call(both.ours)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    alone = "--alone" in options
    steps = {"hqn": both.ours} if alone else _steps(both)
    found = medians(steps, seconds=4.0 if alone else 12.0)
    for name in ("hqn", "hand"):
        if name in steps:
            value = float(jax.tree.leaves(steps[name]())[0].sum())
            line: dict[str, Any] = {"fw": name, "step_ms": found[name] * 1e3, "loss": value}
            if name == "hqn":
                line |= {"first_s": first, "facts": {"load_s": loaded, "gib": memory}}
                line["facts"] |= {} if alone else both.facts(found)
            print(json.dumps(line), flush=True)


def _steps(both: Pair) -> dict[str, Step]:
    """All that are timed; hqn's and the frozen one compute the same loss."""
    steps = {"hqn": both.ours}
    if both.hand is not None:
        steps["hand"] = both.hand()
        ours, theirs = (jax.tree.leaves(step())[0] for step in steps.values())
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-3)
    return steps | {name: make() for name, make in both.beside.items()}


if __name__ == "__main__":
    main()
