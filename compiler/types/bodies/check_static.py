"""Static expressions: brackets, sizes, conditions and the arguments of initialisers.

What came before: an expression of a resolved body. What leaves: a `StaticValue`; `UNKNOWN_STATIC` where it
was reported, or where only an instance knows it. Invariants: nothing here depends on a run-time value;
`/` on two whole numbers is exact and an error where it leaves a remainder.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from hqn.compiler.names.builtins import CONSTANTS, INITIALISERS, PRIMITIVES
from hqn.compiler.names.errors import WrongKindOfName
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes
from hqn.compiler.types.bodies.claims import shared_instance
from hqn.compiler.types.body_errors import NotAValue
from hqn.compiler.types.calls.statics import (
    UNKNOWN_STATIC,
    Application,
    InitialValue,
    PrimitiveValue,
    StaticValue,
    UnknownStatic,
    is_number,
    is_size,
    show_static,
)
from hqn.compiler.types.errors import BadSize, NotStatic, WrongStatic
from hqn.compiler.types.lookup import unknown_name
from hqn.compiler.types.model import DType, Rest, TensorType, UnknownType
from hqn.compiler.types.scope import (
    AliasBinding,
    InstanceBinding,
    Scope,
    SlotBinding,
    StaticBinding,
    ValueBinding,
)
from hqn.compiler.types.shapes import show_type
from hqn.compiler.types.sizes import Dim, SizeError
from hqn.compiler.types.unsupported import refuse

FUNCTIONS: dict[str, Callable[[float], float]] = {
    name: getattr(math, name) for name in ["sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "floor", "ceil"]
} | {"abs": abs, "round": round}
_SIZE_FUNCTIONS = {"min": "min", "max": "max", "minimum": "min", "maximum": "max", "div": "//"}


def static_value(scope: Scope, expr: ast.Expr) -> StaticValue:
    """The value; see the module's docstring."""
    match expr:
        case ast.Int(value=value):
            return value
        case ast.Float() | ast.Bool():
            return expr.value
        case ast.Name():
            return _name(scope, expr)
        case ast.Unary():
            return _unary(scope, expr)
        case ast.Binary():
            left, right = static_value(scope, expr.left), static_value(scope, expr.right)
            return binary(scope, expr.op, left, right, expr.span)
        case ast.Call():
            return _call(scope, expr)
        case ast.Subscript():
            return _application(scope, expr)
        case ast.If():
            return _choice(scope, expr)
        case ast.Tuple(items=items) | ast.Array(items=items):
            return tuple(static_value(scope, item) for item in items)
        case ast.String():
            refuse(scope, expr.span, "string")
        case _:
            scope.report(NotStatic(span=expr.span, found="this is computed at run time", place="this place"))
    return UNKNOWN_STATIC


def size(scope: Scope, expr: ast.Expr) -> Dim:
    """A whole number; an unknown size where there is none, which is reported."""
    value = static_value(scope, expr)
    if is_size(value):
        return value  # type: ignore[return-value]
    if not isinstance(value, UnknownStatic):
        found = f"`{show_static(value)}`"
        scope.report(WrongStatic(span=expr.span, found=found, wanted="a whole number"))
    return sizes.unknown()


def dimension(scope: Scope, expr: ast.Expr) -> Dim:
    """A size that can stand in a shape: at least 1."""
    dim = size(scope, expr)
    if isinstance(dim, int) and dim < 1:
        scope.report(BadSize(span=expr.span, why=f"an axis has at least one element, and this is {dim}"))
        return sizes.unknown()
    return dim


def condition(scope: Scope, expr: ast.Expr) -> bool | None:
    """The truth value of an `if` or `where`; None where only an instance knows it."""
    value = static_value(scope, expr)
    if isinstance(value, bool):
        return value
    if not isinstance(value, UnknownStatic):
        scope.report(WrongStatic(span=expr.span, found=f"`{show_static(value)}`", wanted="true or false"))
    return None


def _name(scope: Scope, expr: ast.Name) -> StaticValue:
    name = expr.name
    match scope.lookup(name):
        case StaticBinding(value=Application(shared=str()) as value) if scope.concrete:
            return replace(value, instance=shared_instance(scope, value), shared=None)
        case StaticBinding(value=value):
            return value
        case AliasBinding(value=value) if isinstance(getattr(value, "value", None), int | float | sizes.Size):
            return value.value  # type: ignore[attr-defined, no-any-return]
        case InstanceBinding(instance=instance, turns=turns):
            return replace(instance.application, instance=instance, span=expr.span, turns=turns)
        case ValueBinding(local=local) if isinstance(local.type, UnknownType):
            return UNKNOWN_STATIC
        case ValueBinding() | AliasBinding() | SlotBinding():
            scope.report(NotStatic(span=expr.span, found=f"`{name}` is a value", place="this place"))
            return UNKNOWN_STATIC
        case None:
            return _global_name(scope, expr)
        case _:
            scope.report(NotStatic(span=expr.span, found=f"`{name}` is not a number", place="this place"))
            return UNKNOWN_STATIC


