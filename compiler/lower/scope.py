"""Where lowering stands: the block it fills, what each local is, and the register.

What came before: a typed function. What leaves, statement by statement: operations at the end of a block.
Invariant: a local stands for as many values as its type has tensors; the register is the one made last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir import hqn, turns
from hqn.compiler.ir.location import at
from hqn.compiler.ir.sharing import Shared
from hqn.compiler.ir.xdsl_api import Attribute, Block, IRDLOperation, SSAValue
from hqn.compiler.source import Span
from hqn.compiler.types import typed

Op = TypeVar("Op", bound=IRDLOperation)
Values = tuple[SSAValue, ...]


@dataclass
class Effects:
    """What a function is seen to do while it is lowered."""

    draws: bool = False
    sets_state: bool = False


@dataclass
class Scope:
    """One block being filled. `sources` says what each local was computed from, for derivatives."""

    block: Block
    functions: Mapping[str, hqn.FuncOp]
    effects: Effects
    values: dict[typed.Local, Values] = field(default_factory=dict)
    sources: dict[typed.Local, typed.Assign | tuple[typed.Expr, ...]] = field(default_factory=dict)
    register: SSAValue | None = None

    def inner(self, types: Sequence[Attribute]) -> Scope:
        """The scope of a region with these block arguments; it sees everything from outside."""
        block = Block(arg_types=list(types))
        return Scope(block, self.functions, self.effects, dict(self.values), dict(self.sources))

    def add(self, op: Op, span: Span) -> Op:
        """Puts an operation at the end of the block."""
        self.block.add_op(at(op, span))
        return op

    def bind(self, local: typed.Local, values: Sequence[SSAValue]) -> None:
        """Makes a local stand for values; the first local that a value is bound to alone names it."""
        self.values[local] = tuple(values)
        for value in values:
            if value.name_hint is None and len(values) == 1:
                value.name_hint = local.name

    def read(self, local: typed.Local, span: Span | None = None) -> Values:
        if local not in self.values:
            raise InternalError("lower", f"`{local.name}` is read before it is bound", span)
        return self.values[local]

    def turns(self, turns_: Sequence[typed.Turn]) -> tuple[turns.Turn, ...]:
        """The turns of creating loops, with their indices as values."""
        return tuple(turns.Turn(self._index(turn), turn.stride, turn.offset) for turn in turns_)

    def shared(self, given: Sequence[typed.Shared]) -> tuple[Shared, ...]:
        """Instances that a call gives to its callee."""
        return tuple(Shared(one.label, one.instance, self.turns(one.turns)) for one in given)

    def _index(self, turn: typed.Turn) -> SSAValue | None:
        return None if turn.index is None else self.read(turn.index)[0]

    def wires(self, span: Span) -> SSAValue:
        """The register as it is now."""
        if self.register is None:
            raise InternalError("lower", "there are no qubits here", span)
        return self.register

    def callee(self, function: typed.Function, span: Span) -> hqn.FuncOp:
        """The lowered function that is called; its effects become those of the caller."""
        found = self.functions.get(function.name)
        if found is None:
            raise InternalError("lower", f"`{function.name}` is called before it is lowered", span)
        self.effects.draws |= found.draws
        self.effects.sets_state |= found.sets_state
        return found
