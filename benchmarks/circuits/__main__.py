"""`make bench-circuits`: hqn, the frozen hand-written baselines and the peers, side by side in one run.

    python -m benchmarks.circuits [--budget SECONDS] [--write] [workload …]

Prints a table as it goes and writes build/bench-circuits.json; `--write` also writes docs/benchmarks.md. The
frozen scripts are looked for in the folder HQN_BASELINES, else in `../shared/bench` beside the checkout. When
the budget is spent, the peers that are left are skipped.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.circuits.measure import Bench, Row
from benchmarks.circuits.peers import CASES, TITLES
from benchmarks.circuits.processes import ROOT
from benchmarks.circuits.report import about, page, section


def frozen() -> Path | None:
    """The folder of the frozen scripts, if it is there."""
    folder = (ROOT / os.environ.get("HQN_BASELINES", "../shared/bench")).resolve()
    return folder if (folder / "hand.py").is_file() else None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workloads", nargs="*", help=f"of {', '.join(CASES)}; all if none is named")
    parser.add_argument("--budget", type=float, default=840.0, help="seconds after which no peer is asked")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    given = parser.parse_args()
    if unknown := set(given.workloads) - set(CASES):
        parser.error(f"no workload is called {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what we started ends with us
    folder = frozen()
    if folder is None:
        print("no frozen scripts: W1, W3, W5 and peers are skipped; HQN_BASELINES=FOLDER says where they are")
    bench, rows = Bench(folder, time.monotonic() + given.budget), list[Row]()
    print("\n".join(about()))
    for workload in given.workloads or CASES:
        if folder is None and workload in ("w1", "w3", "w5"):
            continue
        for case in CASES[workload]:
            rows += bench.case(workload, case)
            _save(rows, given.write)
        shown = section([row for row in rows if row.workload == workload])
        print(f"\n{TITLES[workload]}\n{shown}", flush=True)


def _save(rows: list[Row], page_too: bool) -> None:
    """What is measured so far, so that a run that is stopped leaves it."""
    out = ROOT / "build" / "bench-circuits.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"about": about(), "rows": [asdict(row) for row in rows]}, indent=2) + "\n")
    if page_too:
        (ROOT / "docs" / "benchmarks.md").write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