def _global_name(scope: Scope, expr: ast.Name) -> StaticValue:
    name = expr.name
    found = scope.lookup_global(name)
    if found is not None and found.definition is not None:
        return Application(found, span=expr.span)
    if found is not None:
        defined = found.item.name.span
        scope.report(
            WrongKindOfName(
                span=expr.span, name=name, found=f"a {found.kind}", wanted="a static", defined=defined
            )
        )
    elif name == "training":
        training = scope.reads_training()
        return training if scope.concrete else UNKNOWN_STATIC
    elif name in CONSTANTS:
        return CONSTANTS[name]
    elif name in DType._value2member_map_:
        return DType(name)
    elif name in INITIALISERS:
        return InitialValue(name)
    elif name in PRIMITIVES:
        return PrimitiveValue(name, span=expr.span)
    else:
        unknown_name(scope, expr)
    return UNKNOWN_STATIC


def _unary(scope: Scope, expr: ast.Unary) -> StaticValue:
    value = static_value(scope, expr.operand)
    if isinstance(value, UnknownStatic):
        return value
    if expr.op == "not" and isinstance(value, bool):
        return not value
    if expr.op == "-" and is_number(value):
        return binary(scope, "-", 0, value, expr.span)
    wanted = "true or false" if expr.op == "not" else "a number"
    scope.report(WrongStatic(span=expr.operand.span, found=f"`{show_static(value)}`", wanted=wanted))
    return UNKNOWN_STATIC


def binary(scope: Scope, op: str, left: StaticValue, right: StaticValue, span: Span) -> StaticValue:
    """An operation on two static values; reports what has no result."""
    if op in ("and", "or"):
        return _logic(op, left, right)
    if op in ("==", "!=", "<", "<=", ">", ">="):
        return _comparison(op, left, right)
    if isinstance(left, UnknownStatic) or isinstance(right, UnknownStatic):
        return UNKNOWN_STATIC
    try:
        if is_size(left) and is_size(right) and op in sizes.OPERATIONS:
            return sizes.OPERATIONS[op](left, right)  # type: ignore[arg-type]
        if is_number(left) and is_number(right):
            return _float_operation(op, left, right)
    except (SizeError, ArithmeticError) as error:
        scope.report(BadSize(span=span, why=str(error)))
        return UNKNOWN_STATIC
    found = f"`{show_static(left)}` {op} `{show_static(right)}`"
    scope.report(WrongStatic(span=span, found=found, wanted="numbers"))
    return UNKNOWN_STATIC


def _float_operation(op: str, left: object, right: object) -> StaticValue:
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return UNKNOWN_STATIC
    a, b = float(left), float(right)
    operations: dict[str, Callable[[], float]] = {
        "+": lambda: a + b,
        "-": lambda: a - b,
        "*": lambda: a * b,
        "/": lambda: a / b,
        "//": lambda: a // b,
        "%": lambda: a % b,
        "**": lambda: a**b,
        "min": lambda: min(a, b),
        "max": lambda: max(a, b),
    }
    result = operations[op]()
    if isinstance(result, complex):
        raise ArithmeticError(f"{a} ** {b} is not a real number")
    return result


def _logic(op: str, left: StaticValue, right: StaticValue) -> StaticValue:
    decides = op == "or"
    if left is decides or right is decides:
        return decides
    return (not decides) if isinstance(left, bool) and isinstance(right, bool) else UNKNOWN_STATIC


def _comparison(op: str, left: StaticValue, right: StaticValue) -> StaticValue:
    if isinstance(left, UnknownStatic) or isinstance(right, UnknownStatic):
        return UNKNOWN_STATIC
    if is_size(left) and is_size(right) and not (isinstance(left, int) and isinstance(right, int)):
        same = sizes.equal(left, right)  # type: ignore[arg-type]
        if same is None or op not in ("==", "!="):
            return UNKNOWN_STATIC
        return same == (op == "==")
    if isinstance(left, sizes.Size) or isinstance(right, sizes.Size):
        return UNKNOWN_STATIC
    if op in ("==", "!="):
        return (left == right) == (op == "==")
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return UNKNOWN_STATIC
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


