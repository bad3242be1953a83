"""Matrices that are known while checking, and whether they may be what they are used as.

What came before: a typed expression. What leaves: its numbers, where it is made of literals alone. Invariant:
a value of which anything is known only at run time has no numbers here, and nothing is said about it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hqn.compiler.types import typed

Matrix: TypeAlias = "list[list[float]]"
_Rows: TypeAlias = "float | list[_Rows]"

_CLOSE = 1e-5
"""How far elements may be off: numbers are written with six digits at least where they matter."""

_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
}


def constant_matrix(value: typed.Expr, statements: list[typed.Statement]) -> Matrix | None:
    """The numbers of a square matrix made of literals; `statements` are those that bound its names."""
    known = {one.local: one.value for one in statements if isinstance(one, typed.Assign)}
    try:
        rows = _rows(value, known)
    except (_NotConstant, ZeroDivisionError, OverflowError):
        return None
    return rows if _is_matrix(rows) else None  # type: ignore[return-value]


class _NotConstant(Exception):
    """Something that is known at run time only."""


def _rows(value: typed.Expr, known: dict[typed.Local, typed.Expr]) -> _Rows:
    match value:
        case typed.Literal(value=int() | float() as number):
            return float(number)
        case typed.Read(local=local) if local in known:
            return _rows(known[local], known)
        case typed.Prim(fn="cast", args=(arg,)):
            return _rows(arg, known)
        case typed.Prim(fn="stack", args=args) if dict(value.options).get("axis") == 0:
            return [_rows(arg, known) for arg in args]
        case typed.Prim(fn="transpose", args=(arg,)) if dict(value.options).get("axes") == (1, 0):
            rows = _rows(arg, known)
            return _transposed(rows) if isinstance(rows, list) else _fail()
        case typed.Elementwise(fn="neg", args=(arg,)):
            return _combined("sub", 0.0, _rows(arg, known))
        case typed.Elementwise(fn=fn, args=(left, right)) if fn in _OPERATORS:
            return _combined(fn, _rows(left, known), _rows(right, known))
    return _fail()


def _transposed(rows: list[_Rows]) -> _Rows:
    lists = [row for row in rows if isinstance(row, list)]
    return [list(column) for column in zip(*lists, strict=True)] if len(lists) == len(rows) else _fail()


def _fail() -> _Rows:
    raise _NotConstant


def _combined(fn: str, left: _Rows, right: _Rows) -> _Rows:
    """Element by element; a single number goes with all elements."""
    if isinstance(left, float) and isinstance(right, float):
        return _OPERATORS[fn](left, right)
    if isinstance(left, float):
        return [_combined(fn, left, one) for one in right] if isinstance(right, list) else _fail()
    if isinstance(right, float):
        return [_combined(fn, one, right) for one in left]
    return [_combined(fn, a, b) for a, b in zip(left, right, strict=True)] if _equal(left, right) else _fail()


def _equal(left: list[_Rows], right: list[_Rows]) -> bool:
    """Whether two lists are equally long and equally deep: a row does not go with a matrix here."""
    return len(left) == len(right) and isinstance(left[0], list) == isinstance(right[0], list)


def _is_matrix(rows: _Rows) -> bool:
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == len(rows) for row in rows):
        return False
    return all(isinstance(item, float) for row in rows if isinstance(row, list) for item in row)


# --- what a matrix is -----------------------------------------------------------------------------


def not_symmetric(matrix: Matrix) -> tuple[int, int] | None:
    """A place where a real matrix differs from its transpose."""
    size = range(len(matrix))
    places = ((i, j) for i in size for j in range(i) if not _close(matrix[i][j], matrix[j][i]))
    return next(places, None)


def not_orthogonal(matrix: Matrix) -> tuple[int, int] | None:
    """Two columns of a real matrix that are not orthogonal, or twice one whose length is not 1."""
    columns = list(zip(*matrix, strict=True))
    size = range(len(columns))
    products = ((i, j, _dot(columns[i], columns[j])) for i in size for j in range(i + 1))
    return next(((i, j) for i, j, product in products if not _close(product, float(i == j))), None)


def _dot(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= _CLOSE * max(1.0, abs(a), abs(b))
