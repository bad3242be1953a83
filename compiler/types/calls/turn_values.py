"""Values with an axis for each turn of a loop: the part that belongs to one turn.

What came before: a value and the turns that it is read in. What leaves: an expression of one turn, and
whether a turn is a certain one. Invariant: what is known while checking is decided here, the rest at run
time.
"""

from __future__ import annotations

from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.model import DType, TensorType

I32 = TensorType(DType.I32)


def taken(value: typed.Expr, turns: tuple[typed.Turn, ...], span: Span) -> typed.Expr:
    """The part of a value in these turns of its leading axes."""
    for turn in turns:
        found = value.type
        assert isinstance(found, TensorType)
        type_ = TensorType(found.dtype, found.shape[1:], found.bound, found.role)
        if turn.index is None:
            value = _element(value, turn.offset, type_, span)
        else:
            value = typed.Prim("gather", (value, number(turn, span)), (("axis", 0),), type=type_, span=span)
    return value


def _element(value: typed.Expr, at: int, type_: TensorType, span: Span) -> typed.Expr:
    found = value.type
    assert isinstance(found, TensorType)
    rest = len(type_.shape)
    options = (
        ("starts", (at, *(0,) * rest)),
        ("stops", (at + 1, *type_.shape)),
        ("steps", (1,) * (rest + 1)),
    )
    one = TensorType(found.dtype, (1, *type_.shape), found.bound, found.role)
    piece = typed.Prim("slice", (value,), options, type=one, span=span)
    return typed.Prim("reshape", (piece,), (), type=type_, span=span)


def number(turn: typed.Turn, span: Span) -> typed.Expr:
    """The number of a turn, `stride * index + offset`."""
    if turn.index is None:
        return _literal(turn.offset, span)
    value: typed.Expr = typed.Read(turn.index, type=I32, span=span)
    if turn.stride != 1:
        value = typed.Elementwise("mul", (value, _literal(turn.stride, span)), type=I32, span=span)
    if turn.offset:
        value = typed.Elementwise("add", (value, _literal(turn.offset, span)), type=I32, span=span)
    return value


def turn_is(turn: typed.Turn, wanted: int, span: Span) -> bool | typed.Expr:
    """Whether a turn is the wanted one: known, or an expression that tells."""
    if turn.index is None:
        return turn.offset == wanted
    args = (number(turn, span), _literal(wanted, span))
    return typed.Elementwise("eq", args, type=TensorType(DType.BOOL), span=span)


def _literal(value: int, span: Span) -> typed.Expr:
    return typed.Literal(value, type=I32, span=span)
