"""What is aimed at, and whether it was reached.

What came before: the rows of all cases. What leaves: a table with a line per aim. Invariant: a peer without
a figure is no figure; an aim without the figures it needs is neither reached nor missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.circuits.measure import Row
from benchmarks.circuits.peers import FROZEN, ORDER

HEAD = ("case", "what", "against", "found", "aim", "reached")
Found = tuple[str, float | None, str]
"""Who hqn is compared with, the figure, and what is said beside it."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The figure is to be at least `least`, or at most `most`."""

    workload: str
    case: str
    what: str
    found: Callable[[Sequence[Row]], Found]
    least: float | None = None
    most: float | None = None

    def cells(self, rows: Sequence[Row]) -> tuple[str, ...]:
        own = [row for row in rows if row.workload == self.workload]
        against, number, beside = self.found([row for row in own if row.case == self.case] or own)
        aim = f">= {self.least:.2g}" if self.least is not None else f"<= {self.most:.2g}"
        head = (f"{self.workload} {self.case}", self.what, against)
        if number is None:
            return (*head, "", aim, "no figure")
        good = number >= self.least if self.least is not None else number <= (self.most or 0.0)
        return (*head, f"{number:.2f}{beside}", aim, "yes" if good else "no")


def _own(rows: Sequence[Row]) -> Row | None:
    return next((row for row in rows if row.who == "hqn" and row.step_ms is not None), None)


def _peers(rows: Sequence[Row]) -> list[Row]:
    others = [row for row in rows if row.who != "hqn" and not row.who.startswith(FROZEN)]
    return [row for row in others if row.ratio is not None]


def best_step(rows: Sequence[Row]) -> Found:
    """The step of the fastest peer over hqn's."""
    best = min(_peers(rows), key=lambda row: row.ratio or 0.0, default=None)
    return (best.who, best.ratio, "") if best else ("best peer", None, "")


def frozen_step(rows: Sequence[Row]) -> Found:
    """The step of the fastest frozen baseline over hqn's."""
    found = [row for row in rows if row.who.startswith(FROZEN) and row.ratio is not None]
    best = min(found, key=lambda row: row.ratio or 0.0, default=None)
    return (best.who, best.ratio, "") if best else (FROZEN, None, "")


def jitted_first(rows: Sequence[Row]) -> Found:
    """The first call of tensorcircuit-ng over hqn's, and over hqn's with its own compilation."""
    who = "tensorcircuit-ng"
    peer, own = next((row for row in _peers(rows) if row.who == who), None), _own(rows)
    if peer is None or own is None or peer.first_s is None or own.first_s is None:
        return who, None, ""
    whole = peer.first_s / (own.first_s + own.facts["load_s"])
    return who, peer.first_s / own.first_s, f" ({whole:.2f} with hqn's compilation)"


def first_call(rows: Sequence[Row]) -> Found:
    own = _own(rows)
    return "", own.first_s if own else None, " s"


def second_process(limit: float) -> Callable[[Sequence[Row]], Found]:
    """The first call of a second process; less one step where that alone takes longer than `limit` s."""

    def found(rows: Sequence[Row]) -> Found:
        own = _own(rows)
        if own is None or own.again_s is None or own.step_ms is None or own.step_ms < limit * 1e3:
            return "", own.again_s if own else None, " s"
        without = own.again_s - own.step_ms / 1e3
        return "less one step", without, f" s ({own.again_s:.2f} s with the step)"

    return found


def fact(name: str, unit: str) -> Callable[[Sequence[Row]], Found]:
    def found(rows: Sequence[Row]) -> Found:
        own = _own(rows)
        return "", own.facts.get(name) if own else None, unit

    return found


def flat(rows: Sequence[Row]) -> Found:
    """The first call of 200 layers over that of 100."""
    found = {row.case: row.first_s for row in rows if row.who == "hqn"}
    few, many = found.get("100"), found.get("200")
    return "100 layers", many / few if few and many else None, ""


STEP, FIRST, BASE = "step, times", "first call, times", "step of the frozen one, times"


def _aims() -> Iterator[Aim]:
    for case, step, first in (("4", 1, 5), ("8", 7, 15), ("10", 5, 30), ("12", 9, 30), ("16", 1, None)):
        yield Aim("w1", case, STEP, best_step, least=step)
        yield Aim("w1", case, BASE, frozen_step, least=0.9)
        if first is not None:
            yield Aim("w1", case, FIRST, jitted_first, least=first)
    for case in ("16", "18", "20", "22", "24"):
        yield Aim("w2", case, STEP, best_step, least=1)
        yield Aim("w2", case, BASE, frozen_step, least=1 / 1.1)
    for case in ("16 adjoint", "20 adjoint"):
        yield Aim("w2", case, "temporaries, states", fact("states", ""), most=8)
    yield Aim("w2", "24", "compilation", fact("compile_s", " s"), most=1.5)
    yield Aim("w2", "24", "memory of the process", fact("gib", " GiB"), most=1)
    yield Aim("w3", "100", "first call", first_call, most=1)
    yield Aim("w3", "100", BASE, frozen_step, least=1 / 1.1)
    yield Aim("w3", "200 beside 100", "first call, times", flat, most=1.2)
    yield Aim("w4", "site", "first call", first_call, most=3)
    yield Aim("w4", "site", STEP, best_step, least=1)
    yield Aim("w5", "128", STEP, best_step, least=3.3)
    yield Aim("w5", "128", BASE, frozen_step, least=1 / 1.1)
    yield Aim("tfim", "20", STEP, best_step, least=2)
    yield Aim("shots", "8", STEP, best_step, least=20)
    for workload, case in ORDER:
        yield Aim(workload, case, "first call of a second process", second_process(1), most=1)


def reached(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """A line per aim of the workloads that were measured."""
    measured = {(row.workload, row.case) for row in rows} | {(row.workload, "200 beside 100") for row in rows}
    return [aim.cells(rows) for aim in _aims() if (aim.workload, aim.case) in measured]
