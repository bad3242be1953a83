"""One case: hqn, the frozen baseline and the peers in turn, and hqn again.

What came before: a workload and a case. What leaves: `Row`s. hqn runs before and after the peers, the second
time with the cache of compiled programs that the first filled; the ratio of a peer is to the mean of both,
that of the frozen step to hqn's in the same process, where the two alternate.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.circuits.peers import FROZEN, HERE, Peer
from benchmarks.circuits.processes import ROOT, Outcome, outcome

NO_TIME = "no time left; BUDGET=SECONDS gives more"
OURS = 120.0
"""Seconds that hqn's own process may take."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `ratio` is the step over hqn's; `again_s` the first call with a filled cache."""

    workload: str
    case: str
    who: str
    step_ms: float | None = None
    ratio: float | None = None
    first_s: float | None = None
    again_s: float | None = None
    loss: float | None = None
    note: str = ""
    facts: dict[str, float] = field(default_factory=dict)
    """What else was measured of hqn: `load_s`, `gib`, and what the workload adds."""
    measured: str = ""
    """When the run began that it is from."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the frozen scripts are."""

    frozen: Path | None

    def case(self, workload: str, case: str, asked: Sequence[Peer], until: float) -> Iterator[Row]:
        """hqn, the frozen baseline and the peers that are asked; no peer is asked after `until`."""
        with tempfile.TemporaryDirectory() as cache:
            before = self._ours(workload, case, Path(cache))
            if before.reason:
                yield Row(workload, case, "hqn", note=before.reason)
                return
            found = [(peer, self._peer(peer, until)) for peer in asked]
            again = self._ours(workload, case, Path(cache), "--alone")
        yield from _rows(workload, case, before, again)
        own = _mean(before, again)
        yield from (_row(workload, case, peer, given, own) for peer, given in found)

    def beside(self, workload: str, case: str, asked: Sequence[Peer], until: float) -> Iterator[Row]:
        """Peers alone, between two of hqn whose steps they are compared with."""
        if time.monotonic() > until:
            yield from (Row(workload, case, peer.name, note=NO_TIME) for peer in asked)
            return
        with tempfile.TemporaryDirectory() as cache:
            before = self._ours(workload, case, Path(cache), "--alone")
            found = [(peer, self._peer(peer, until)) for peer in asked]
            again = self._ours(workload, case, Path(cache), "--alone")
        if reason := before.reason or again.reason:
            yield from (Row(workload, case, peer.name, note=f"hqn: {reason}") for peer in asked)
            return
        own = _mean(before, again)
        yield from (_row(workload, case, peer, given, own) for peer, given in found)

    def _ours(self, workload: str, case: str, cache: Path, *options: str) -> Outcome:
        paths = [ROOT, ROOT / "src", *([self.frozen] if self.frozen else [])]
        command = [sys.executable, "-m", "benchmarks.circuits.ours", workload, case, *options]
        return outcome(command, OURS, paths, cache)

    def _peer(self, peer: Peer, until: float) -> Outcome:
        python = ROOT / "build" / "peers" / peer.environment / "bin" / "python"
        if self.frozen is None:
            return Outcome(reason="no folder of frozen scripts")
        if not python.is_file():
            return Outcome(reason="no environment; `make peers` makes it")
        left = until - time.monotonic()
        if left < 5:
            return Outcome(reason=NO_TIME)
        mine = peer.script.startswith(HERE)
        folder = ROOT / "benchmarks" / "peers" if mine else self.frozen
        script = folder / peer.script.removeprefix(HERE)
        command, limit = [str(python), str(script), *peer.args], min(peer.limit, left)
        found = outcome(command, limit, [self.frozen], wanted=peer.line)
        return Outcome(reason=NO_TIME) if found.reason and limit < peer.limit else found


def _mean(before: Outcome, again: Outcome) -> float:
    """hqn's step, ms, over both of its processes."""
    found = [line["step_ms"] for given in (before, again) for line in given.lines if line["fw"] == "hqn"]
    return float(sum(found) / len(found))


def _rows(workload: str, case: str, before: Outcome, again: Outcome) -> Iterator[Row]:
    """hqn and, from the same process, the frozen step."""
    lines = {line["fw"]: line for line in before.lines}
    own = lines["hqn"]
    warm = next((line["first_s"] for line in again.lines), None)
    row = Row(workload, case, "hqn", _mean(before, again), 1.0, own["first_s"], warm, own["loss"])
    yield replace(row, note=again.reason, facts=own["facts"])
    if "hand" in lines:
        hand = lines["hand"]
        step, ratio = hand["step_ms"], hand["step_ms"] / own["step_ms"]
        yield Row(workload, case, FROZEN, step, ratio, loss=hand["loss"])


def _row(workload: str, case: str, peer: Peer, given: Outcome, own: float) -> Row:
    """A peer's figure, or why there is none."""
    line: dict[str, Any] | None = next((one for one in given.lines if peer.line in one.get("fw", "")), None)
    if line is None or "err" in line:
        return Row(workload, case, peer.name, note=given.reason or "printed no figure")
    step = line["step_ms"] if "step_ms" in line else line["t_s"] * 1e3
    parts = ("first_s",) if "first_s" in line else ("trace_s", "compile_s")
    first = sum(line[name] for name in parts if name in line) or None
    value = line.get("loss", line.get("val"))
    return Row(workload, case, peer.name, step, step / own, first, loss=value)
