"""Element functions: operators and the scalar primitives of `std.prim`, lifted over shapes.

What came before: typed operands. What leaves: one `typed.Elementwise`, or a literal where all operands
are. Invariants: shapes are equal, scalar or a suffix (language rule 6); element types are equal.
"""

from __future__ import annotations

from hqn.compiler.diagnostics import Note
from hqn.compiler.names.builtins import UNARY
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import errors, sizes, typed
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import common, is_literal, literal
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC
from hqn.compiler.types.model import UNKNOWN, Dim, DType, ObservableType, TensorType, Type, UnknownType
from hqn.compiler.types.scope import FLOATS, Scope
from hqn.compiler.types.shapes import join, show_type

OPERATORS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "and": "and",
    "or": "or",
}
SYMBOLS = {fn: op for op, fn in OPERATORS.items()}
_COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
ARITY = dict.fromkeys(UNARY, 1) | {"minimum": 2, "maximum": 2, "atan2": 2, "clip": 3, "select": 3}
_ANY_NUMBER = ("abs", "sign", "square", "minimum", "maximum", "clip", "neg", "add", "sub", "mul")


def check_unary(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    assert isinstance(expr, ast.Unary)
    value = elaborate_expr(scope, expr.operand, expected)
    if isinstance(value.type, ObservableType):
        from hqn.compiler.types.circuits.check_observable import elaborate_observable

        return elaborate_observable(scope, expr)
    if expr.op == "-" and isinstance(value, typed.Literal) and is_literal(value):
        return _folded(scope, "-", literal(0, expr.span), value, expr.span)
    return elementwise(scope, "not" if expr.op == "not" else "neg", (value,), expr.span)


def check_binary(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    """Operators; a long chain of one level is walked from its front, so that its length needs no stack."""
    chain: list[ast.Binary] = []
    first: ast.Expr = expr
    while isinstance(first, ast.Binary):
        chain.append(first)
        first = first.left
    left = elaborate_expr(scope, first)
    for node in reversed(chain):
        left = operate(scope, node, left, elaborate_expr(scope, node.right))
    return left


def operate(scope: Scope, expr: ast.Binary, left: typed.Expr, right: typed.Expr) -> typed.Expr:
    """One operator applied to its two sides."""
    if isinstance(left.type, ObservableType) or isinstance(right.type, ObservableType):
        from hqn.compiler.types.circuits.check_observable import combine

        return combine(scope, expr.op, left, right, expr.span)
    if isinstance(left, typed.Literal) and isinstance(right, typed.Literal):
        return _folded(scope, expr.op, left, right, expr.span)
    if expr.op not in OPERATORS:
        scope.report(errors.BadIndex(span=expr.span, why=f"`{expr.op}` has no meaning between values"))
        return typed.Expr(type=UNKNOWN, span=expr.span)
    if expr.op == "**" and isinstance(right, typed.Literal) and right.value == 2:
        return elementwise(scope, "square", (left,), expr.span)
    return elementwise(scope, OPERATORS[expr.op], (left, right), expr.span)


def _folded(scope: Scope, op: str, left: typed.Literal, right: typed.Literal, span: Span) -> typed.Expr:
    """Two literals; `/` gives a float where it leaves a remainder, for these are values and not sizes."""
    a, b = left.value, right.value
    if op == "/" and isinstance(a, int) and isinstance(b, int) and b and a % b:
        return literal(a / b, span)
    if op == "/" and isinstance(a, sizes.Size | int) and isinstance(b, sizes.Size):
        return literal(UNKNOWN_STATIC, span)
    return literal(check_static.binary(scope, op, a, b, span), span)


def elementwise(scope: Scope, fn: str, args: tuple[typed.Expr, ...], span: Span) -> typed.Expr:
    """`fn` over its arguments, with every rule checked."""
    unknown = typed.Expr(type=UNKNOWN, span=span)
    if any(isinstance(arg.type, UnknownType) for arg in args):
        return unknown
    for arg in args:
        if not isinstance(arg.type, TensorType):
            scope.report(errors.TypesDiffer(span=arg.span, found=show_type(arg.type), wanted="a tensor"))
            return unknown
    if len(args) == 1 and is_literal(args[0]) and fn in check_static.FUNCTIONS:
        value = args[0].value  # type: ignore[attr-defined]
        return literal(check_static.apply_function(scope, fn, value, span), span)
    args = (args[0], *common(args[1:])) if fn == "select" else common(args)
    dtype = _dtype(scope, fn, args, span)
    if dtype is None:
        return unknown
    shape = _shape(scope, fn, args, span)
    if shape is None:
        return unknown
    return typed.Elementwise(fn, args, type=TensorType(dtype, shape, role=_role(fn, args)), span=span)


def _role(fn: str, args: tuple[typed.Expr, ...]) -> str | None:
    """Sums and multiples of angles are angles."""
    if fn not in ("add", "sub", "mul", "neg", "select"):
        return None
    roles = {arg.type.role for arg in args if isinstance(arg.type, TensorType)}
    return "angle" if "angle" in roles else None


def _shape(scope: Scope, fn: str, args: tuple[typed.Expr, ...], span: Span) -> tuple[Dim, ...] | None:
    shape: tuple[Dim, ...] = ()
    for i, arg in enumerate(args):
        assert isinstance(arg.type, TensorType)
        joined = join(shape, arg.type.shape)
        if joined is None:
            other = args[i - 1]
            scope.report(
                errors.ShapesDiffer(
                    span=span,
                    op=SYMBOLS.get(fn, fn),
                    left=show_type(other.type),
                    right=show_type(arg.type),
                    ends=(origin(scope, other), origin(scope, arg)),
                )
            )
            return None
        shape = joined
    return shape


def origin(scope: Scope, expr: typed.Expr) -> Note:
    """Where the type of an operand comes from: its definition if it is a name, else itself."""
    shown = show_type(expr.type)
    if isinstance(expr, typed.Read) and expr.local in scope.frame.origins:
        return Note(f"`{expr.local.name}` is {shown}", scope.frame.origins[expr.local])
    return Note(f"this is {shown}", expr.span)


def _dtype(scope: Scope, fn: str, args: tuple[typed.Expr, ...], span: Span) -> DType | None:
    """The element type of the result; None where the operands have none in common, which is reported."""
    dtypes = [arg.type.dtype for arg in args if isinstance(arg.type, TensorType)]
    if fn == "select":
        if dtypes[0] != DType.BOOL:
            return _wrong(scope, args[0], "bool")
        dtypes = dtypes[1:]
    if any(dtype != dtypes[0] for dtype in dtypes):
        return _mixed(scope, fn, args, span)
    kind = dtypes[0]
    if fn in ("and", "or", "not"):
        return DType.BOOL if kind == DType.BOOL else _wrong(scope, args[0], "bool")
    if fn in _COMPARISONS:
        return DType.BOOL
    if fn == "select":
        return kind
    if kind == DType.BOOL:
        return _wrong(scope, args[0], "a number", cast="f32")
    if fn == "div" and kind not in (*FLOATS, DType.C64, DType.C128):
        return _whole_division(scope, args, span)
    if fn in UNARY and fn not in _ANY_NUMBER and kind not in FLOATS:
        return _wrong(scope, args[0], "a float", cast="f32")
    return kind


def _wrong(scope: Scope, arg: typed.Expr, wanted: str, cast: str | None = None) -> DType | None:
    scope.report(errors.TypesDiffer(span=arg.span, found=show_type(arg.type), wanted=wanted, cast=cast))
    return None


def _mixed(scope: Scope, fn: str, args: tuple[typed.Expr, ...], span: Span) -> DType | None:
    pair = args[1:] if fn == "select" else args
    first = pair[0]
    other = next(arg for arg in pair if arg.type.dtype != first.type.dtype)  # type: ignore[attr-defined]
    scope.report(
        errors.OperandTypes(
            span=span,
            op=SYMBOLS.get(fn, fn),
            left=show_type(first.type),
            right=show_type(other.type),
            ends=(origin(scope, first), origin(scope, other)),
        )
    )
    return None


def _whole_division(scope: Scope, args: tuple[typed.Expr, ...], span: Span) -> DType | None:
    left, right = (show_type(arg.type) for arg in args)
    hint = "`//` rounds down; for a float, convert first: `f32(…)`"
    scope.report(errors.OperandTypes(span=span, op="/", left=left, right=right, hint=hint))
    return None
