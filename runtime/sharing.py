"""Instances of a run that have the values of another one: `net under edge` beside `net`.

What came before: the arrays of a run by path. What leaves: the same with those of `net` at the paths of
`net under edge` too, and back. Invariants: an array is never copied, so a gradient flows to the one that
there is; what only the second instance has (its calibrated scales) stays its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hqn.runtime.spec import Run


def shared(run: Run, values: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays that functions of the run read."""
    found = dict(values)
    for let in run.lets:
        if let.shares is not None:
            prefix = f"{let.shares}."
            inside = {f"{let.name}.{path.removeprefix(prefix)}": value for path, value in values.items()
                      if path.startswith(prefix)}  # fmt: skip
            found = inside | found
    return found


def owned(run: Run, state: Mapping[str, Any]) -> dict[str, Any]:
    """What functions of the run set, at the paths of those that own it; the owner's own word is the last."""
    owners = {let.name: let.shares for let in run.lets if let.shares is not None}
    places = {path: _owner(path, owners) for path in state}
    theirs = {place: state[path] for path, place in places.items() if place != path}
    return theirs | {path: state[path] for path, place in places.items() if place == path}


def _owner(path: str, owners: Mapping[str, str]) -> str:
    name, dot, rest = path.partition(".")
    return f"{owners.get(name, name)}{dot}{rest}"
