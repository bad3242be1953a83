"""The parameters of gates in the words of the file: `w[l, 0]`, `2 * x[1] + 0.1`, `π/2`.

What came before: an SSA value of a circuit. What leaves: the text of one row of it, and what it depends
on. Invariants: a text names slots by their names and turns, inputs and locals as the file does; it is one
line of at most `MOST` characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, pi, prod

from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.draw.picture import Kind
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import CallOp, SlotOp
from hqn.compiler.ir.nn import ConstantOp, MapOp
from hqn.compiler.ir.nn_shape import (
    BroadcastOp,
    CastOp,
    ConcatOp,
    FullOp,
    ReshapeOp,
    SliceOp,
    StackOp,
    TransposeOp,
)
from hqn.compiler.ir.tensors import shape
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import BlockArgument, SSAValue

MOST = 32
_DEEPEST = 6
_ATOM = 9
_OPERATORS = {"add": ("+", 1), "sub": ("-", 1), "mul": ("*", 2), "div": ("/", 2)}


@dataclass(frozen=True, slots=True)
class Part:
    """An element of something with a name, or an expression (`index` None) and how tightly it binds."""

    text: str
    index: tuple[str, ...] | None = None
    binds: int = _ATOM

    @property
    def shown(self) -> str:
        return f"{self.text}[{', '.join(self.index)}]" if self.index else self.text

    def within(self, level: int) -> str:
        return self.shown if self.binds >= level else f"({self.shown})"


def row_text(value: SSAValue, row: int) -> str:
    """The parameters in one row of a table of angles; a whole row of something named is named as a row."""
    columns = shape(value)[1]
    return _joined([_element(value, (row, column)) for column in range(columns)])


def value_text(value: SSAValue) -> str:
    """A value as an argument: its name, or what it is."""
    if not shape(value):
        return _cut(_element(value, ()).shown)
    return _cut(_base(value).shown)


def turn_text(turn: Turn) -> str:
    """`l`, `3l + 1`, `2`: the turn in which a slot is read."""
    if turn.index is None:
        return str(turn.offset)
    factor = "" if turn.stride == 1 else str(turn.stride)
    return f"{factor}{index_name(turn.index)}" + (f" + {turn.offset}" if turn.offset else "")


def index_name(value: SSAValue) -> str:
    return visible(value.name_hint or "turn")


def dependence(values: Sequence[SSAValue]) -> Kind:
    """Whether values come from inputs, from weights, from both or from neither."""
    found: set[str] = set()
    seen: set[SSAValue] = set()
    rest = list(values)
    while rest:
        value = rest.pop()
        if value in seen:
            continue
        seen.add(value)
        rest += _origins(value, found)
    if found == {"input", "weight"}:
        return "both"
    return "input" if "input" in found else "weight" if "weight" in found else "fixed"


def _origins(value: SSAValue, found: set[str]) -> list[SSAValue]:
    """What a value is computed from; notes weights and inputs on the way."""
    if isinstance(value, BlockArgument):
        around = value.owner.parent_op()
        if isinstance(around, FuncOp):
            found.add("input")
            return []
        return [] if around is None or value.index == 0 else list(around.operands)
    op = value.owner
    if isinstance(op, SlotOp):
        found.add("weight")
        return []
    if isinstance(op, CallOp):
        found.add("weight")
    return [operand for inner in op.walk() for operand in inner.operands]


# --- elements -------------------------------------------------------------------------------------


def _joined(parts: Sequence[Part]) -> str:
    """Several parameters; `w[0, 0], w[0, 1], w[0, 2]` are `w[0]`."""
    first = parts[0]
    if len(parts) > 1 and first.index and all(_is_column(part, first, at) for at, part in enumerate(parts)):
        return _cut(Part(first.text, first.index[:-1]).shown)
    return _cut(", ".join(part.shown for part in parts))


def _is_column(part: Part, first: Part, at: int) -> bool:
    if not part.index or not first.index:
        return False
    return part.text == first.text and part.index == (*first.index[:-1], str(at))


def _cut(text: str) -> str:
    return text if len(text) <= MOST else text[: MOST - 1].rstrip(" ,(") + "…"


def _base(value: SSAValue) -> Part:
    """What a whole tensor is called."""
    op = value.owner
    if isinstance(op, SlotOp):
        return Part(visible(op.slot), tuple(turn_text(turn) for turn in op.turns))
    if value.name_hint:
        return Part(visible(value.name_hint))
    if isinstance(op, ReshapeOp | CastOp | BroadcastOp):
        return _base(op.x)
    if isinstance(op, ConstantOp) and op.scalar is not None:
        return Part(number_text(op.scalar))
    return Part("…")


def _element(value: SSAValue, index: tuple[int, ...], depth: int = 0) -> Part:
    """One element of a value, in the words of the file."""
    op = value.owner
    if isinstance(op, ConstantOp):
        return _number(op, index)
    if value.name_hint or isinstance(op, SlotOp) or isinstance(value, BlockArgument):
        base = _base(value)
        return Part(base.text, (*(base.index or ()), *map(str, index)))
    if depth > _DEEPEST:
        return Part("…")
    if isinstance(op, MapOp):
        return _computed(op, index, depth)
    source = _moved(value, index)
    return Part("…") if source is None else _element(*source, depth + 1)


def _moved(value: SSAValue, index: tuple[int, ...]) -> tuple[SSAValue, tuple[int, ...]] | None:
    """Where an element comes from that an operation only moves."""
    match value.owner:
        case ReshapeOp() as op:
            return op.x, _unravel(_ravel(index, shape(value)), shape(op.x))
        case SliceOp() as op:
            return op.x, tuple(a + s * i for a, s, i in zip(op.starts, op.steps, index))
        case TransposeOp() as op:
            back = dict(zip(op.axes, index))
            return op.x, tuple(back[axis] for axis in range(len(index)))
        case BroadcastOp() | FullOp() as op if op.args:
            rank = len(shape(op.args[0]))
            return op.args[0], index[len(index) - rank :]
        case CastOp() as op:
            return op.x, index
        case StackOp() as op:
            return op.args[index[op.axis]], (*index[: op.axis], *index[op.axis + 1 :])
        case ConcatOp() as op:
            return _in_concat(op, index)
    return None


def _in_concat(op: ConcatOp, index: tuple[int, ...]) -> tuple[SSAValue, tuple[int, ...]] | None:
    at = index[op.axis]
    for arg in op.args:
        length = shape(arg)[op.axis]
        if at < length:
            return arg, (*index[: op.axis], at, *index[op.axis + 1 :])
        at -= length
    return None


def _computed(op: MapOp, index: tuple[int, ...], depth: int) -> Part:
    parts = [_element(arg, index[len(index) - len(shape(arg)) :], depth + 1) for arg in op.args]
    if op.fn in _OPERATORS:
        sign, level = _OPERATORS[op.fn]
        return Part(f"{parts[0].within(level)} {sign} {parts[1].within(level + 1)}", binds=level)
    if op.fn == "neg":
        return Part(f"-{parts[0].within(3)}", binds=3)
    return Part(f"{op.fn}({', '.join(part.shown for part in parts)})")


def _number(op: ConstantOp, index: tuple[int, ...]) -> Part:
    values, dims = op.values, shape(op.result)
    value = values[_ravel(index, dims)] if len(values) == prod(dims) else values[0]
    text = number_text(value)
    return Part(text, binds=3 if text.startswith("-") else 2 if "/" in text else _ATOM)


def number_text(value: complex) -> str:
    """A number as a person writes it: simple multiples of π as such, others to four digits."""
    if isinstance(value, complex) or not isfinite(value):
        return f"{value}"
    turns = Fraction(value / pi).limit_denominator(64)
    if value and isinstance(value, float) and abs(float(turns) * pi - value) < 1e-12 * abs(value):
        sign, top = "-" if turns < 0 else "", abs(turns.numerator)
        below = "" if turns.denominator == 1 else f"/{turns.denominator}"
        return f"{sign}{'' if top == 1 else top}π{below}"
    return f"{value:.4g}"


def _ravel(index: Sequence[int], dims: Sequence[int]) -> int:
    flat = 0
    for at, dim in zip(index, dims):
        flat = flat * dim + at
    return flat


def _unravel(flat: int, dims: Sequence[int]) -> tuple[int, ...]:
    index: list[int] = []
    for dim in reversed(dims):
        flat, at = divmod(flat, dim)
        index.append(at)
    return tuple(reversed(index))
