"""What every workload gives: hqn's step and the frozen one on the same numbers.

What came before: a program of `benchmarks/programs`. What leaves: `Pair`. Invariant: a step takes nothing and
gives a tree of arrays; of the compared ones the first leaf is the same number in both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hqn

PROGRAMS = Path(__file__).parents[1] / "programs"
Step = Callable[[], Any]
Facts = dict[str, float]


@dataclass(frozen=True, slots=True)
class Pair:
    """`hand` makes the frozen step; None where the frozen script cannot be imported, only run."""

    ours: Step
    hand: Callable[[], Step] | None = None
    beside: Mapping[str, Callable[[], Step]] = field(default_factory=dict)
    """Steps timed in the same rounds that are no row of their own, made like `hand`."""
    facts: Callable[[dict[str, float]], Facts] = lambda _: {}
    """What else is said of hqn's step, given the seconds of all steps."""


def compiled(file: str, name: str) -> Any:
    """The file with no other model than the one that is asked."""
    head, *models = (PROGRAMS / f"{file}.hqn").read_text(encoding="utf-8").split("\nmodel ")
    own = next(one for one in models if one.startswith(f"{name}("))
    return hqn.compile(f"{head}\nmodel {own}", f"{file}.hqn")


def model_of(file: str, name: str) -> Any:
    return compiled(file, name).models[name]
