"""Pieces of the hqn syntax tree, all with the span of the OpenQASM text they come from.

What came before: names, numbers and spans. What leaves: `ast` nodes. Invariant: numbers are written so that
they read back as the same number.
"""

from __future__ import annotations

import re

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.syntax.tables import PATTERNS

_FLOAT = re.compile(PATTERNS["FLOAT"])


def ident(span: Span, name: str) -> ast.Ident:
    return ast.Ident(name, span=span)


def name(span: Span, text: str) -> ast.Name:
    return ast.Name(text, span=span)


def integer(span: Span, value: int) -> ast.Expr:
    if value < 0:
        return ast.Unary("-", ast.Int(-value, span=span), span=span)
    return ast.Int(value, span=span)


def floating(span: Span, value: float, text: str | None = None) -> ast.Expr:
    """`text` is how the program writes the number; it stays where hqn writes it so, too."""
    if value < 0:
        return ast.Unary("-", floating(span, -value), span=span)
    if text is None or not _FLOAT.fullmatch(text):
        text = repr(float(value))
    return ast.Float(text, span=span)


def unary(span: Span, op: str, operand: ast.Expr) -> ast.Unary:
    return ast.Unary("not" if op == "not" else "-", operand, span=span)


def binary(span: Span, op: str, left: ast.Expr, right: ast.Expr) -> ast.Binary:
    return ast.Binary(op, left, right, span=span)


def call(span: Span, callee: str, *args: ast.Expr) -> ast.Call:
    return ast.Call(name(span, callee), tuple(argument(one) for one in args), span=span)


def argument(value: ast.Expr) -> ast.Argument:
    return ast.Argument(None, value, span=value.span)


def subscript(span: Span, value: ast.Expr, *items: ast.Expr) -> ast.Subscript:
    return ast.Subscript(value, tuple(argument(one) for one in items), span=span)


def block(span: Span, statements: list[ast.Statement]) -> ast.Block:
    return ast.Block(tuple(statements), span=span)


def repeat(span: Span, variable: str, domain: ast.Expr, body: list[ast.Statement]) -> ast.Statement:
    """`repeat variable in domain { … }`."""
    binder = ast.Binder(ident(span, variable), domain, span=span)
    loop = ast.Loop("repeat", binder, None, None, (), block(span, body), span=span)
    return ast.Evaluate(loop, span=span)


def bind(span: Span, target: str, value: ast.Expr) -> ast.Bind:
    return ast.Bind((ident(span, target),), value, span=span)


def tensor_type(span: Span, dtype: str, *shape: ast.Expr) -> ast.TensorTypeExpr:
    return ast.TensorTypeExpr(ident(span, dtype), shape, span=span)
