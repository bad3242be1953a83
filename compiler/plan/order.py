"""In which order the factors of a contraction meet.

What came before: the indices of each factor. What leaves: pairwise steps, found once at compile time and the
same at every compilation. Invariant: an index is summed in the first step after which nobody needs it.

Few factors are ordered optimally by dynamic programming. Many are ordered by seeded random-greedy search:
cotengra's with subtree reconfiguration where the extra `tn` is installed (Gray and Kourtis 2021), else
opt_einsum's, which comes with JAX.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import opt_einsum

OPTIMAL_UP_TO = 10
"""Factors for which the best order is found exactly."""

NOMINAL_BATCH = 64
"""Batch size assumed when orders are compared: what varies with the sample is that much dearer."""

BATCH = -1
"""The index that stands for the batch while an order is sought."""

SEED = 0

MOST_SEARCHES = 128
"""Orders that a search compares; fewer where there are so many factors that it would take seconds."""


@dataclass(frozen=True, slots=True)
class Step:
    """Operands `left` and `right` (positions in the list of all factors and earlier results) become a new
    one with the indices `kept`. `right` is None where one operand is only summed or rearranged."""

    left: int
    right: int | None
    kept: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """The steps, and what they cost per sample: multiply-adds and the largest intermediate, in elements."""

    steps: tuple[Step, ...]
    operations: int
    largest: int
    found_by: str


def order(
    factors: Sequence[tuple[int, ...]],
    output: tuple[int, ...],
    sizes: Mapping[int, int],
    varies: Sequence[bool],
) -> Order:
    """The pairwise order for factors with the given indices; `varies` says which carry the batch."""
    path, found_by = _path(factors, output, sizes, varies)
    return _follow(_numbered(path, len(factors)), factors, output, sizes, found_by)


def _path(
    factors: Sequence[tuple[int, ...]],
    output: tuple[int, ...],
    sizes: Mapping[int, int],
    varies: Sequence[bool],
) -> tuple[list[tuple[int, ...]], str]:
    if len(factors) <= 2:
        return [tuple(range(len(factors)))], "as written"
    inputs = [_symbols(set(indices) | ({BATCH} if has else set())) for indices, has in zip(factors, varies)]
    result = _symbols(set(output) | ({BATCH} if any(varies) else set()))
    dims = {_symbol(index): size for index, size in sizes.items()} | {_symbol(BATCH): NOMINAL_BATCH}
    if len(factors) <= OPTIMAL_UP_TO:
        found = opt_einsum.paths.dynamic_programming([frozenset(i) for i in inputs], frozenset(result), dims)
        return list(found), "dynamic programming"
    return _search([frozenset(i) for i in inputs], frozenset(result), dims)


def _search(
    inputs: list[frozenset[str]], result: frozenset[str], dims: dict[str, int]
) -> tuple[list[tuple[int, ...]], str]:
    searches = max(1, min(MOST_SEARCHES, 1_000_000 // len(inputs) ** 2))
    try:
        import cotengra
    except ImportError:
        finder = opt_einsum.RandomGreedy(max_repeats=searches)
        return list(finder(inputs, result, dims)), "random greedy search"
    finder = cotengra.RandomGreedyOptimizer(max_repeats=2 * searches, seed=SEED, accel=False, parallel=False)
    used = {symbol: dims[symbol] for symbol in frozenset().union(result, *inputs)}
    tree = finder.search([tuple(sorted(i)) for i in inputs], tuple(sorted(result)), used)
    tree.subtree_reconfigure_(8, maxiter=max(1, searches // 4))
    return list(tree.get_path()), "random greedy search, subtrees reconfigured"


def _symbol(index: int) -> str:
    symbol: str = opt_einsum.get_symbol(index + 1)
    return symbol


def _symbols(indices: set[int]) -> str:
    return "".join(_symbol(index) for index in sorted(indices))


def along(
    found: Order, factors: Sequence[tuple[int, ...]], output: tuple[int, ...], sizes: Mapping[int, int]
) -> Order:
    """The same pairs of operands for factors with other indices."""
    pairs = [(step.left,) if step.right is None else (step.left, step.right) for step in found.steps]
    return _follow(pairs, factors, output, sizes, found.found_by)


def _numbered(path: Sequence[tuple[int, ...]], count: int) -> list[tuple[int, ...]]:
    """Operands by fixed numbers, from a path whose numbers shift as operands are used up."""
    left, pairs = list(range(count)), list[tuple[int, ...]]()
    for pair in path:
        pairs.append(tuple(left[place] for place in sorted(pair)))
        for place in sorted(pair, reverse=True):
            del left[place]
        left.append(count + len(pairs) - 1)
    return pairs


def _follow(
    pairs: Sequence[tuple[int, ...]],
    factors: Sequence[tuple[int, ...]],
    output: tuple[int, ...],
    sizes: Mapping[int, int],
    found_by: str,
) -> Order:
    """Steps in the order of `pairs`: an index is kept as long as somebody needs it."""
    indices = [tuple(dict.fromkeys(found)) for found in factors]
    users = Counter(index for distinct in indices for index in distinct) + Counter(output)
    steps: list[Step] = []
    operations, largest = 0, 0
    for operands in pairs:
        involved = tuple(dict.fromkeys(index for operand in operands for index in indices[operand]))
        for operand in operands:
            users.subtract(indices[operand])
        last = len(steps) == len(pairs) - 1
        kept = output if last else tuple(index for index in involved if users[index] > 0)
        users.update(kept)
        steps.append(Step(operands[0], operands[1] if len(operands) > 1 else None, kept))
        operations += prod(sizes[index] for index in involved)
        largest = max(largest, prod(sizes[index] for index in kept))
        indices.append(kept)
    return Order(tuple(steps), operations, largest, found_by)
