"""Typed expressions to values.

What came before: an expression whose every size is a number. What leaves: operations in the scope's block
and the values that the expression stands for, one per tensor of its type. Invariant: one operation per
node of the typed program, save that tuples cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir import nn
from hqn.compiler.ir.instances import CallOp, SlotOp
from hqn.compiler.ir.nn_base import PrimOp
from hqn.compiler.ir.nn_matrix import MATRICES
from hqn.compiler.ir.nn_reduce import REDUCE
from hqn.compiler.ir.nn_shape import ARRANGE
from hqn.compiler.ir.nn_window import WINDOW
from hqn.compiler.ir.properties import encode
from hqn.compiler.ir.tensors import lower_type
from hqn.compiler.ir.xdsl_api import Attribute, SSAValue
from hqn.compiler.lower import options
from hqn.compiler.lower.scope import Scope, Values
from hqn.compiler.types import model, typed
from hqn.compiler.types.instances import as_word

PRIMS: dict[str, type[PrimOp]] = {
    op.name.removeprefix("nn."): op for op in (*ARRANGE, *REDUCE, *WINDOW, *MATRICES)
}


def lower_expr(scope: Scope, expr: typed.Expr) -> Values:
    """All values of an expression."""
    lowering = _table().get(type(expr))
    if lowering is None:
        raise InternalError("lower", f"no operation stands for {type(expr).__name__}", expr.span)
    return lowering(scope, expr)


def lower_one(scope: Scope, expr: typed.Expr) -> SSAValue:
    """The value of an expression that is one tensor."""
    values = lower_expr(scope, expr)
    if len(values) != 1:
        raise InternalError("lower", f"one tensor is expected, not {len(values)}", expr.span)
    return values[0]


def lower_all(scope: Scope, exprs: Sequence[typed.Expr]) -> list[SSAValue]:
    """The values of several expressions, in a row."""
    return [value for expr in exprs for value in lower_expr(scope, expr)]


def one_type(expr: typed.Expr) -> Attribute:
    """The type of an expression that is one tensor."""
    (type_,) = lower_type(expr.type)
    return type_


def _literal(scope: Scope, expr: typed.Literal) -> Values:
    return (scope.add(nn.ConstantOp(expr.value, one_type(expr)), expr.span).result,)


def _read(scope: Scope, expr: typed.Read) -> Values:
    return scope.read(expr.local, expr.span)


def _slot(scope: Scope, expr: typed.SlotRead) -> Values:
    op = SlotOp(expr.slot, one_type(expr), scope.turns(expr.turns))
    op.result.name_hint = as_word(expr.slot)
    return (scope.add(op, expr.span).result,)


def _elementwise(scope: Scope, expr: typed.Elementwise) -> Values:
    args = [lower_one(scope, arg) for arg in expr.args]
    return (scope.add(nn.MapOp(expr.fn, args, one_type(expr)), expr.span).result,)


def _prim(scope: Scope, expr: typed.Prim) -> Values:
    if expr.fn not in PRIMS:
        raise InternalError("lower", f"no primitive is called {expr.fn}", expr.span)
    args = [lower_one(scope, arg) for arg in expr.args]
    given = {name: encode(value) for name, value in options.normal(expr).items()}
    return (scope.add(PRIMS[expr.fn].of(one_type(expr), *args, **given), expr.span).result,)


def _call(scope: Scope, expr: typed.CallFunction) -> Values:
    callee = scope.callee(expr.function, expr.span)
    groups = [lower_expr(scope, arg) for arg in expr.args]
    lifted = expr.lifted or (False,) * len(groups)
    op = CallOp(
        callee.symbol_name,
        expr.instance,
        [value for group in groups for value in group],
        lower_type(expr.type),
        turns=scope.turns(expr.turns),
        batch=expr.batch,
        lifted=[up for group, up in zip(groups, lifted, strict=True) for _ in group],
        shared=scope.shared(expr.shared),
        draws=callee.draws,
        sets_state=callee.sets_state,
    )
    return tuple(scope.add(op, expr.span).outputs)


def _tuple(scope: Scope, expr: typed.MakeTuple) -> Values:
    return tuple(lower_all(scope, expr.items))


def _item(scope: Scope, expr: typed.Item) -> Values:
    """Item `position`: its values lie behind those of the items before it."""
    match expr.value.type:
        case model.TupleType(items):
            types = items
        case model.RecordType(fields):
            types = tuple(type_ for _, type_ in fields)
        case _:
            raise InternalError("lower", "an item of what is no tuple", expr.span)
    first = sum(len(lower_type(type_)) for type_ in types[: expr.position])
    return lower_expr(scope, expr.value)[first : first + len(lower_type(types[expr.position]))]


def _table() -> dict[type[typed.Expr], Callable[[Scope, Any], Values]]:
    return _TABLE or _fill()


_TABLE: dict[type[typed.Expr], Callable[[Scope, Any], Values]] = {}


def _fill() -> dict[type[typed.Expr], Callable[[Scope, Any], Values]]:
    """The lowerings by expression; filled late, as those of other files call `lower_expr`."""
    from hqn.compiler.lower import circuit, contraction, grad, loop

    _TABLE.update(
        {
            typed.Literal: _literal,
            typed.Read: _read,
            typed.SlotRead: _slot,
            typed.Elementwise: _elementwise,
            typed.Prim: _prim,
            typed.CallFunction: _call,
            typed.MakeTuple: _tuple,
            typed.Item: _item,
            typed.Contraction: contraction.lower_contraction,
            typed.Loop: loop.lower_loop,
            typed.Grad: grad.lower_grad,
            typed.Expect: circuit.lower_expect,
            typed.ExpectMatrix: circuit.lower_expect_matrix,
            typed.Fidelity: circuit.lower_fidelity,
            typed.Probabilities: circuit.lower_probabilities,
            typed.Reduced: circuit.lower_reduced,
            typed.Sampled: circuit.lower_sampled,
            typed.StateVector: circuit.lower_state,
        }
    )
    return _TABLE
