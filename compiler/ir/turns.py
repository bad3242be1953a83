"""Which turn of a creating loop an operation reads a slot or calls an instance in.

What came before: loops that create slots and instances once per turn. What leaves: `Turn`, one per
creating loop, outermost first: turn = stride * index + offset. Invariant: a stride of 0 takes no operand,
any other takes exactly one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hqn.compiler.ir.tensors import INDEX, check
from hqn.compiler.ir.xdsl_api import SSAValue


@dataclass(frozen=True, slots=True)
class Turn:
    """`stride * index + offset`; `index` is None where the turn is the constant `offset`."""

    index: SSAValue | None
    stride: int = 1
    offset: int = 0


def split(turns: Iterable[Turn]) -> tuple[list[SSAValue], tuple[int, ...], tuple[int, ...]]:
    """Operands, strides and offsets of an operation that is read in these turns."""
    listed = [turn if turn.stride else Turn(None, 0, turn.offset) for turn in turns]
    operands = [turn.index for turn in listed if turn.index is not None]
    return operands, tuple(t.stride if t.index else 0 for t in listed), tuple(t.offset for t in listed)


def join(operands: Sequence[SSAValue], strides: Sequence[int], offsets: Sequence[int]) -> tuple[Turn, ...]:
    """The way back: operands go to the strides that are not 0, in order."""
    rest = iter(operands)
    return tuple(
        Turn(next(rest) if stride else None, stride, offset) for stride, offset in zip(strides, offsets)
    )


def verify_turns(operands: Sequence[SSAValue], strides: Sequence[int], offsets: Sequence[int]) -> None:
    check(len(strides) == len(offsets), f"{len(strides)} strides but {len(offsets)} offsets")
    moving = sum(stride != 0 for stride in strides)
    check(moving == len(operands), f"{moving} turns are not constant but {len(operands)} are given")
    check(all(value.type == INDEX for value in operands), "a turn must be a tensor<i32>")


def verify_loops(turns: Sequence[int], loops: Sequence[int], what: str) -> None:
    message = f"{what} is created in {len(loops)} loops but read with {len(turns)} turns"
    check(len(turns) == len(loops), message)
