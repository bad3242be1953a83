"""Factors of planned contractions, read so that every axis is one plain index.

What came before: a factor's value and its `View`. What leaves: a value with one axis per index. Invariant:
leading axes stay in front; axes are counted from the back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hqn.compiler.emit.jax.code import call, index, sequence
from hqn.compiler.emit.jax.values import Value
from hqn.compiler.plan.views import Axis, Pick, Split, Strided, View, Window


def viewed(value: Value, view: View) -> Value:
    """The factor as its view: subscripts first, then axes opened from the last one on."""
    if view.is_plain:
        return value
    value = _subscripted(value, view.axes)
    axes = [axis for axis in view.axes if not isinstance(axis, Pick)]
    for place in reversed(range(len(axes))):
        value = _opened(value, axes[place], place)
    return value


def _subscripted(value: Value, axes: Sequence[Axis]) -> Value:
    """Constant and strided positions as one subscript."""
    subscripts, dims = [], []
    for axis, dim in zip(axes, value.shape, strict=True):
        match axis:
            case Pick():
                subscripts.append(str(axis.position))
            case Strided():
                subscripts.append(_range(axis))
                dims.append(axis.count)
            case _:
                subscripts.append(":")
                dims.append(dim)
    if all(subscript == ":" for subscript in subscripts):
        return value
    while not value.leads and subscripts and subscripts[-1] == ":":
        subscripts.pop()
    code = index(value.code, *(["..."] if value.leads else []), *subscripts)
    return replace(value, code=code, shape=tuple(dims), bare=False)


def _range(axis: Strided) -> str:
    """The positions of a strided axis as a Python slice, which may run backwards."""
    last = axis.start + axis.step * axis.count
    stop = "" if last < 0 else str(last if axis.step < 0 else last - axis.step + 1)
    return f"{axis.start}:{stop}" + (f":{axis.step}" if axis.step != 1 else "")


def _opened(value: Value, axis: Axis, place: int) -> Value:
    """An axis read by several indices, as several axes."""
    if not isinstance(axis, Split | Window):
        return value
    dims = (*value.shape[:place], *axis.sizes, *value.shape[place + 1 :])
    if isinstance(axis, Split):
        shown = sequence([str(dim) for dim in dims])
        code = (
            call("nn.reshape", value.code, str(value.rank), shown)
            if value.leads
            else call("jnp.reshape", value.code, shown)
        )
        return replace(value, code=code, shape=dims)
    table = call(
        "tn.positions",
        sequence([str(size) for size in axis.sizes]),
        sequence([str(factor) for factor in axis.factors]),
        str(axis.start),
    )
    code = call("jnp.take", value.code, table, named={"axis": str(place - value.rank)})
    return replace(value, code=code, shape=dims)
