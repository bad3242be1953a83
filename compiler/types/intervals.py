"""The values that a whole number computed at run time can have.

What came before: a typed expression of integers. What leaves: its lowest and highest value, or None where
nothing bounds it. Invariant: the interval holds every value that can occur.
"""

from __future__ import annotations

from hqn.compiler.types import sizes, typed
from hqn.compiler.types.model import TensorType
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.sizes import Dim, Size

Interval = tuple[Dim, Dim]


def interval(scope: Scope, expr: typed.Expr) -> Interval | None:
    """Both ends are inclusive."""
    if isinstance(expr, typed.Literal):
        return (expr.value, expr.value) if isinstance(expr.value, int | Size) else None
    if isinstance(expr, typed.Read):
        known = scope.frame.intervals.get(expr.local)
        if known is not None:
            return known
    if isinstance(expr, typed.Elementwise):
        found = _operation(scope, expr)
        if found is not None:
            return found
    bound = expr.type.bound if isinstance(expr.type, TensorType) else None
    return (0, sizes.sub(bound, 1)) if isinstance(bound, int | Size) else None


def _operation(scope: Scope, expr: typed.Elementwise) -> Interval | None:
    if len(expr.args) != 2:
        return None
    left, right = (interval(scope, arg) for arg in expr.args)
    if expr.fn == "mod" and right is not None and right[0] == right[1]:
        return 0, sizes.sub(right[1], 1)
    if left is None or right is None:
        return None
    if expr.fn == "add":
        return sizes.add(left[0], right[0]), sizes.add(left[1], right[1])
    if expr.fn == "sub":
        return sizes.sub(left[0], right[1]), sizes.sub(left[1], right[0])
    if expr.fn == "mul" and right[0] == right[1] and isinstance(right[0], int):
        ends = sizes.mul(left[0], right[0]), sizes.mul(left[1], right[0])
        return ends if right[0] >= 0 else ends[::-1]
    if expr.fn == "mul" and left[0] == left[1] and isinstance(left[0], int):
        ends = sizes.mul(right[0], left[0]), sizes.mul(right[1], left[0])
        return ends if left[0] >= 0 else ends[::-1]
    if expr.fn == "floordiv" and right[0] == right[1] and isinstance(right[0], int) and right[0] > 0:
        return sizes.floordiv(left[0], right[0]), sizes.floordiv(left[1], right[0])
    return None
