"""Finds the chain in a contraction: one `prod(s in 0..n)` whose turns are alike and linked in a row.

What came before: `tn.contract` with the products that were unrolled noted as families. What leaves: a
`Chain`, or None where the turns differ, share an index, or close on themselves. Invariant: relabelling the
indices of one turn by role (left link, right link, own) gives the indices of every other turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hqn.compiler.ir.tn import ContractOp, Family, Term

SCAN_FROM = 8
"""Turns from which a chain is worth a scan; below it, literal steps run faster and compile as fast."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Turn t reads `terms[first + t * per_turn:][:per_turn]`. `links[t]` joins turn t - 1 to turn t, so
    there is one more link than turns; `walked[k]` is the axis of factor k that the turn number walks along,
    from the given start, or None where every turn reads the same."""

    family: Family
    links: tuple[int, ...]
    walked: tuple[tuple[int, int] | None, ...]

    @property
    def members(self) -> range:
        return range(self.family.first, self.family.first + self.family.per_turn * self.family.trips)

    def turn(self, number: int) -> range:
        start = self.family.first + number * self.family.per_turn
        return range(start, start + self.family.per_turn)


def find_chain(op: ContractOp) -> Chain | None:
    """The longest chain that is worth a scan."""
    families = sorted(op.families, key=lambda family: -family.trips)
    found = (_chain(op, family) for family in families if family.trips >= SCAN_FROM)
    return next((chain for chain in found if chain), None)


def _chain(op: ContractOp, family: Family) -> Chain | None:
    terms = op.terms()
    turns = [terms[family.first + t * family.per_turn :][: family.per_turn] for t in range(family.trips)]
    walked = tuple(_walked_axis([turn[k] for turn in turns]) for k in range(family.per_turn))
    if any(axis == _DIFFERS for axis in walked) or not any(walked):
        return None
    occurrences = [_occurrences(turn) for turn in turns]
    links = _links(occurrences)
    if links is None or not _alike(occurrences, links, op.index_sizes):
        return None
    chain = Chain(family, links, tuple(axis if isinstance(axis, tuple) else None for axis in walked))
    return chain if _own_indices_stay_inside(op, chain) else None


def _own_indices_stay_inside(op: ContractOp, chain: Chain) -> bool:
    """Whether nothing outside of the chain reads an index of it other than its two ends."""
    terms = op.terms()
    outside = set(op.output) | {
        index for number, term in enumerate(terms) if number not in chain.members for index in _indices(term)
    }
    inside = {index for number in chain.members for index in _indices(terms[number])}
    return inside & outside <= {chain.links[0], chain.links[-1]}


def _indices(term: Term) -> set[int]:
    return {index for position in term.positions for index, _ in position.terms}


_DIFFERS = "differs"


def _walked_axis(group: Sequence[Term]) -> tuple[int, int] | str | None:
    """The axis whose constant position grows by one each turn, None if all turns read alike."""
    if any(term.value is not group[0].value for term in group):
        return _DIFFERS
    walked = None
    for axis, positions in enumerate(zip(*(term.positions for term in group))):
        offsets = [position.offset for position in positions]
        if all(offset == offsets[0] for offset in offsets):
            continue
        steps = {after - before for before, after in pairwise(offsets)}
        if walked or steps != {1} or any(position.terms for position in positions):
            return _DIFFERS
        walked = (axis, offsets[0])
    return walked


Occurrences = list[tuple[tuple[int, ...], int]]
"""Every (place, index) of a turn, where place = (factor, axis, term, coefficient, offset)."""


def _occurrences(turn: Sequence[Term]) -> Occurrences:
    return [
        ((k, axis, number, coefficient, position.offset), index)
        for k, term in enumerate(turn)
        for axis, position in enumerate(term.positions)
        for number, (index, coefficient) in enumerate(position.terms)
    ]


def _links(occurrences: list[Occurrences]) -> tuple[int, ...] | None:
    """The index between each turn and the next, with the two ends; None if turns share anything else."""
    used = [{index for _, index in turn} for turn in occurrences]
    shared = [before & after for before, after in pairwise(used)]
    if any(len(common) != 1 for common in shared):
        return None
    inner = [index for common in shared for index in common]
    turns_with = Counter(index for turn in used for index in turn)
    if any(count != (2 if index in inner else 1) for index, count in turns_with.items()):
        return None
    left, right = _at_place_of(occurrences, 1, inner[0], 0), _at_place_of(occurrences, 0, inner[0], -1)
    return None if left is None or right is None else (left, *inner, right)


def _at_place_of(occurrences: list[Occurrences], turn: int, index: int, other: int) -> int | None:
    """The index that turn `other` has where `turn` has `index`."""
    place = next(place for place, found in occurrences[turn] if found == index)
    return dict(occurrences[other]).get(place)


def _alike(occurrences: list[Occurrences], links: tuple[int, ...], sizes: Sequence[int]) -> bool:
    """Whether every turn has the same pattern of roles and sizes."""
    patterns = set()
    for number, turn in enumerate(occurrences):
        roles: dict[int, int] = {links[number]: -2, links[number + 1]: -1}
        patterns.add(tuple((place, roles.setdefault(i, len(roles)), sizes[i]) for place, i in turn))
    return len(patterns) == 1
