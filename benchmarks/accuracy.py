"""What the runs of `examples/digits.hqn` reach, seed by seed: `make bench-accuracy`.

    python -m benchmarks.accuracy [run …]

Every run of the file is performed for seeds 0 to 4 as it stands there, so that the hybrid model and its
classical twin come from one text, and the quantized model from the trained one, seed by seed. The table shows
parameters, test accuracy per seed, median, mean and minimum.
The figures stand side by side; nothing is claimed about which is better.
"""

from __future__ import annotations

import argparse
import platform
from pathlib import Path
from statistics import mean, median
from time import perf_counter

import jax

import hqn
from hqn.runtime.program import Program
from hqn.runtime.results import Result
from hqn.runtime.training import train

EXAMPLE = Path(__file__).parents[1] / "examples" / "digits.hqn"
SEEDS = tuple(range(5))
SERIES = "acc"


def perform(program: Program, name: str, done: dict[str, Result]) -> tuple[Result, float]:
    """A run for all seeds, each from the same seed of the runs before it, and the seconds that it took."""
    spec = program.runs[name].spec
    for other in spec.after:
        if other not in done:
            perform(program, other, done)
    started = perf_counter()
    done[name] = train(program, spec, seeds=SEEDS, results=done)
    return done[name], perf_counter() - started


def line(name: str, result: Result, seconds: float) -> str:
    found = [100 * seed.series[SERIES][-1] for seed in result.seeds]
    each = " ".join(f"{value:5.1f}" for value in found)
    overall = f"{median(found):6.1f} {mean(found):6.1f} {min(found):6.1f}"
    spent = f"{result.step_seconds * 1e3:5.2f} ms   {seconds:5.0f} s"
    return f"{name:12} {result.parameters:>10,}   {each}   {overall}   {spent}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("runs", nargs="*", help="runs of the file (those that track the accuracy)")
    asked = parser.parse_args().runs
    program = hqn.load(EXAMPLE)
    names = [
        name
        for name, run in program.runs.items()
        if (name in asked or not asked) and any(track.name == SERIES for track in run.spec.tracks)
    ]
    print(f"test accuracy in %, {EXAMPLE.name}, jax {jax.__version__}, {platform.machine()}")
    seeds = " ".join(f"{seed:5}" for seed in SEEDS)
    print(f"{'run':12} {'parameters':>10}   {seeds}   median   mean    min       step    total")
    done: dict[str, Result] = {}
    for name in names:
        print(line(name, *perform(program, name, done)), flush=True)


if __name__ == "__main__":
    main()
