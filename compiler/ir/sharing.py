"""Calls that give instances of their own to the callee: `pgd[f = net](x)`.

What came before: a call, the turns that it is in, and the instances that it shares. What leaves: one list of
turns for the whole operation and a record for each shared instance, and the way back. Invariant: the call's
own turns come first, then those of each shared instance, in the order of the records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hqn.compiler.ir import turns as turns_
from hqn.compiler.ir.declarations import Sharing, SharingAttr
from hqn.compiler.ir.hqn import FuncOp, function_of
from hqn.compiler.ir.properties import attributes
from hqn.compiler.ir.tensors import check
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Attribute, Operation, SSAValue, VerifyException


@dataclass(frozen=True, slots=True)
class Shared:
    """Child `label` of the callee is `instance` of this function, in these turns."""

    label: str
    instance: str
    turns: tuple[Turn, ...] = ()


def all_turns(turns: Sequence[Turn], shared: Sequence[Shared]) -> list[Turn]:
    """The turns of the call and of all that it shares."""
    return [*turns, *(turn for one in shared for turn in one.turns)]


def records(shared: Sequence[Shared]) -> Attribute | None:
    """The property `sharings`; None where nothing is shared."""
    found = [SharingAttr(Sharing(one.label, one.instance, len(one.turns))) for one in shared]
    return attributes(found) if found else None


class SharesInstances:
    """What both kinds of calls have in common: their turns, and what they share."""

    if TYPE_CHECKING:  # fields of the operations, which must be defined there
        indices: Sequence[SSAValue]
        strides: tuple[int, ...]
        offsets: tuple[int, ...]
        instance: str
        sharings: tuple[Sharing, ...] | None

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns of the called instance."""
        return self._every_turn[: self._own]

    @property
    def shared(self) -> tuple[Shared, ...]:
        """The instances that the callee is given."""
        rest, found = list(self._every_turn[self._own :]), []
        for one in self.sharings or ():
            found.append(Shared(one.label, one.instance, tuple(rest[: one.turns])))
            del rest[: one.turns]
        return tuple(found)

    @property
    def _every_turn(self) -> tuple[Turn, ...]:
        return turns_.join(self.indices, self.strides, self.offsets)

    @property
    def _own(self) -> int:
        return len(self.strides) - sum(one.turns for one in self.sharings or ())


def verify_instances(op: Operation) -> None:
    """That the function declares the called instance and the shared ones, in as many loops as are given."""
    assert isinstance(op, SharesInstances)
    turns_.verify_turns(op.indices, op.strides, op.offsets)
    _verify(op, op.instance, op.turns)
    for one in op.shared:
        _verify(op, one.instance, one.turns)


def _verify(op: Operation, name: str, turns: tuple[Turn, ...]) -> None:
    """The callee may be another function than the declared one: an instance that is called with arguments of
    other sizes keeps its slots.
    """
    child = function_of(op).child(name)
    if child is None:
        raise VerifyException(f"the function has no instance {name}")
    turns_.verify_loops([turn.stride for turn in turns], child.loops, name)


def verify_sharing(call: SharesInstances, callee: FuncOp) -> None:
    """That the callee is given the instances that it does not own, and no others."""
    given = {one.label for one in call.shared}
    wanted = {child.name for child in callee.children if child.shared}
    check(given == wanted, f"@{callee.symbol_name} is given {sorted(given)}, not {sorted(wanted)}")
