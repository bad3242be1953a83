"""Contractions cut into slices, so that no intermediate result takes more memory than is allowed.

What came before: the factors' indices, the sizes, and an order whose largest intermediate is too large. What
leaves: summed indices to fix, one value at a time; the contraction is the sum over all of their values. An
intermediate of a slice has fewer axes (Chen et al. 2018, Huang et al. 2020). Invariant: with every summed
index fixed, an intermediate has no more elements than the result; so whatever holds the result can be met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from hqn.compiler.plan.order import Order, along

Indices = tuple[tuple[int, ...], ...]


def slice_to(
    factors: Indices, output: tuple[int, ...], sizes: Mapping[int, int], order: Order, limit: int
) -> tuple[tuple[int, ...], Order]:
    """The summed indices to fix, so that no intermediate exceeds `limit` elements; the order of a slice.

    Greedy: each time the index after which all slices together take the fewest operations, among those that
    are in an intermediate that is too large.
    """
    fixed: tuple[int, ...] = ()
    while order.largest > limit:
        wide = {
            index
            for step in order.steps
            if prod(sizes[index] for index in step.kept) > limit
            for index in step.kept
        }
        choices = sorted(wide - set(output))
        if not choices:
            break
        trials = {index: along(order, without(factors, (*fixed, index)), output, sizes) for index in choices}
        best = min(choices, key=lambda index: (trials[index].operations * sizes[index], index))
        fixed, order = (*fixed, best), trials[best]
    return fixed, order


def without(factors: Indices, fixed: Sequence[int]) -> Indices:
    """The indices of every factor in one slice."""
    return tuple(tuple(index for index in factor if index not in fixed) for factor in factors)
