"""Literals: numbers known while checking, and the one conversion that happens by itself.

Invariant: only a number that stands as a literal changes its type: a whole number to any float type, a
float to another one. In a definition a literal's value may be a symbolic size or unknown.
"""

from __future__ import annotations

from dataclasses import replace

from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.calls.statics import StaticValue
from hqn.compiler.types.model import DType, TensorType, Type
from hqn.compiler.types.scope import FLOATS
from hqn.compiler.types.sizes import Size

COMPLEX = (DType.C64, DType.C128)


def literal(value: StaticValue, span: Span) -> typed.Literal:
    """A number or truth value as an expression; unknown numbers count as f32."""
    if isinstance(value, bool):
        dtype = DType.BOOL
    elif isinstance(value, int | Size):
        dtype = DType.I32
    else:
        dtype = DType.F32
    return typed.Literal(value=value, type=TensorType(dtype), span=span)  # type: ignore[arg-type]


def is_literal(expr: typed.Expr) -> bool:
    return isinstance(expr, typed.Literal) and expr.type != TensorType(DType.BOOL)


def promote(expr: typed.Expr, wanted: Type) -> typed.Expr:
    """A literal in the element type that is needed; everything else unchanged."""
    if not isinstance(expr, typed.Literal) or not isinstance(wanted, TensorType):
        return expr
    if wanted.dtype not in (*FLOATS, *COMPLEX) or expr.type == TensorType(DType.BOOL):
        return expr
    value = float(expr.value) if isinstance(expr.value, int) else expr.value
    return replace(expr, value=value, type=TensorType(wanted.dtype))


def common(args: tuple[typed.Expr, ...]) -> tuple[typed.Expr, ...]:
    """Arguments with literals turned to the type of the others."""
    kinds = [
        arg.type for arg in args if not isinstance(arg, typed.Literal) and isinstance(arg.type, TensorType)
    ]
    if not kinds:
        floats = [arg.type for arg in args if isinstance(arg.type, TensorType) and arg.type.dtype in FLOATS]
        kinds = floats
    return tuple(promote(arg, kinds[0]) for arg in args) if kinds else args
