"""How often a value changes: never, with every step, or with every sample.

What came before: a function, and how often each of its arguments changes. What leaves: the same for every
value in it. Emitters compute what does not depend on the sample once per step, without a batch axis, and know
from it which arguments of a call carry the batch. Invariant: a value varies at least as much as what it is
computed from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

from hqn.compiler.ir.hqn import DrawOp, FuncOp, GradOp
from hqn.compiler.ir.instances import CallOp, SlotOp
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.nn_reduce import BatchMeanOp
from hqn.compiler.ir.qc import ApplyOp
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue


class Varies(IntEnum):
    """Ordered: what varies with the sample varies with the step."""

    CONST = 0
    STEP = 1
    SAMPLE = 2


_DRAWN = {"sample": Varies.SAMPLE, "step": Varies.STEP, "run": Varies.STEP}
Table = dict[SSAValue, Varies]


class Variation:
    """The analysis of one module; answers are kept, so that a function is walked once per kind of call."""

    def __init__(self, module: Module) -> None:
        self._functions = module.functions
        self._known: dict[tuple[str, tuple[Varies, ...]], Table] = {}
        self._in_calls: dict[str, Mapping[SSAValue, Varies]] = {}

    def of(self, name: str, args: Sequence[Varies] | None = None) -> Mapping[SSAValue, Varies]:
        """Every value of a function, for arguments that vary so; without any, with the sample."""
        function = self._functions[name]
        given = tuple(args) if args is not None else (Varies.SAMPLE,) * len(function.args)
        key = (name, given)
        if key not in self._known:
            self._known[key] = self._walk(function, given)
        return self._known[key]

    def in_calls(self, name: str) -> Mapping[SSAValue, Varies]:
        """Every value of a function, for arguments that vary as in its calls; with the sample without any."""
        if name not in self._in_calls:
            found = [
                self.arguments(op, self.in_calls(caller))
                for caller, function in self._functions.items()
                for op in function.walk()
                if isinstance(op, CallOp | ApplyOp) and op.callee == name
            ]
            self._in_calls[name] = self.of(name, [max(each) for each in zip(*found)] if found else None)
        return self._in_calls[name]

    def results(self, name: str, args: Sequence[Varies]) -> tuple[Varies, ...]:
        """What a call with such arguments gives."""
        table = self.of(name, args)
        return tuple(table[value] for value in self._functions[name].returned)

    def arguments(self, call: CallOp | ApplyOp, table: Mapping[SSAValue, Varies]) -> tuple[Varies, ...]:
        """How the arguments of a call vary, the register of a circuit first, as its callee's parameters."""
        values = call.args if isinstance(call, CallOp) else (call.register, *call.args)
        turned = max((table[index] for index in call.indices), default=Varies.CONST)
        return tuple(max(table[value], turned) for value in values)

    def _walk(self, function: FuncOp, args: tuple[Varies, ...]) -> Table:
        table: Table = dict(zip(function.args, args))
        self._block(function.block, table)
        return table

    def _block(self, block: Block, table: Table) -> None:
        for op in block.ops:
            match op:
                case LoopOp():
                    self._loop(op, table)
                case GradOp():
                    self._grad(op, table)
                case CallOp() | ApplyOp():
                    self._call(op, table)
                case _:
                    _join(op.results, [table[value] for value in op.operands], table, _own(op))

    def _call(self, call: CallOp | ApplyOp, table: Table) -> None:
        """A circuit that takes qubits gives its register last; what it measures is not seen by the caller."""
        given = self.results(call.callee, self.arguments(call, table))
        first = len(given) - len(call.results)
        table.update(zip(call.results, given[first:], strict=True))

    def _loop(self, loop: LoopOp, table: Table) -> None:
        """The carries are walked until they vary no more."""
        take = Varies.CONST if loop.take is None else table[loop.take]
        table[loop.index] = Varies.CONST
        table.update(zip(loop.slices, (table[domain] for domain in loop.domains)))
        carries = [max(table[value], take) for value in loop.initial]
        while True:
            table.update(zip(loop.carries, carries))
            self._block(loop.block, table)
            following = [max(old, table[new]) for old, new in zip(carries, loop.following)]
            if following == carries:
                break
            carries = following
        table.update(zip(loop.final, carries))
        table.update((stacked, table[value]) for stacked, value in zip(loop.stacked, loop.yielded))

    def _grad(self, op: GradOp, table: Table) -> None:
        table[op.block.args[0]] = table[op.wrt]
        self._block(op.block, table)
        table[op.result] = max(table[op.wrt], table[op.value])


def _own(op: Operation) -> Varies:
    """How much an operation varies by itself."""
    match op:
        case SlotOp():
            return Varies.STEP
        case DrawOp():
            return _DRAWN[op.per]
        case _:
            return Varies.CONST


def _join(results: Iterable[SSAValue], operands: Sequence[Varies], table: Table, own: Varies) -> None:
    for result in results:
        varies = max([own, *operands])
        owner = result.owner
        table[result] = min(varies, Varies.STEP) if isinstance(owner, BatchMeanOp) else varies