def _call(scope: Scope, expr: ast.Call) -> StaticValue:
    from hqn.compiler.types.calls.check_all import count, is_count

    if not isinstance(expr.callee, ast.Name):
        scope.report(NotStatic(span=expr.span, found="this call is computed at run time", place="this place"))
        return UNKNOWN_STATIC
    name = expr.callee.name
    if name == "count" and is_count(expr.arguments):
        return count(scope, expr.arguments[0].value)
    if name == "len" and len(expr.arguments) == 1:
        return _length(scope, expr.arguments[0].value)
    args = [static_value(scope, argument.value) for argument in expr.arguments]
    if any(isinstance(arg, UnknownStatic) for arg in args):
        return InitialValue(name) if name in INITIALISERS else UNKNOWN_STATIC
    if name in _SIZE_FUNCTIONS and len(args) == 2:
        return binary(scope, _SIZE_FUNCTIONS[name], args[0], args[1], expr.span)
    if name in INITIALISERS and all(isinstance(arg, int | float) for arg in args):
        return InitialValue(name, tuple(float(arg) for arg in args))  # type: ignore[arg-type]
    if name == "log2" and len(args) == 1 and is_size(args[0]):
        return _checked(scope, expr.span, lambda: sizes.log2(args[0]))  # type: ignore[arg-type]
    if name in FUNCTIONS and len(args) == 1 and is_number(args[0]):
        return apply_function(scope, name, args[0], expr.span)
    scope.report(NotStatic(span=expr.span, found=f"`{name}(…)` is computed at run time", place="this place"))
    return UNKNOWN_STATIC


def _length(scope: Scope, expr: ast.Expr) -> StaticValue:
    """The size of the first axis of a value."""
    from hqn.compiler.types.bodies.elaborate import elaborate_expr

    found = elaborate_expr(scope, expr).type
    if isinstance(found, TensorType) and found.shape:
        return UNKNOWN_STATIC if isinstance(found.shape[0], Rest) else found.shape[0]
    if not isinstance(found, UnknownType):
        scope.report(WrongStatic(span=expr.span, found=show_type(found), wanted="a value with an axis"))
    return UNKNOWN_STATIC


def apply_function(scope: Scope, name: str, value: StaticValue, span: Span) -> StaticValue:
    """A function of one number, such as `sqrt(inp)`."""
    if not isinstance(value, int | float):
        return UNKNOWN_STATIC
    return _checked(scope, span, lambda: FUNCTIONS[name](value))


def _checked(scope: Scope, span: Span, compute: Callable[[], StaticValue]) -> StaticValue:
    try:
        return compute()
    except (SizeError, ArithmeticError, ValueError) as error:
        scope.report(BadSize(span=span, why=str(error)))
        return UNKNOWN_STATIC


def _application(scope: Scope, expr: ast.Subscript) -> StaticValue:
    """`dense[20]`: a definition with statics; a tuple's element."""
    value = static_value(scope, expr.value)
    if isinstance(value, Application):
        from hqn.compiler.types.bodies.brackets import give_statics

        return give_statics(scope, value, expr.items, expr.span)
    if isinstance(value, PrimitiveValue):
        items = [
            (item.name.name if item.name else None, static_value(scope, item.value)) for item in expr.items
        ]
        return PrimitiveValue(value.name, tuple(items), expr.span)
    if not isinstance(value, UnknownStatic):
        scope.report(NotAValue(span=expr.value.span, found=f"`{show_static(value)}` takes no brackets"))
    return UNKNOWN_STATIC


def _choice(scope: Scope, expr: ast.If) -> StaticValue:
    chosen = condition(scope, expr.condition)
    if chosen is None:
        return UNKNOWN_STATIC
    branch = expr.then if chosen else expr.otherwise
    if isinstance(branch, ast.If):
        return _choice(scope, branch)
    if branch and len(branch.statements) == 1 and isinstance(branch.statements[0], ast.Evaluate):
        return static_value(scope, branch.statements[0].value)
    scope.report(NotStatic(span=expr.span, found="this `if` gives no value", place="this place"))
    return UNKNOWN_STATIC


def apply_log2(scope: Scope, value: StaticValue, span: Span) -> StaticValue:
    """The exact binary logarithm of a size."""
    return _checked(scope, span, lambda: sizes.log2(value)) if is_size(value) else UNKNOWN_STATIC  # type: ignore[arg-type]
