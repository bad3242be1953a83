"""Expressions: names, literals, indexing, choices; the other kinds have a file each.

What came before: an expression of a body. What leaves: a typed expression, after a diagnostic one of
`UnknownType`. Invariant: an operand of unknown type never causes a second diagnostic.
"""

from __future__ import annotations

from hqn.compiler.names.builtins import CASTS, CONSTANTS, PRIMITIVES
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.bodies.check_index import check_subscript
from hqn.compiler.types.bodies.check_loop import check_loop
from hqn.compiler.types.bodies.elaborate import ExprChecker, elaborate_expr, elaborate_statement
from hqn.compiler.types.bodies.elementwise import check_binary, check_unary
from hqn.compiler.types.bodies.literals import literal
from hqn.compiler.types.body_errors import Misplaced, NotAValue
from hqn.compiler.types.calls.check_all import check_all, is_instances, part_of_member
from hqn.compiler.types.calls.check_call import check_call, check_marked, check_pipe
from hqn.compiler.types.calls.check_tap import check_tap
from hqn.compiler.types.calls.statics import UnknownStatic, show_static
from hqn.compiler.types.circuits.bits import refuse_bits
from hqn.compiler.types.lookup import unknown_name
from hqn.compiler.types.model import UNKNOWN, TensorType, TupleType, Type, UnknownType
from hqn.compiler.types.prims.call import PrimCall
from hqn.compiler.types.prims.shape import stack
from hqn.compiler.types.scope import (
    AliasBinding,
    InstanceBinding,
    Scope,
    SlotBinding,
    StaticBinding,
    ValueBinding,
)
from hqn.compiler.types.shapes import same_shape
from hqn.compiler.types.sizes import Size
from hqn.compiler.types.unsupported import refuse


def _unknown(span: Span) -> typed.Expr:
    return typed.Expr(type=UNKNOWN, span=span)


def table() -> dict[type[ast.Expr], ExprChecker]:
    """The checker of each kind of expression."""
    return {
        ast.Name: _name,
        ast.Int: _literal,
        ast.Float: _literal,
        ast.Bool: _literal,
        ast.String: _refused("string"),
        ast.Unary: check_unary,
        ast.Binary: check_binary,
        ast.Range: _out_of_place("a range stands in loops and brackets only"),
        ast.Whole: _out_of_place("`:` stands in brackets only"),
        ast.NewAxis: _out_of_place("`new` stands in brackets only"),
        ast.Subscript: check_subscript,
        ast.Call: check_call,
        ast.Application: _out_of_place("qubits are measured in a circuit: `b = measure q`"),
        ast.Attribute: _attribute,
        ast.Tap: check_tap,
        ast.Labelled: check_marked,
        ast.Pipe: check_pipe,
        ast.Array: _array,
        ast.Tuple: _tuple,
        ast.Record: _refused("record"),
        ast.Reduction: _reduction,
        ast.If: check_if,
        ast.Loop: check_loop,
        ast.With: check_marked,
        ast.Under: _refused("under"),
        ast.On: _refused("on"),
    }


