"""Figures of published models, reproduced from `examples/`: `make reproductions`.

    python -m benchmarks.reproductions [run …]

What came before: the runs of the examples, three seeds each. What leaves: `docs/reproductions.md`, a table of
the published figure, the figure aimed at, and what was measured here, with time and command. Invariant: a
figure stands in the table as it was measured last, reached or not; `reproductions.json` keeps it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import jax

import hqn
from hqn.runtime.loaders import FOLDER
from hqn.runtime.results import Result, Trained
from hqn.runtime.training import train

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reproductions.md"
KEPT = PAGE.with_suffix(".json")


_FITTED = "sin(20x)/(20x)"
_INTRODUCTION = f"""\
# Published figures, reproduced

Made by `make reproductions` from the files in `examples/`; each has the hybrid model and its classical twin.
*Published* is what the paper or its code reports, on its own data; *aimed at* is the figure that this project
set itself on the small data that is used here. Nothing is claimed about which is better. Measured with jax
{{jax}} on {{machine}}, two cores shared with other work, seeds 0 to 2; the full MNIST is read from the folder
that `{FOLDER}` names.

Learning rates, passes and the trained scale of creep-in's head were chosen by the accuracy of one or two of
these seeds on the same test samples: the sets are too small for a validation split of their own, so these
figures are a little better than fresh data would give. Accuracies are those after the last pass; the fits of
{_FITTED} keep the least loss on their own points.

