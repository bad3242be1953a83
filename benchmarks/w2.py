"""W2: one large state, hqn beside a frozen hand-written baseline; the gradient by both methods.

    python -m benchmarks.w2 [--baseline FOLDER] [--gradient] [n …]

The circuits are `programs/w2.hqn`. Forward: compile time, step, temporaries in states of complex64, bytes per
second if each block and permutation reads and writes the state once, and the ratio to the baseline (below 1:
hqn is faster), both in one process in alternation. FOLDER holds the baseline's `w2_iota.py`, which is run as
it is; its compiled program is then timed beside ours. `--gradient`: reverse mode and the adjoint method of
the same program, in alternation.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import hqn
from benchmarks.circuits.alternate import medians
from benchmarks.machine import heading, table
from hqn.compiler import memory

PROGRAM = Path(__file__).parent / "programs" / "w2.hqn"
LAYERS = 4
TABLES = 20
"""The baseline is given its permutation as a table up to this many qubits, above it computes it."""


def loss(n: int, method: str) -> Callable[..., jax.Array]:
    """The model on the baseline's angles `[LAYERS, n, 3]`; the method follows from the limit of memory."""
    share = 1 << 62 if method == "reverse" else 64 * (8 << n)
    head, *models = PROGRAM.read_text(encoding="utf-8").split("model ")
    own = next(one for one in models if one.startswith(f"w2_{n}("))
    with memory.limited(share):
        model = hqn.compile(f"{head}model {own}", PROGRAM.name).models[f"w2_{n}"]
    return lambda p, x: model.function({"total": {"wide": {"w": p}}}, x)


def compiled(function: Any, args: tuple[Any, ...]) -> tuple[Any, float]:
    start = time.perf_counter()
    run = jax.jit(function).lower(*args).compile()
    return run, time.perf_counter() - start


def baseline(n: int) -> tuple[Callable[[], Any], float]:
    """The frozen program, compiled and measured by its own script, and what compiling took there."""
    words, sys.argv = sys.argv, ["w2_iota.py", str(n), "table" if n <= TABLES else "iota"]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            sys.modules.pop("w2_iota", None)
            script = importlib.import_module("w2_iota")
    finally:
        sys.argv = words
    return lambda: script.c(script.p, script.x, script.idx), script.tc


def numbers(hand: Any, n: int) -> tuple[jax.Array, jax.Array]:
    data = hand.data(n, LAYERS, 1)
    return jnp.asarray(data["p"]), jnp.asarray(data["x"][0])


def states(run: Any, n: int) -> float:
    return float(run.memory_analysis().temp_size_in_bytes / (8 << n))


def moved(n: int) -> int:
    """Bytes, if each block of four qubits and each permutation reads and writes the state once."""
    return 2 * (8 << n) * LAYERS * (-(-n // 4) + 1)


def forward(hand: Any, n: int) -> list[str]:
    args = numbers(hand, n)
    own, own_compile = compiled(loss(n, "reverse"), args)
    theirs, their_compile = baseline(n)
    np.testing.assert_allclose(own(*args), theirs(), atol=2e-3)
    found = medians({"hqn": lambda: own(*args), "hand": theirs})
    return [
        str(n),
        f"{found['hand'] * 1e3:.1f} ms",
        f"{their_compile:.2f} s",
        f"{found['hqn'] * 1e3:.1f} ms",
        f"{own_compile:.2f} s",
        f"{states(own, n):.1f}",
        f"{moved(n) / found['hqn'] / 1e9:.1f} GB/s",
        f"{found['hqn'] / found['hand']:.2f}",
    ]


def gradient(hand: Any, n: int) -> list[str]:
    args = numbers(hand, n)
    runs = {name: compiled(jax.value_and_grad(loss(n, name)), args) for name in ("reverse", "adjoint")}
    found = medians({name: lambda run=run: run(*args) for name, (run, _) in runs.items()})  # type: ignore[misc]
    cells = [[f"{found[name] * 1e3:.0f} ms", f"{states(run, n):.1f}"] for name, (run, _) in runs.items()]
    return [str(n), *cells[0], *cells[1], f"{found['adjoint'] / found['reverse']:.2f}"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = os.environ.get("HQN_BASELINES", "../shared/bench")
    parser.add_argument("--baseline", default=default, metavar="FOLDER", help=f"holds hand.py ({default})")
    parser.add_argument("--gradient", action="store_true", help="reverse mode beside the adjoint method")
    parser.add_argument("n", nargs="*", type=int, default=[16, 18, 20])
    given = parser.parse_args()
    jax.config.update("jax_enable_compilation_cache", False)
    print(heading("W2: one state", "jax", "jaxlib"))
    if not (Path(given.baseline) / "w2_iota.py").is_file():
        print(f"  skipped: no baseline in {given.baseline}; say --baseline FOLDER or set HQN_BASELINES")
        return
    sys.path.insert(0, given.baseline)
    hand = importlib.import_module("hand")
    if given.gradient:
        rows = [["qubits", "reverse", "states", "adjoint", "states", "ratio"]]
        print(table(rows + [gradient(hand, n) for n in given.n]))
        return
    rows = [["qubits", "hand", "compile", "hqn", "compile", "states", "moved", "ratio"]]
    print(table(rows + [forward(hand, n) for n in given.n]))


if __name__ == "__main__":
    main()
