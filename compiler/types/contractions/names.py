"""Readable plain names for the indices of an unrolled contraction.

What came before: indices, of which members of families carry numbers. What leaves: `l_0`, `p_1_2`, `o`.
Invariant: different indices get different names, and a plain index keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hqn.compiler.types import typed
from hqn.compiler.types.contractions.index_ranges import ReadFactor
from hqn.compiler.types.contractions.positions import Index, Position


def index_names(indices: Iterable[Index]) -> dict[Index, str]:
    """A name for each index."""
    ordered = sorted(indices, key=lambda index: bool(index.members or index.owner))
    names: dict[Index, str] = {}
    taken: set[str] = set()
    for index in ordered:
        name = "_".join([index.name, *(str(member).replace("-", "m") for member in index.members)])
        while name in taken:
            name += "_"
        taken.add(name)
        names[index] = name
    return names


def named_positions(factor: ReadFactor, names: Mapping[Index, str]) -> tuple[typed.Affine, ...]:
    """The positions of a factor in an instance."""
    return tuple(_affine(position, names) for position in factor.positions)


def _affine(position: Position, names: Mapping[Index, str]) -> typed.Affine:
    terms = tuple(
        (names[index], coefficient)
        for index, coefficient in position.terms.items()
        if isinstance(coefficient, int)
    )
    return typed.Affine(terms, position.offset if isinstance(position.offset, int) else 0)
