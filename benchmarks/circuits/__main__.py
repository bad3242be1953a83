"""`make bench-circuits`: hqn, the frozen hand-written baselines and the peers, side by side in one run.

    python -m benchmarks.circuits [--budget SECONDS] [--write] [workload …]

Prints a table as it goes and writes build/bench-circuits.json; `--write` also writes docs/benchmarks.md. The
frozen scripts are looked for in the folder HQN_BASELINES, else in `../shared/bench` beside the checkout. A
peer that would leave hqn's own cases too little of the budget is skipped.
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
from benchmarks.circuits.peers import ORDER, TITLES
from benchmarks.circuits.processes import ROOT
from benchmarks.circuits.report import about, page, section, summary

OURS = 15.0
"""Seconds of the budget that are kept for hqn's two processes of each case that is left."""
BASELINES = ("w1", "w2", "w3", "w5")
"""Workloads whose data come from the frozen scripts."""


def frozen() -> Path | None:
    """The folder of the frozen scripts, if it is there."""
    folder = (ROOT / os.environ.get("HQN_BASELINES", "../shared/bench")).resolve()
    return folder if (folder / "hand.py").is_file() else None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workloads", nargs="*", help=f"of {', '.join(TITLES)}; all if none is named")
    parser.add_argument("--budget", type=float, default=900.0, help="seconds that all may take")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    given = parser.parse_args()
    if unknown := set(given.workloads) - set(TITLES):
        parser.error(f"no workload is called {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what we started ends with us
    folder = frozen()
    if folder is None:
        print("no frozen scripts: W1, W2, W3, W5 and peers are skipped; HQN_BASELINES=FOLDER says where")
    cases = [one for one in ORDER if one[0] in (given.workloads or TITLES)]
    cases = [one for one in cases if folder is not None or one[0] not in BASELINES]
    bench, rows, end = Bench(folder), list[Row](), time.monotonic() + given.budget
    print("\n".join(about()))
    for number, (workload, case) in enumerate(cases, 1):
        found = list(bench.case(workload, case, end - OURS * (len(cases) - number + 0.5)))
        rows += found
        _save(rows, given.write)
        print(f"\n{TITLES[workload]}\n{section(found)}", flush=True)
    print(f"\nAims\n{summary(rows)}")


def _save(rows: list[Row], page_too: bool) -> None:
    """What is measured so far, so that a run that is stopped leaves it."""
    out = ROOT / "build" / "bench-circuits.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"about": about(), "rows": [asdict(row) for row in rows]}, indent=2) + "\n")
    if page_too:
        (ROOT / "docs" / "benchmarks.md").write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
