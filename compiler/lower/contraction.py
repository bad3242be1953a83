"""Contractions: index names become numbers, positions stay affine.

What came before: a typed contraction. What leaves: one operation of `tn` with all of its factors. Invariant:
nothing about their order is decided here.
"""

from __future__ import annotations

from hqn.compiler.ir import tn
from hqn.compiler.lower.expr import lower_one, one_type
from hqn.compiler.lower.scope import Scope, Values
from hqn.compiler.types import typed


def lower_contraction(scope: Scope, expr: typed.Contraction) -> Values:
    """One `tn.contract`."""
    number = {name: place for place, (name, _) in enumerate(expr.ranges)}
    op = tn.ContractOp(
        [lower_one(scope, factor.value) for factor in expr.factors],
        tuple(_positions(factor, number) for factor in expr.factors),
        expr.ranges,
        [number[name] for name in expr.output],
        one_type(expr),
        rescale=expr.rescale,
        memory=expr.memory,
        families=[tn.Family(loop.first, loop.per_turn, loop.trips) for loop in expr.families],
    )
    return (scope.add(op, expr.span).result,)


def _positions(factor: typed.Factor, number: dict[str, int]) -> tuple[tn.Position, ...]:
    return tuple(
        tn.Position(tuple((number[name], times) for name, times in place.terms), place.offset)
        for place in factor.positions
    )