| model | published | aimed at | parameters | measured, per seed | time | command |
|---|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a run reaches in a series, and what others say of it. `power` writes it as powers of ten."""

    example: str
    run: str
    series: str
    what: str
    published: str = ""
    aimed: str = ""
    power: bool = False
    seeds: tuple[int, ...] = (0, 1, 2)

    @property
    def key(self) -> str:
        return f"{self.run}.{self.series}"

    @property
    def needs_folder(self) -> bool:
        return self.run.endswith("mnist")


_ACC = "test accuracy, digits"
FIGURES = (
    Figure(
        "qkan",
        "wave[3]",
        "loss",
        f"MSE of {_FITTED}, one DARUAN edge, r = 3",
        "",
        "best of 3 ≤ 1e-4",
        power=True,
    ),
    Figure(
        "qkan",
        "wave[5]",
        "loss",
        f"MSE of {_FITTED}, one DARUAN edge, r = 5",
        "",
        "best of 3 ≤ 1e-5",
        power=True,
    ),
    Figure("qkan", "twin_wave", "loss", f"MSE of {_FITTED}, its twin of 8 tanh", power=True),
    Figure("qkan", "digits", "acc", f"{_ACC}, CNN and QKAN 10 to 10", "95.85 % on MNIST"),
    Figure("qkan", "twin_digits", "acc", f"{_ACC}, CNN and dense twin"),
    Figure("creep_in", "creep[0]", "acc", f"{_ACC}, level 0 (classical)", "92.30 % on MNIST"),
    Figure(
        "creep_in",
        "creep[1]",
        "acc",
        f"{_ACC}, level 1 (quantum convolutions)",
        "92.34 % on MNIST",
        "level 0 - 2",
    ),
    Figure(
        "creep_in", "creep[2]", "acc", f"{_ACC}, level 2 (quantum head too)", "96.92 % on MNIST", "≥ 93 %"
    ),
    Figure(
        "hamiltonian_embedding",
        "embedding",
        "acc",
        "test accuracy, digits 0-7, 15 uploads",
        "94.4 ± 2.8 %",
        "≥ 94 %",
    ),
    Figure("hamiltonian_embedding", "twin_embedding", "acc", "test accuracy, digits 0-7, dense twin"),
    Figure("hqnn_parallel", "small", "acc", f"{_ACC}, four 5-qubit circuits", "", "≥ 96.5 %"),
    Figure("hqnn_parallel", "twin_small", "acc", f"{_ACC}, four classical cells"),
    Figure(
        "hqnn_parallel",
        "mnist",
        "acc",
        "test accuracy, MNIST, HQNN-Parallel, 3 epochs",
        "99.21 %",
        "45,194 parameters",
    ),
    Figure("hqnn_parallel", "twin_mnist", "acc", "test accuracy, MNIST, classical cells, 3 epochs"),
    Figure("quanv", "quanv", "acc", f"{_ACC}, circuit as a kernel", "70 % (500 samples, MNIST)"),
    Figure("quanv", "twin_quanv", "acc", f"{_ACC}, classical kernel"),
    Figure("adversarial", "clean[true]", "acc", "test accuracy, digits 0/1, clean", "99 %", "≥ 97 %"),
    Figure("adversarial", "clean[true]", "fooled", "the same, attacked", "", "20 points less"),
    Figure(
        "adversarial",
        "robust[true]",
        "fooled",
        "attacked, after adversarial training",
        "",
        "half of the drop back",
    ),
    Figure("adversarial", "clean[false]", "acc", "twin, clean"),
    Figure("adversarial", "clean[false]", "fooled", "twin, attacked"),
    Figure("adversarial", "robust[false]", "fooled", "twin, attacked, after adversarial training"),
)


def perform(program: hqn.Program, name: str, seeds: tuple[int, ...], done: dict[str, Result]) -> float:
    """A run for these seeds, those that it starts from before it; the seconds of this one."""
    spec = program.runs[name].spec
    for other in spec.after:
        if other not in done:
            perform(program, other, seeds, done)
    started = perf_counter()
    done[name] = train(program, spec, seeds=seeds, results=done)
    return perf_counter() - started


def measure(example: str, figures: list[Figure], kept: dict[str, dict[str, object]]) -> None:
    """Performs the runs of one file and keeps what they reach."""
    program = hqn.load(ROOT / "examples" / f"{example}.hqn")
    done: dict[str, Result] = {}
    seconds: dict[str, float] = {}
    for figure in figures:
        if figure.run not in seconds:
            seconds[figure.run] = perform(program, figure.run, figure.seeds, done)
        result = done[figure.run]
        values = [_reached(seed, figure.series) for seed in result.seeds]
        kept[figure.key] = {
            "example": example,
            "values": values,
            "parameters": result.parameters,
            "seconds": seconds[figure.run],
        }
        print(figure.key, kept[figure.key], flush=True)
        KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _reached(seed: Trained, series: str) -> float:
    """What the kept weights have: the best where the run keeps it, else the last."""
    entries = seed.entries[series]
    at = entries.index(seed.kept) if seed.kept in entries else -1
    return float(seed.series[series][at])


def row(figure: Figure, found: dict[str, object] | None) -> str:
    """One line of the table."""
    command = f"`hqn run examples/{figure.example}.hqn '{figure.run}'`"
    if found is None:
        cells = [figure.what, figure.published, figure.aimed, "", "not measured here", "", command]
    else:
        values = found["values"]
        assert isinstance(values, list)
        shown = " ".join(f"{value:.1e}" if figure.power else f"{100 * value:.1f}" for value in values)
        unit = "" if figure.power else " %"
        time = f"{found['seconds']:.0f} s"
        parameters = f"{found['parameters']:,}"
        cells = [figure.what, figure.published, figure.aimed, parameters, shown + unit, time, command]
    return f"| {' | '.join(cells)} |"


def page(kept: dict[str, dict[str, object]]) -> str:
    """The document."""
    rows = [row(figure, kept.get(figure.key)) for figure in FIGURES]
    return "\n".join([_INTRODUCTION.format(jax=jax.__version__, machine=platform.machine()), *rows, ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("runs", nargs="*", help="runs to perform again (all of them)")
    asked = parser.parse_args().runs
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    wanted = [figure for figure in FIGURES if figure.run in asked or not asked]
    if FOLDER not in os.environ:
        wanted = [figure for figure in wanted if not figure.needs_folder]
        print(f"{FOLDER} is not set: the run on MNIST is left out", file=sys.stderr)
    for example in dict.fromkeys(figure.example for figure in wanted):
        measure(example, [figure for figure in wanted if figure.example == example], kept)
    PAGE.write_text(page(kept), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
