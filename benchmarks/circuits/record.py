"""Figures of all runs: `docs/benchmarks.json`, from which the page is written.

What came before: the rows of a run, each with when that run began. What leaves: all rows, the newest of each.
Invariant: a row without a figure never takes the place of one that has it; the ratio of a peer is to the step
that hqn had beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.circuits.measure import Row
from benchmarks.circuits.peers import FROZEN, ORDER, peers
from benchmarks.circuits.processes import ROOT

KEPT = ROOT / "docs" / "benchmarks.json"


def kept(path: Path = KEPT) -> list[Row]:
    """What was measured before."""
    return [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))] if path.is_file() else []


def keep(rows: Sequence[Row], path: Path = KEPT) -> None:
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


def merged(before: Sequence[Row], found: Sequence[Row]) -> list[Row]:
    """Rows of the cases that are measured now, in the order of these."""
    rows = {_key(row): row for row in before}
    for row in found:
        if row.step_ms is not None or rows.get(_key(row), row).step_ms is None:
            rows[_key(row)] = row
    return [rows[key] for key in _keys() if key in rows]


def measured(rows: Sequence[Row]) -> set[tuple[str, str, str]]:
    """Workload, case and name of what has a figure."""
    return {_key(row) for row in rows if row.step_ms is not None}


def _key(row: Row) -> tuple[str, str, str]:
    return row.workload, row.case, row.who


def _keys() -> list[tuple[str, str, str]]:
    return [
        (workload, case, who)
        for workload, case in ORDER
        for who in ("hqn", FROZEN, *(peer.name for peer in peers(workload, case)))
    ]
