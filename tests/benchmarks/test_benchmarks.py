"""That benchmarks can be measured: modules import, programs check, peers are pinned."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from pathlib import Path
from typing import Any

import benchmarks
import pytest
from benchmarks.circuits import aims
from benchmarks.circuits.__main__ import _measured
from benchmarks.circuits.measure import NO_TIME, Bench, Row
from benchmarks.circuits.peers import HERE, ORDER, TITLES, peers
from benchmarks.circuits.processes import outcome
from benchmarks.circuits.record import keep, kept, measured, merged
from benchmarks.circuits.report import page

from hqn.compiler import driver
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all
from hqn.compiler.files import read_source

ROOT = Path(__file__).parents[2]
LOCKED = re.compile(r"[\w.-]+==[\w.]+( --hash=sha256:[0-9a-f]{64})+")
MODULES = [
    info.name
    for info in pkgutil.walk_packages(benchmarks.__path__, "benchmarks.")
    if not info.name.startswith("benchmarks.peers.") and not info.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_modules_import(name: str) -> None:
    assert importlib.import_module(name).__doc__


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").rglob("*.hqn")), ids=lambda path: path.name)
def test_programs_check(path: Path) -> None:
    sink = Sink()
    source = read_source(str(path), sink)
    assert source is not None
    assert driver.check(source, sink) is not None, render_all(sink, color=False)


def test_peers_have_pinned_environments() -> None:
    assert {workload for workload, _ in ORDER} == set(TITLES)
    asked = [peer for workload, case in ORDER for peer in peers(workload, case)]
    assert asked
    for peer in asked:
        text = (ROOT / "requirements" / "peers" / f"{peer.environment}.txt").read_text()
        packages = text.removesuffix("\n").replace(" \\\n    ", " ").split("\n")
        assert packages and all(LOCKED.fullmatch(package) for package in packages)
        if peer.script.startswith(HERE):
            assert (ROOT / "benchmarks" / "peers" / peer.script.removeprefix(HERE)).is_file()


def test_a_process_beyond_its_limit_is_killed_and_gives_no_figure() -> None:
    script = "import time; print('{\"step_ms\": 1.0}', flush=True); time.sleep(60)"
    found = outcome([sys.executable, "-c", script], 1.0, [])
    assert found.lines == () and found.reason == "killed after 1 s"


def test_a_script_is_ended_at_the_figure_that_is_asked() -> None:
    script = 'import time; print(\'{"fw": "a b"}\', flush=True); time.sleep(60)'
    found = outcome([sys.executable, "-c", script], 30.0, [], wanted="b")
    assert found.lines == ({"fw": "a b"},) and not found.reason


def test_a_process_that_fails_says_why() -> None:
    found = outcome([sys.executable, "-c", "raise ValueError('no such gate')"], 30.0, [])
    assert found.lines == () and found.reason == "ValueError: no such gate"


def test_without_frozen_scripts_no_peer_is_run() -> None:
    (peer, *_) = peers("tfim", "20")
    assert Bench(None)._peer(peer, 0.0).reason == "no folder of frozen scripts"


def test_an_aim_without_figures_is_neither_reached_nor_missed() -> None:
    rows = [Row("w1", case, "hqn", note="killed") for workload, case in ORDER if workload == "w1"]
    found = aims.reached(rows)
    assert len(found) == 5 * 3 + 4
    assert {cells[-1] for cells in found} == {"no figure"}


def test_aims_are_about_the_fastest_peer_and_baselines_are_no_peers() -> None:
    rows = [
        Row("w1", "8", "hqn", 1.0, 1.0, 2.0, 0.5, facts={"load_s": 1.0}),
        Row("w1", "8", "frozen baseline", 0.8, 0.8),
        Row("w1", "8", "torchquantum", 9.0, 9.0, 0.1),
        Row("w1", "8", "tensorcircuit-ng", 8.0, 8.0, 33.0),
        Row("w1", "8", "PennyLane default.qubit", note="killed after 80 s"),
    ]
    both = "16.50 (11.00 with hqn's compilation)"
    assert aims.reached(rows) == [
        ("w1 8", "step, times", "tensorcircuit-ng", "8.00", ">= 7", "yes"),
        ("w1 8", "step of the frozen one, times", "frozen baseline", "0.80", ">= 0.9", "no"),
        (
            "w1 8",
            "first call, times",
            "tensorcircuit-ng",
            both,
            ">= 15",
            "yes",
        ),
        ("w1 8", "first call of a second process", "", "0.50 s", "<= 1", "yes"),
    ]


def test_a_row_without_a_figure_leaves_an_earlier_one(tmp_path: Path) -> None:
    before = [
        Row("w3", "100", "hqn", 8.0, 1.0, measured="monday"),
        Row("w3", "100", "tensorcircuit-ng, hand-written scan", 24.0, 3.0, measured="monday"),
    ]
    found = [
        Row("w3", "100", "hqn", 7.0, 1.0, measured="tuesday"),
        Row("w3", "100", "tensorcircuit-ng, hand-written scan", note=NO_TIME, measured="tuesday"),
        Row("tfim", "20", "tensorcircuit-ng", note=NO_TIME, measured="tuesday"),
    ]
    both = merged(before, found)
    assert both == [found[2], found[0], before[1]]
    keep(both, tmp_path / "kept.json")
    assert kept(tmp_path / "kept.json") == both and kept(tmp_path / "none.json") == []
    lines = page(both).splitlines()
    assert "- newest figures of tuesday" in lines
    assert sum(line.endswith("| 3.00 | | | measured monday |") for line in lines) == 1
    assert measured(both) == {("w3", "100", row.who) for row in both[1:]}


def test_the_page_is_of_the_kept_figures() -> None:
    """But for the lines that say with what and where."""
    found, rows = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8"), merged(kept(), [])
    assert {(row.workload, row.case) for row in rows} == set(ORDER)
    assert found.partition("`of hqn`")[2] == page(rows).partition("`of hqn`")[2]


def test_peers_that_aims_are_about_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, str, str, list[str]]] = []

    def noted(kind: str) -> Any:
        def call(_: Bench, workload: str, case: str, asked: Any, until: float) -> list[Row]:
            calls.append((kind, workload, case, [peer.name for peer in asked]))
            return []

        return call

    monkeypatch.setattr(Bench, "case", noted("case"))
    monkeypatch.setattr(Bench, "beside", noted("beside"))
    list(_measured(Bench(None), [("w5", "128"), ("w3", "200")], set(), 9.0))
    assert calls == [
        ("case", "w5", "128", ["tensorcircuit-ng"]),
        ("case", "w3", "200", []),
        ("beside", "w5", "128", ["PennyLane default.qubit"]),
    ]
    calls.clear()
    list(_measured(Bench(None), [("w5", "128"), ("w3", "200")], {("w5", "128", "tensorcircuit-ng")}, 9.0))
    assert calls == [("beside", "w5", "128", ["PennyLane default.qubit"])]


def test_a_step_that_is_longer_than_the_aim_is_taken_off() -> None:
    (found,) = (
        cells
        for cells in aims.reached([Row("w2", "24", "hqn", 2000.0, 1.0, 3.0, 2.25)])
        if "second" in cells[1]
    )
    assert found[2:] == ("less one step", "0.25 s (2.25 s with the step)", "<= 1", "yes")
    (found,) = (
        cells
        for cells in aims.reached([Row("w2", "22", "hqn", 400.0, 1.0, 2.0, 1.3)])
        if "second" in cells[1]
    )
    assert found[2:] == ("", "1.30 s", "<= 1", "no")
