"""Operators and functions of OpenQASM on values.

What came before: values of operands. What leaves: the value of the result. Invariants: division of whole
numbers truncates; where hqn's rule for whole numbers differs (negative operands), the numbers must be
known; a result that is known is a number, too.
"""

from __future__ import annotations

import math

from hqn.compiler.import_qasm import errors, nodes, tree
from hqn.compiler.import_qasm.arithmetic import COMPARISONS, FUNCTIONS, whole_number
from hqn.compiler.import_qasm.results import above, as_float, integer, real, refuse
from hqn.compiler.import_qasm.scope import NeedsNumbers, Value
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast


def negated(expr: nodes.Unary, value: Value) -> Value:
    if value.kind == "int" and isinstance(value.number, int):
        return integer(expr.span, -value.number)
    number = None if value.number is None else -value.number
    return above(Value(tree.unary(expr.span, "-", value.expr), value.kind, number), expr.span, value)


def logic(expr: nodes.Binary, left: Value, right: Value) -> Value:
    op = "and" if expr.op == "&&" else "or"
    decides = op == "or"
    for one, other in ((left, right), (right, left)):
        if one.number is (not decides):
            return other
    number = None
    if left.number is decides or right.number is decides:
        number = decides
    elif left.number is not None and right.number is not None:
        number = not decides
    found = Value(tree.binary(expr.span, op, left.expr, right.expr), "bool", number)
    return above(found, expr.span, left, right)


def comparison(expr: nodes.Binary, left: Value, right: Value) -> Value:
    number = None
    if left.number is not None and right.number is not None:
        number = COMPARISONS[expr.op](left.number, right.number)
    elif "float" in (left.kind, right.kind):
        refuse(errors.NotImportedYet(span=expr.span, what="a condition on an input"))
    found = Value(tree.binary(expr.span, expr.op, left.expr, right.expr), "bool", number)
    return above(found, expr.span, left, right)


def is_fraction(op: str, right: Value) -> bool:
    """`2 ** -1` is no whole number."""
    return op == "**" and (right.number is not None and right.number < 0)


def whole(expr: nodes.Binary, left: Value, right: Value) -> Value:
    """An operation on whole numbers."""
    if isinstance(left.number, int) and isinstance(right.number, int):
        return integer(expr.span, whole_number(expr, left.number, right.number))
    least = _least(expr.op, left, right)
    op = "//" if expr.op == "/" else expr.op
    if op not in ("+", "-", "*", "//", "%", "**") or (op in ("//", "%", "**") and least is None):
        what = f"`{expr.op}` of whole numbers that are not known here"
        raise NeedsNumbers(errors.NotImportedYet(span=expr.span, what=what))
    most = _most(expr.op, left, right)
    found = Value(tree.binary(expr.span, op, left.expr, right.expr), "int", None, least, most=most)
    return above(found, expr.span, left, right)


def _least(op: str, left: Value, right: Value) -> int | None:
    """A lower bound of the result; None where none is known, or where hqn's rule would be another one."""
    if op == "-" and left.least is not None and right.most is not None:
        return left.least - right.most
    if left.least is None or right.least is None:
        return None
    if op == "+":
        return left.least + right.least
    if left.least < 0 or right.least < (op in ("/", "%")):
        return None
    return 0 if op in ("*", "/", "%", "**") else None


def _most(op: str, left: Value, right: Value) -> int | None:
    """An upper bound of a sum or difference."""
    if op == "+" and left.most is not None and right.most is not None:
        return left.most + right.most
    if op == "-" and left.most is not None and right.least is not None:
        return left.most - right.least
    return None


def real_operation(expr: nodes.Binary, left: Value, right: Value) -> Value:
    """An operation with a result in the reals; whole numbers beside a float stay as they are written."""
    number = _real_number(expr, left.number, right.number)
    if expr.op == "%":
        if number is None:
            refuse(errors.NotImportedYet(span=expr.span, what="`%` of an input"))
        return real(expr.span, number)
    if left.kind == right.kind == "int" or not _is_plain(left):
        left = as_float(left, expr.left.span)
    if not _is_plain(right):
        right = as_float(right, expr.right.span)
    found = Value(tree.binary(expr.span, expr.op, left.expr, right.expr), "float", number)
    return above(found, expr.span, left, right)


def _is_plain(value: Value) -> bool:
    """A float, or a whole number that hqn turns into one by itself."""
    return value.kind == "float" or isinstance(value.expr, ast.Int)


def _real_number(expr: nodes.Binary, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    try:
        found = _REAL[expr.op](float(left), float(right))
    except (ArithmeticError, ValueError):
        found = math.nan
    if not isinstance(found, float) or not math.isfinite(found):
        refuse(errors.QasmNumber(span=expr.span, reason=f"`{expr.op}` of these numbers is no number"))
    return found


_REAL = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "%": math.fmod,
}


def function(expr: nodes.Call, arg: Value) -> Value:
    ours, compute = FUNCTIONS[expr.name]
    number = None
    if arg.number is not None:
        try:
            number = float(compute(arg.number))
        except (ArithmeticError, ValueError):
            refuse(errors.QasmNumber(span=expr.span, reason=f"`{expr.name}` of this number is no number"))
        if not math.isfinite(number):
            refuse(errors.QasmNumber(span=expr.span, reason=f"`{expr.name}` of this number is too large"))
    return above(Value(tree.call(expr.span, ours, arg.expr), "float", number), expr.span, arg)


def truncated(value: Value, span: Span) -> Value:
    if value.kind == "int":
        return value
    if value.kind == "float" and value.number is not None:
        return integer(span, int(value.number))
    what = "the whole part of what is not known here"
    raise NeedsNumbers(errors.NotImportedYet(span=span, what=what))
