"""Rows as tables: of plain text, and as the page `docs/benchmarks.md`."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from string import Formatter

import hqn
from benchmarks.circuits import aims
from benchmarks.circuits.measure import Row
from benchmarks.circuits.peers import TITLES
from benchmarks.circuits.processes import ROOT
from benchmarks.machine import cores, processor, table

HEAD = ("case", "who", "step ms", "of hqn", "first call s", "with cache s", "note")
SHOWN = ("tensorcircuit-ng", "pennylane", "torchquantum", "torch")
NOTES = """
`of hqn` is the step of a row divided by hqn's: above 1, hqn is faster. The frozen baseline is hand-written
JAX; it alternates with hqn in one process. A peer runs in its own process and environment, between two of
hqn's. A peer without a figure failed or was stopped: that is no result for either side. `first call` begins
after hqn has compiled its file, which the note says the time of, and ends with the first result; `with cache`
is the same in a second process that finds what the first one compiled. Of W2 the note says the bytes per
second if each block of four qubits and each permutation reads and writes the state once, beside a copy in the
same rounds: the distance to what the memory allows. GiB are those of the whole process after the first call.
The machine is shared, so only ratios mean something.

A row that is from an earlier run than the newest says so; its ratio is to hqn's step in that run. Where a
step alone takes longer than a second, the aim of a second for the first call of a second process is about
that call less one step, and the table says both.

Aims that are ratios say how many times as long the other one takes. A frozen baseline is no peer. An aim
whose figures are missing is neither reached nor missed.

W4 computes in complex128 on both sides, everything else in single precision.
"""


def about() -> list[str]:
    """Versions and machine."""
    own = f"hqn {hqn.__version__}, jax {version('jax')}, Python {platform.python_version()}"
    pinned = ", ".join(f"{name} {number}" for name, number in _pins())
    return [
        own,
        f"peers: {pinned}",
        f"{processor()}, {cores()} cores, load average {os.getloadavg()[1]:.1f}",
    ]


def _pins() -> list[tuple[str, str]]:
    """The peers and what they are pinned to."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "requirements" / "peers").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            name, _, number = line.removesuffix(" \\").partition("==")
            if name.lower() in SHOWN:
                found[name] = number
    return sorted(found.items())


def summary(rows: Sequence[Row]) -> str:
    """Every aim, and whether it was reached."""
    return table([aims.HEAD, *aims.reached(rows)])


def section(rows: Sequence[Row]) -> str:
    return table([HEAD, *map(_cells, rows)])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.case,
        row.who,
        _number(row.step_ms, 3),
        _number(row.ratio, 2),
        _number(row.first_s, 2),
        _number(row.again_s, 2),
        "; ".join(filter(None, (*_facts(row.facts), row.note))),
    )


def _facts(facts: Mapping[str, float]) -> list[str]:
    """What else is known of hqn, in words."""
    found = {name: f"{value:.2f}" for name, value in facts.items()}
    texts = (
        "hqn compiles in {load_s} s",
        "XLA in {compile_s} s",
        "{gib} GiB",
        "{states} states of temporaries",
        "{moved} GB/s beside {copy} of a copy of as many bytes and {copy_large} of 512 MiB",
    )
    return [text.format_map(found) for text in texts if all(name in found for name in _names(text))]


def _names(text: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(text) if name]


def _number(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:.{places}f}"


def page(rows: Sequence[Row]) -> str:
    """The whole page."""
    parts = ["# Benchmarks of circuits", "", "Measured with `make bench-circuits`:", ""]
    newest = max((row.measured for row in rows), default="")
    rows = [row if row.measured == newest else _dated(row) for row in rows]
    parts += [*(f"- {line}" for line in about()), f"- newest figures of {newest}", NOTES.rstrip()]
    parts += ["", "## Aims", "", *_table(aims.HEAD, aims.reached(rows))]
    for workload, title in TITLES.items():
        own = [row for row in rows if row.workload == workload]
        if own:
            parts += ["", f"## {title}", "", *_table(HEAD, map(_cells, own))]
    return "\n".join(parts) + "\n"


def _dated(row: Row) -> Row:
    return replace(row, note="; ".join(filter(None, (row.note, f"measured {row.measured}"))))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_line(head), _line(["---"] * len(head)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("  ", " ")
