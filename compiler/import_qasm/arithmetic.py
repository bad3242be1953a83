"""Arithmetic on known whole numbers as OpenQASM defines it, and its functions.

What came before: numbers. What leaves: a number, or a diagnostic raised as `Mistake`. Invariant: no
operation takes time or memory that the size of its result does not bound.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from hqn.compiler.import_qasm import errors, nodes
from hqn.compiler.import_qasm.scope import Mistake

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

FUNCTIONS: dict[str, tuple[str, Callable[[float], float]]] = {
    "sin": ("sin", math.sin),
    "cos": ("cos", math.cos),
    "tan": ("tan", math.tan),
    "exp": ("exp", math.exp),
    "sqrt": ("sqrt", math.sqrt),
    "ln": ("log", math.log),
    "log": ("log", math.log),
    "floor": ("floor", math.floor),
    "ceiling": ("ceil", math.ceil),
    **dict.fromkeys(("arcsin", "asin"), ("asin", math.asin)),
    **dict.fromkeys(("arccos", "acos"), ("acos", math.acos)),
    **dict.fromkeys(("arctan", "atan"), ("atan", math.atan)),
}
"""Functions of one number: hqn's name, and the function itself."""

_MOST_BITS = 63


def whole_number(expr: nodes.Binary, left: int, right: int) -> int:
    """An operation on two whole numbers; `/` and `%` truncate towards zero, as in C."""
    if expr.op in ("/", "%") and right == 0:
        raise _mistake(expr, "division by zero")
    if expr.op in ("**", "<<") and _is_large(left, right):
        raise _mistake(expr, "this whole number is not below 2 ** 63")
    if expr.op in ("<<", ">>") and right < 0:
        raise _mistake(expr, "a shift by a negative number")
    if expr.op not in _OPERATIONS:
        what = f"`{expr.op}` of whole numbers"
        raise Mistake(errors.NotImportedYet(span=expr.span, what=what))
    return _OPERATIONS[expr.op](left, right)


def _mistake(expr: nodes.Binary, reason: str) -> Mistake:
    return Mistake(errors.QasmNumber(span=expr.span, reason=reason))


def _is_large(left: int, right: int) -> bool:
    return (right > _MOST_BITS and abs(left) > 1) or abs(left).bit_length() * right > 64 * _MOST_BITS


def _quotient(left: int, right: int) -> int:
    magnitude = abs(left) // abs(right)
    return magnitude if (left < 0) == (right < 0) else -magnitude


_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
    "%": lambda left, right: left - right * _quotient(left, right),
    "**": operator.pow,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
