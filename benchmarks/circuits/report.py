"""Rows as tables: of plain text, and as the page `docs/benchmarks.md`."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version

import hqn
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
after hqn has compiled its file and ends with the first result; `with cache` is the same in a second process
that finds what the first one compiled. The machine is shared, so only ratios mean something.

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
        date.today().isoformat(),
    ]


def _pins() -> list[tuple[str, str]]:
    """The peers and what they are pinned to."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "requirements" / "peers").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            name, _, number = line.partition("==")
            if name.lower() in SHOWN:
                found[name] = number
    return sorted(found.items())


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
        row.note,
    )


def _number(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:.{places}f}"


def page(rows: Sequence[Row]) -> str:
    """The whole page."""
    parts = ["# Benchmarks of circuits", "", "Measured with `make bench-circuits`:", ""]
    parts += [*(f"- {line}" for line in about()), NOTES.rstrip()]
    for workload, title in TITLES.items():
        own = [row for row in rows if row.workload == workload]
        if own:
            parts += ["", f"## {title}", "", _line(HEAD), _line(["---"] * len(HEAD))]
            parts += [_line(_cells(row)) for row in own]
    return "\n".join(parts) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("  ", " ")
