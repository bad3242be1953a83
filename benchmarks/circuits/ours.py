"""hqn's side of one case, in a process of its own: first call, then steps in alternation with the frozen one.

    python -m benchmarks.circuits.ours WORKLOAD CASE [--alone]

Prints JSON lines with the keys of the frozen scripts. `--alone` leaves the frozen step out.
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
from benchmarks.circuits.steps import pair


def main() -> None:
    workload, case, *options = sys.argv[1:]
    if workload == "w4":
        jax.config.update("jax_enable_x64", True)  # the frozen script and the peers compute in complex128
    started = time.perf_counter()
    both = pair(workload, case)
    loaded = time.perf_counter() - started
    first = first_call(both.ours)
    steps = {"hqn": both.ours}
    if both.hand is not None and "--alone" not in options:
        steps["hand"] = both.hand
        _agree(both.ours(), both.hand())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = medians(steps)
    for name, seconds in found.items():
        value = float(jax.tree.leaves(steps[name]())[0].sum())
        line: dict[str, Any] = {
            "w": workload,
            "case": case,
            "fw": name,
            "step_ms": seconds * 1e3,
            "loss": value,
        }
        if name == "hqn":
            line |= {"first_s": first, "load_s": loaded, "rss": memory}
        print(json.dumps(line), flush=True)


def _agree(ours: Any, theirs: Any) -> None:
    """Both compute the same loss."""
    np.testing.assert_allclose(jax.tree.leaves(ours)[0], jax.tree.leaves(theirs)[0], rtol=1e-4)


if __name__ == "__main__":
    main()
