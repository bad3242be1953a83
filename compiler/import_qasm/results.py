"""Values made of numbers, of names, and of other values.

What came before: numbers and values. What leaves: `Value`s, or a diagnostic raised as `Mistake`.
Invariants: a whole number is below 2 ** 63, a float finite; no expression has more than `MOST_NODES` parts
or is deeper than `DEEPEST`.
"""

from __future__ import annotations

import math
from typing import NoReturn

from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.import_qasm import errors, nodes, tree
from hqn.compiler.import_qasm.scope import DEEPEST, MOST_NODES, Mistake, Value
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast

KINDS = {"int": "a whole number", "float": "a real number", "bool": "a truth value", "array": "an array"}


CONSTANTS = {"pi": math.pi, "π": math.pi, "tau": math.tau, "τ": math.tau, "euler": math.e, "ℇ": math.e}


def refuse(found: Diagnostic) -> NoReturn:
    raise Mistake(found)


def wrong_kind(span: Span, found: str, wanted: str) -> NoReturn:
    raise Mistake(errors.QasmKind(span=span, found=found, wanted=wanted))


def above(value: Value, span: Span, *below: Value, most: int = MOST_NODES) -> Value:
    """A value made of others, within the limits."""
    count = 1 + sum(one.nodes for one in below)
    depth = 1 + max((one.depth for one in below), default=0)
    if count > most:
        refuse(errors.QasmTooLong(span=span, limit=most, what="terms of one expression"))
    if depth > DEEPEST:
        refuse(errors.QasmTooDeep(span=span, limit=DEEPEST))
    return Value(
        value.expr, value.kind, value.number, value.least, count, depth,
        value.elements, value.length, value.is_integral, value.most,
    )  # fmt: skip


def integer(span: Span, number: int) -> Value:
    if abs(number) >= 2**63:
        refuse(errors.QasmNumber(span=span, reason="this whole number is not below 2 ** 63"))
    return Value(tree.integer(span, number), "int", number, number, most=number)


def real(span: Span, number: float, text: str | None = None) -> Value:
    if not math.isfinite(number):
        refuse(errors.QasmNumber(span=span, reason="this number is too large for a float"))
    return Value(tree.floating(span, number, text), "float", number)


def as_float(value: Value, span: Span) -> Value:
    """A number as a float: `2.0` for 2, `f32(i)` for the variable of a loop."""
    if value.kind == "float":
        return value
    if value.kind != "int":
        wrong_kind(span, KINDS[value.kind], "a number")
    if isinstance(value.number, int):
        return real(span, float(value.number))
    return above(Value(tree.call(span, "f32", value.expr), "float"), span, value)


def literal(expr: nodes.Literal) -> Value:
    if isinstance(expr.value, bool):
        return Value(ast.Bool(expr.value, span=expr.span), "bool", expr.value)
    if isinstance(expr.value, int):
        return integer(expr.span, expr.value)
    return real(expr.span, expr.value, expr.text)


def constant(span: Span, name: str) -> Value:
    number = CONSTANTS[name]
    pi = tree.name(span, "pi")
    if number == math.pi:
        return Value(pi, "float", number)
    if number == math.tau:
        return Value(tree.binary(span, "*", tree.integer(span, 2), pi), "float", number, nodes=3, depth=2)
    return real(span, number)


def from_outside(value: Value, expr: nodes.Name) -> Value:
    """A constant in a gate or subroutine, where hqn does not see the names of the circuit."""
    if value.kind == "int" and isinstance(value.number, int):
        return value
    if value.kind in ("float", "bool") and value.number is not None:
        return value if value.kind == "bool" else real(expr.span, float(value.number))
    if value.kind == "array" and value.elements is not None:
        return Value(
            ast.Array((), span=expr.span), "array", elements=value.elements, length=value.length,
            is_integral=value.is_integral,
        )  # fmt: skip
    wrong_kind(expr.span, f"`{expr.name}`, which is no constant", "a constant or a parameter")
