"""`make bench-circuits`: hqn, the frozen hand-written baselines and the peers, side by side in one run.

    python -m benchmarks.circuits [--budget SECONDS] [--missing] [--write] [workload …]

Prints a table as it goes and writes build/bench-circuits.json. `--write` also puts the figures among those of
earlier runs in docs/benchmarks.json and writes docs/benchmarks.md from all of them; what has no figure now
leaves an earlier one as it is. `--missing` asks only peers that have none. First come hqn's cases with the
peers that aims are about, then the other peers. The frozen scripts are looked for in the folder
HQN_BASELINES, else in `../shared/bench` beside the checkout. A peer that would leave hqn's own cases too
little of the budget is skipped.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from benchmarks.circuits.measure import Bench, Row
from benchmarks.circuits.peers import ORDER, TITLES, Peer, peers
from benchmarks.circuits.processes import ROOT
from benchmarks.circuits.record import keep, kept, measured, merged
from benchmarks.circuits.report import about, page, section, summary

Known = Collection[tuple[str, str, str]]
OURS = 15.0
"""Seconds of the budget that are kept for hqn's two processes of each case that is left."""
BASELINES = ("w1", "w2", "w3", "w5")
"""Workloads whose data come from the frozen scripts."""


def frozen() -> Path | None:
    """The folder of the frozen scripts, if it is there."""
    folder = (ROOT / os.environ.get("HQN_BASELINES", "../shared/bench")).resolve()
    return folder if (folder / "hand.py").is_file() else None


def main() -> None:
    given = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what we started ends with us
    folder = frozen()
    if folder is None:
        print("no frozen scripts: W1, W2, W3, W5 and peers are skipped; HQN_BASELINES=FOLDER says where")
    cases = [one for one in ORDER if one[0] in (given.workloads or TITLES)]
    cases = [one for one in cases if folder is not None or one[0] not in BASELINES]
    began, before, rows = f"{datetime.now():%Y-%m-%d %H:%M}", kept(), list[Row]()
    print("\n".join(about()))
    known = measured(before) if given.missing else set()
    for workload, found in _measured(Bench(folder), cases, known, given.budget):
        rows += (replace(row, measured=began) for row in found)
        _save(rows, before, given.write)
        print(f"\n{TITLES[workload]}\n{section(found)}", flush=True)
    print(f"\nAims\n{summary(merged(before, rows))}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workloads", nargs="*", help=f"of {', '.join(TITLES)}; all if none is named")
    parser.add_argument("--budget", type=float, default=900.0, help="seconds that all may take")
    parser.add_argument("--missing", action="store_true", help="ask only peers without a figure")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.json and .md")
    given = parser.parse_args()
    if unknown := set(given.workloads) - set(TITLES):
        parser.error(f"no workload is called {', '.join(sorted(unknown))}")
    return given


def _measured(
    bench: Bench, cases: Sequence[tuple[str, str]], known: Known, budget: float
) -> Iterator[tuple[str, list[Row]]]:
    """Rows by workload: hqn with the peers that aims are about, then the others; `known` are not asked."""
    end, later = time.monotonic() + budget, list[tuple[str, str, list[Peer]]]()
    for number, (workload, case) in enumerate(cases, 1):
        asked = [peer for peer in peers(workload, case) if (workload, case, peer.name) not in known]
        if known and not asked:
            continue
        if others := [peer for peer in asked if peer.later]:
            later.append((workload, case, others))
        firsts = [peer for peer in asked if not peer.later]
        if firsts or not known:
            until = end - OURS * (len(cases) - number + 0.5)
            yield workload, list(bench.case(workload, case, firsts, until))
    for workload, case, others in later:
        yield workload, list(bench.beside(workload, case, others, end - OURS))


def _save(rows: list[Row], before: list[Row], page_too: bool) -> None:
    """What is measured so far, so that a run that is stopped leaves it."""
    out = ROOT / "build" / "bench-circuits.json"
    out.parent.mkdir(exist_ok=True)
    keep(rows, out)
    if page_too:
        everything = merged(before, rows)
        keep(everything)
        (ROOT / "docs" / "benchmarks.md").write_text(page(everything), encoding="utf-8")


if __name__ == "__main__":
    main()
