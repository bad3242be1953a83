"""Loops of the dialect `hqn`: map, parallel, scan, repeat.

What came before: `typed.Loop` and `typed.RepeatGates`. What leaves: operations with one block whose
arguments are the turn's index (`tensor<i32>`), one slice per domain, and the carries; it ends in
`hqn.yield` of the next carries and of what the turn gives. Invariant: `repeat` and `parallel` create
slots per turn, `scan` and `map` share them; `map` and `parallel` carry nothing. The body may use values
from outside; a register comes in as a carry.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from hqn.compiler.ir.properties import encode_all, integer, operation
from hqn.compiler.ir.tensors import INDEX, check, shape, with_shape
from hqn.compiler.ir.xdsl_api import (
    Attribute,
    AttrSizedOperandSegments,
    Block,
    BlockArgument,
    IRDLOperation,
    IsTerminator,
    OpResult,
    Pure,
    RecursiveMemoryEffect,
    Region,
    SSAValue,
    opt_operand_def,
    region_def,
    traits_def,
    var_operand_def,
    var_result_def,
)


@operation
class YieldOp(IRDLOperation):
    """Ends a turn: the next carries, then what the turn gives. Ends `hqn.grad` with its scalar."""

    name = "hqn.yield"

    values = var_operand_def()

    traits = traits_def(IsTerminator(), Pure())

    def __init__(self, values: Sequence[SSAValue]) -> None:
        super().__init__(operands=[list(values)])


class LoopOp(IRDLOperation):
    """Base of the four loops. Results: the final carries, then stacked what the turns gave.

    `take` is a run-time number of turns; later turns keep the carry.
    """

    CREATES: ClassVar[bool]
    CARRIES: ClassVar[bool]

    domains = var_operand_def()
    initial = var_operand_def()
    take = opt_operand_def()
    trips: int = integer()
    body = region_def("single_block")
    outputs = var_result_def()

    irdl_options = (AttrSizedOperandSegments(as_property=True),)
    traits = traits_def(RecursiveMemoryEffect())

    def __init__(
        self,
        trips: int,
        domains: Sequence[SSAValue],
        initial: Sequence[SSAValue],
        body: Block,
        take: SSAValue | None = None,
    ) -> None:
        """`body` must be complete: its terminator tells the types of the results."""
        last = body.last_op
        yielded = [value.type for value in last.operands] if last else []
        stacked = [with_shape(type_, (trips, *shape(type_))) for type_ in yielded[len(initial) :]]
        super().__init__(
            operands=[list(domains), list(initial), take],
            properties=encode_all({"trips": trips}),
            result_types=[[*yielded[: len(initial)], *stacked]],
            regions=[Region(body)],
        )

    @property
    def block(self) -> Block:
        return self.body.block

    @property
    def index(self) -> BlockArgument:
        return self.block.args[0]

    @property
    def slices(self) -> tuple[BlockArgument, ...]:
        return self.block.args[1 : 1 + len(self.domains)]

    @property
    def carries(self) -> tuple[BlockArgument, ...]:
        return self.block.args[1 + len(self.domains) :]

    @property
    def following(self) -> tuple[SSAValue, ...]:
        """The next value of each carry."""
        return tuple(self._end.operands[: len(self.initial)])

    @property
    def yielded(self) -> tuple[SSAValue, ...]:
        """What a turn gives."""
        return tuple(self._end.operands[len(self.initial) :])

    @property
    def final(self) -> tuple[OpResult, ...]:
        return tuple(self.results[: len(self.initial)])

    @property
    def stacked(self) -> tuple[OpResult, ...]:
        return tuple(self.results[len(self.initial) :])

    @property
    def _end(self) -> YieldOp:
        last = self.block.last_op
        assert isinstance(last, YieldOp)
        return last

    def verify_(self) -> None:
        check(self.trips >= 0, "a loop has no negative number of turns")
        check(isinstance(self.block.last_op, YieldOp), "a turn ends in hqn.yield")
        check(self.CARRIES or not (self.initial or self.take), f"{self.name} carries nothing")
        for domain in self.domains:
            check(shape(domain)[:1] == (self.trips,), f"a domain of {self.trips} turns is {domain.type}")
        slices = [with_shape(domain.type, shape(domain)[1:]) for domain in self.domains]
        carries = [value.type for value in self.initial]
        _same(self.block.arg_types, [INDEX, *slices, *carries], "block arguments")
        _same([value.type for value in self.following], carries, "next carries")
        stacked = [with_shape(value.type, (self.trips, *shape(value))) for value in self.yielded]
        _same(self.result_types, [*carries, *stacked], "results")
        if self.take is not None:
            check(self.take.type == INDEX, "`take` is a tensor<i32>")


def _same(given: Sequence[Attribute], expected: Sequence[Attribute], what: str) -> None:
    if tuple(given) != tuple(expected):
        listed = ", ".join(map(str, given)), ", ".join(map(str, expected))
        check(False, f"{what} are ({listed[0]}), not ({listed[1]})")


@operation
class MapOp(LoopOp):
    """The same function of every slice, with shared slots."""

    name = "hqn.map"
    CREATES: ClassVar[bool] = False
    CARRIES: ClassVar[bool] = False


@operation
class ParallelOp(LoopOp):
    """The same function of every slice, with slots of its own for each turn."""

    name = "hqn.parallel"
    CREATES: ClassVar[bool] = True
    CARRIES: ClassVar[bool] = False


@operation
class ScanOp(LoopOp):
    """Turns one after the other, with shared slots."""

    name = "hqn.scan"
    CREATES: ClassVar[bool] = False
    CARRIES: ClassVar[bool] = True


@operation
class RepeatOp(LoopOp):
    """Turns one after the other, with slots of its own for each turn; a circuit's register is a carry."""

    name = "hqn.repeat"
    CREATES: ClassVar[bool] = True
    CARRIES: ClassVar[bool] = True


LOOPS: dict[str, type[LoopOp]] = {"map": MapOp, "parallel": ParallelOp, "scan": ScanOp, "repeat": RepeatOp}
