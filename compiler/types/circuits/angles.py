"""Gate parameters as one table of angles: a row per tuple of wires, a column per parameter.

What came before: the parameters as written, each an expression with a type. What leaves: f32[m, p] for a gate
of p parameters on m tuples of wires, or what is wrong with one of them. Invariant: a value of shape [m] or
[m, p] gives each row its own angles, one of shape [] or [p] is the same for all rows; nothing else stretches.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.types import sizes, typed
from hqn.compiler.types.model import Dim as AxisSize
from hqn.compiler.types.model import DType, TensorType, Type
from hqn.compiler.types.shapes import same_dim
from hqn.compiler.types.sizes import Dim

_FLOATS = (DType.F16, DType.BF16, DType.F32, DType.F64)


@dataclass(frozen=True, slots=True)
class Rows:
    """How many tuples of wires a gate acts on; `single` where its operands are single qubits."""

    count: Dim
    single: bool

    def fits(self, dim: AxisSize) -> bool:
        """Whether an axis may be the axis of rows; undecided sizes may."""
        return not self.single and same_dim(dim, self.count) is not False


def is_packed(written: int, params: int) -> bool:
    """Whether one written parameter stands for all columns: `rot(w)`."""
    return written == 1 and params > 1


def wanted(rows: Rows, params: int, packed: bool) -> str:
    """The types that a parameter may have, in words."""
    tail = [str(params)] if packed else []
    shapes = [tail] if rows.single else [tail, [sizes.show(rows.count), *tail]]
    return " or ".join(f"f32[{', '.join(shape)}]" if shape else "f32" for shape in shapes)


def acceptable(found: Type, rows: Rows, params: int, packed: bool) -> bool:
    """Whether a parameter of this type gives angles for these rows."""
    if not isinstance(found, TensorType) or found.dtype not in _FLOATS:
        return False
    shape = list(found.shape)
    if packed and (not shape or same_dim(shape.pop(), params) is False):
        return False
    return not shape or (len(shape) == 1 and rows.fits(shape[0]))


def table(arguments: list[typed.Expr], rows: int, params: int) -> typed.Expr:
    """The angles f32[rows, params] of acceptable parameters, in an instance."""
    if is_packed(len(arguments), params):
        return _spread(arguments[0], (rows, params))
    columns = [_spread(argument, (rows,)) for argument in arguments]
    if params == 1:
        return _prim("reshape", columns, (rows, 1))
    return _prim("stack", columns, (rows, params), ("axis", 1))


def _spread(value: typed.Expr, shape: tuple[int, ...]) -> typed.Expr:
    """The value at a shape of which its own shape is a suffix."""
    if _shape(value) == shape:
        return value
    if len(shape) - len(_shape(value)) == 1 and shape[0] == 1:
        return _prim("reshape", [value], shape)
    return _prim("broadcast", [value], shape)


def _shape(value: typed.Expr) -> tuple[int, ...]:
    """In an instance."""
    assert isinstance(value.type, TensorType)
    return tuple(size for size in value.type.shape if isinstance(size, int))


def _prim(
    name: str, values: list[typed.Expr], shape: tuple[int, ...], *options: tuple[str, object]
) -> typed.Expr:
    first = values[0].type
    assert isinstance(first, TensorType)
    kind = TensorType(first.dtype, shape, role=first.role)
    return typed.Prim(fn=name, args=tuple(values), options=options, type=kind, span=values[0].span)


def joined(tables: list[typed.Expr]) -> typed.Expr:
    """The rows of several tables of one gate, one below the other."""
    if len(tables) == 1:
        return tables[0]
    rows = sum(_shape(one)[0] for one in tables)
    return _prim("concat", tables, (rows, _shape(tables[0])[1]), ("axis", 0))
