"""Initialisers: what stands behind `=` of a weight or state.

What came before: an expression. What leaves: `typed.Initial` with numbers. Fans follow from the shape: of
[out, in] they are in and out; of more axes the last two are [in, out], each times all axes before them.
"""

from __future__ import annotations

from math import prod

from hqn.compiler.names.builtins import CONSTANTS, INITIALISERS
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.calls.statics import InitialValue, UnknownStatic
from hqn.compiler.types.errors import BadInitialiser
from hqn.compiler.types.scope import Scope, StaticBinding

NOTHING = typed.Initial("zeros")
_WITH_FANS = ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal")
_DEFAULTS = {"uniform": (0.0, 1.0), "normal": (1.0,)}


def elaborate_initial(scope: Scope, expr: ast.Expr, shape: tuple[object, ...]) -> typed.Initial:
    """The initialiser; zeros after a diagnostic."""
    value = _value(scope, expr)
    if isinstance(value, bool | float) or (isinstance(value, int) and not isinstance(value, bool)):
        return typed.Initial("constant", (float(value),))
    if not isinstance(value, InitialValue):
        if not isinstance(value, UnknownStatic) and scope.concrete:
            why = "this is neither an initialiser nor a number"
            scope.report(BadInitialiser(span=expr.span, why=why, choices=tuple(INITIALISERS)))
        return NOTHING
    args = value.args or _DEFAULTS.get(value.name, ())
    if value.name == "constant":
        return typed.Initial("constant", args)
    if value.name in _WITH_FANS:
        args = fans(shape)
    return typed.Initial(value.name, args)


def _value(scope: Scope, expr: ast.Expr) -> object:
    head = expr.callee if isinstance(expr, ast.Call) else expr
    if not isinstance(head, ast.Name):
        return check_static.static_value(scope, expr)
    binding = scope.lookup(head.name)
    is_free = binding is None and scope.lookup_global(head.name) is None
    if is_free and head.name in INITIALISERS:
        return _named(scope, expr, head.name)
    if is_free and head.name not in CONSTANTS and head.name not in scope.frame.module.broken:
        return _not_one(scope, head)
    if isinstance(expr, ast.Call) and isinstance(binding, StaticBinding):
        return _not_one(scope, head)
    return check_static.static_value(scope, expr)


def _not_one(scope: Scope, head: ast.Name) -> object:
    from hqn.compiler.names.resolve import nearest

    found = nearest(head.name, INITIALISERS)
    hint = f"; did you mean `{found}`?" if found else ""
    why = f"`{head.name}` is no initialiser{hint}"
    scope.report(BadInitialiser(span=head.span, why=why, choices=tuple(INITIALISERS)))
    return UnknownStatic()


def _named(scope: Scope, expr: ast.Expr, name: str) -> object:
    least, most = INITIALISERS[name]
    args = expr.arguments if isinstance(expr, ast.Call) else ()
    allowed = least <= len(args) <= most and not (name == "uniform" and len(args) == 1)
    if not allowed:
        takes = f"{least}" if least == most else f"{least} or {most}"
        why = f"`{name}` takes {takes} numbers, and {len(args)} are given"
        scope.report(BadInitialiser(span=expr.span, why=why))
        return UnknownStatic()
    numbers = [check_static.static_value(scope, argument.value) for argument in args]
    if not all(isinstance(number, int | float) for number in numbers):
        return UnknownStatic()
    return InitialValue(name, tuple(float(number) for number in numbers))  # type: ignore[arg-type]


def fans(shape: tuple[object, ...]) -> tuple[float, ...]:
    """fan_in and fan_out of a shape of numbers."""
    dims = [dim for dim in shape if isinstance(dim, int)]
    if len(dims) != len(shape) or not dims:
        return (1.0, 1.0)
    if len(dims) == 1:
        return (float(dims[0]), float(dims[0]))
    if len(dims) == 2:
        return (float(dims[1]), float(dims[0]))
    receptive = prod(dims[:-2])
    return (float(receptive * dims[-2]), float(receptive * dims[-1]))
