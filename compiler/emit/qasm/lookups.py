"""The tables of a program: angles that differ from turn to turn without a formula.

What came before: items with `Lookup`s. What leaves: arrays, one for all lookups of the same loops, with one
column for each of them. Invariant: equal lookups share a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hqn.compiler.emit.qasm.names import Names
from hqn.compiler.emit.qasm.scalar import Family, Lookup, Scalar
from hqn.compiler.emit.qasm.structure import Item, leaves, scalars_in

Loops = tuple[tuple[str, ...], tuple[int, ...]]
"""The variables of loops, and how many turns each has."""


class Lookups:
    """`spelled` says how each lookup is written."""

    def __init__(self, items: Iterable[Item], names: Names) -> None:
        self._columns: dict[Loops, dict[Lookup, int]] = {}
        for one in scalars_in(items):
            if isinstance(one, Lookup):
                columns = self._columns.setdefault((one.variables, _trips(one)), {})
                columns.setdefault(one, len(columns))
        self._names = {loops: names.free("angles") for loops in self._columns}

    @property
    def spelled(self) -> dict[Scalar | Family, str]:
        return {
            one: f"{self._names[loops]}[{', '.join((*loops[0], str(number)))}]"
            for loops, columns in self._columns.items()
            for one, number in columns.items()
        }

    @property
    def tables(self) -> Iterator[tuple[str, tuple[int, ...], list[Scalar]]]:
        """Names, shapes and entries, the last axis fastest."""
        for loops, columns in self._columns.items():
            rows = zip(*(leaves(one.rows) for one in columns), strict=True)
            entries = [entry for row in rows for entry in row]
            yield self._names[loops], (*loops[1], len(columns)), entries


def _trips(lookup: Lookup) -> tuple[int, ...]:
    found, rows = [], lookup.rows
    for _ in lookup.variables:
        found.append(len(rows))
        rows = rows[0]
    return tuple(found)