def _refused(key: str) -> ExprChecker:
    def check(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
        refuse(scope, expr.span, key)
        return _unknown(expr.span)

    return check


def _out_of_place(why: str) -> ExprChecker:
    def check(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
        scope.report(Misplaced(span=expr.span, why=why))
        return _unknown(expr.span)

    return check


def _literal(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    return literal(check_static.static_value(scope, expr), expr.span)


# --- names ----------------------------------------------------------------------------------------


def _name(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    assert isinstance(expr, ast.Name)
    span = expr.span
    match scope.lookup(expr.name):
        case ValueBinding(local=local):
            return typed.Read(local, type=local.type, span=span)
        case AliasBinding(value=value):
            return (
                typed.Literal(value.value, type=value.type, span=span)
                if isinstance(value, typed.Literal)
                else value
            )
        case SlotBinding(slot=slot, turns=turns):
            return typed.SlotRead(slot.name, turns, type=slot.type, span=span)
        case StaticBinding(value=value):
            return _static_as_value(scope, expr, value)
        case InstanceBinding():
            hint = f"call it: `{expr.name}(…)`"
            return _no_value(scope, span, f"`{expr.name}` is an instance of a layer", hint)
        case None:
            return _global_name(scope, expr)
        case _ if refuse_bits(scope, expr):
            return typed.Expr(type=UNKNOWN, span=span)
        case _:
            return _no_value(
                scope, span, f"`{expr.name}` holds qubits, which are no value", "measure with `expect(…)`"
            )


def _static_as_value(scope: Scope, expr: ast.Name, value: object) -> typed.Expr:
    if isinstance(value, bool | int | float | Size | UnknownStatic):
        return literal(value, expr.span)
    return _no_value(scope, expr.span, f"`{expr.name}` is `{show_static(value)}`", None)  # type: ignore[arg-type]


def _no_value(scope: Scope, span: Span, found: str, hint: str | None) -> typed.Expr:
    scope.report(NotAValue(span=span, found=found, hint=hint))
    return _unknown(span)


def _global_name(scope: Scope, expr: ast.Name) -> typed.Expr:
    name = expr.name
    named = scope.lookup_global(name)
    if named is not None:
        hint = f"call it: `{name}(…)`" if named.definition else None
        return _no_value(scope, expr.span, f"`{name}` is a {named.kind}", hint)
    if name in CONSTANTS or name == "training":
        return literal(check_static.static_value(scope, expr), expr.span)
    if name in CASTS:
        return _no_value(scope, expr.span, f"`{name}` is a type", f"convert a value with `{name}(…)`")
    if name in PRIMITIVES:
        return _no_value(scope, expr.span, f"`{name}` is a primitive", f"call it: `{name}(…)`")
    unknown_name(scope, expr)
    return _unknown(expr.span)


def _attribute(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    assert isinstance(expr, ast.Attribute)
    member = part_of_member(scope, expr)
    if member is not None:
        return member
    value = elaborate_expr(scope, expr.value)
    if not isinstance(value.type, UnknownType):
        _no_value(scope, expr.name.span, f"a value has no part `{expr.name.name}`", None)
    return _unknown(expr.span)


# --- small forms ----------------------------------------------------------------------------------


def _array(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    """`[a, b]`: the items along a new first axis."""
    assert isinstance(expr, ast.Array)
    items = tuple(elaborate_expr(scope, item) for item in expr.items)
    if any(not isinstance(item.type, TensorType) for item in items):
        return _unknown(expr.span)
    front = ast.Argument(None, ast.Int(0, span=expr.span), span=expr.span)
    return stack(scope, PrimCall("stack", (front,), items, expr.span))


def _tuple(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    assert isinstance(expr, ast.Tuple)
    items = tuple(elaborate_expr(scope, item) for item in expr.items)
    return typed.MakeTuple(items, type=TupleType(tuple(item.type for item in items)), span=expr.span)


def _reduction(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    from hqn.compiler.types.contractions import check_contraction

    assert isinstance(expr, ast.Reduction)
    if is_instances(expr.binders[0].domain):
        return check_all(scope, expr)
    return check_contraction.elaborate_reduction(scope, expr)


# --- choices and blocks ---------------------------------------------------------------------------


def check_if(scope: Scope, expr: ast.Expr, expected: Type | None) -> typed.Expr:
    """A static `if`: in an instance the chosen branch, in a definition both where it is open."""
    assert isinstance(expr, ast.If)
    chosen = check_static.condition(scope, expr.condition)
    if expr.otherwise is None and chosen is not True:
        scope.report(Misplaced(span=expr.span, why="an `if` that gives a value needs an `else`"))
        return _unknown(expr.span)
    if chosen is True:
        return block_value(scope, expr.then, expected)
    if chosen is False:
        return _otherwise(scope, expr, expected)
    if scope.concrete:
        return _unknown(expr.span)
    then = block_value(scope, expr.then, expected)
    return _joined(then, _otherwise(scope, expr, expected), expr.span)


def _otherwise(scope: Scope, expr: ast.If, expected: Type | None) -> typed.Expr:
    if isinstance(expr.otherwise, ast.If):
        return check_if(scope, expr.otherwise, expected)
    assert expr.otherwise is not None
    return block_value(scope, expr.otherwise, expected)


def _joined(a: typed.Expr, b: typed.Expr, span: Span) -> typed.Expr:
    """What both branches of an open choice have in common; each instance takes one of them."""
    one, other = a.type, b.type
    if not isinstance(one, TensorType) or not isinstance(other, TensorType) or one.dtype != other.dtype:
        return _unknown(span)
    same = same_shape(one.shape, other.shape) is True
    return typed.Expr(type=one, span=span) if same else _unknown(span)


def block_value(scope: Scope, block: ast.Block, expected: Type | None) -> typed.Expr:
    """The value of a block: its last statement is an expression."""
    inner = scope.replay()
    *first, last = block.statements or (None,)
    for statement in first:
        if statement is not None:
            elaborate_statement(inner, statement)
    if isinstance(last, ast.Evaluate):
        return elaborate_expr(inner, last.value, expected)
    if last is not None:
        elaborate_statement(inner, last)
    if not isinstance(last, ast.Return):
        scope.report(
            Misplaced(span=block.span, why="this block gives no value", hint="end it with an expression")
        )
    return _unknown(block.span)
