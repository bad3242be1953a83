"""The dialect `hqn`, what concerns instances: slots read, states set, calls.

What came before: a function with its declarations. What leaves: operations that use them by name.
Invariant: an operation that names a slot or an instance agrees with the declaration in its function; a
call agrees with the signature of its callee (`Module.verify`, which sees all functions, asks it).
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from hqn.compiler.ir import turns as turns_
from hqn.compiler.ir.declarations import Sharing, Slot
from hqn.compiler.ir.hqn import FuncOp, function_of
from hqn.compiler.ir.properties import (
    array,
    encode_all,
    flag,
    flags,
    ints,
    operation,
    optional_records,
    string,
    symbol,
)
from hqn.compiler.ir.sharing import (
    Shared,
    SharesInstances,
    all_turns,
    records,
    verify_instances,
    verify_sharing,
)
from hqn.compiler.ir.tensors import check, shape, with_shape
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import (
    Attribute,
    AttrSizedOperandSegments,
    EffectInstance,
    IRDLOperation,
    MemoryEffect,
    MemoryEffectKind,
    MemoryWriteEffect,
    Operation,
    Pure,
    SSAValue,
    SymbolRefAttr,
    VerifyException,
    i1,
    operand_def,
    result_def,
    traits_def,
    var_operand_def,
    var_result_def,
)


@operation
class SlotOp(IRDLOperation):
    """The value of a slot in one turn of its creating loops."""

    name = "hqn.slot"

    indices = var_operand_def()
    slot: str = string("name")
    strides: tuple[int, ...] = ints()
    offsets: tuple[int, ...] = ints()
    result = result_def()

    traits = traits_def(Pure())

    def __init__(self, slot: str, type_: Attribute, turns: Sequence[Turn] = ()) -> None:
        indices, strides, offsets = turns_.split(turns)
        properties = encode_all({"name": slot, "strides": strides, "offsets": offsets})
        super().__init__(operands=[indices], properties=properties, result_types=[type_])

    @property
    def turns(self) -> tuple[Turn, ...]:
        return turns_.join(self.indices, self.strides, self.offsets)

    def verify_(self) -> None:
        declared = _verified_slot(self)
        check(self.result.type == declared.type, f"{self.slot} is {declared.type}")


@operation
class SetStateOp(IRDLOperation):
    """The next value of a state; reads in the same call still see the old one."""

    name = "hqn.set_state"

    indices = var_operand_def()
    value = operand_def()
    slot: str = string("name")
    strides: tuple[int, ...] = ints()
    offsets: tuple[int, ...] = ints()

    traits = traits_def(MemoryWriteEffect())

    def __init__(self, slot: str, value: SSAValue, turns: Sequence[Turn] = ()) -> None:
        indices, strides, offsets = turns_.split(turns)
        properties = encode_all({"name": slot, "strides": strides, "offsets": offsets})
        super().__init__(operands=[indices, value], properties=properties)

    @property
    def turns(self) -> tuple[Turn, ...]:
        return turns_.join(self.indices, self.strides, self.offsets)

    def verify_(self) -> None:
        declared = _verified_slot(self)
        check(declared.kind == "state", f"{self.slot} is a {declared.kind}, not a state")
        check(self.value.type == declared.type, f"{self.slot} is {declared.type}")
        check(function_of(self).sets_state, "the function does not say that it sets state")


class CallEffect(MemoryEffect):
    """A call does what its callee does: nothing, or set state, or draw (never merged, never dropped)."""

    @classmethod
    def get_effects(cls, op: Operation) -> Set[EffectInstance]:
        assert isinstance(op, CallOp)
        if op.draws or op.sets_state:
            return {EffectInstance(MemoryEffectKind.WRITE)}
        return frozenset()


@operation
class CallOp(SharesInstances, IRDLOperation):
    """A call of an instance. `batch` is the shape of surplus leading axes, `lifted` says which arguments
    carry them; results always do. `draws` and `sets_state` repeat what the callee says."""

    name = "hqn.call"

    indices = var_operand_def()
    args = var_operand_def()
    callee: str = symbol()
    instance: str = string()
    batch: tuple[int, ...] = ints()
    lifted: tuple[bool, ...] = flags()
    strides: tuple[int, ...] = ints()
    offsets: tuple[int, ...] = ints()
    sharings: tuple[Sharing, ...] | None = optional_records()
    draws: bool = flag()
    sets_state: bool = flag()
    outputs = var_result_def()

    irdl_options = (AttrSizedOperandSegments(as_property=True),)
    traits = traits_def(CallEffect())

    def __init__(
        self,
        callee: str,
        instance: str,
        args: Sequence[SSAValue],
        results: Sequence[Attribute],
        *,
        turns: Sequence[Turn] = (),
        batch: Sequence[int] = (),
        lifted: Sequence[bool] = (),
        shared: Sequence[Shared] = (),
        draws: bool = False,
        sets_state: bool = False,
    ) -> None:
        indices, strides, offsets = turns_.split(all_turns(turns, shared))
        properties = encode_all(
            {
                "callee": SymbolRefAttr(callee),
                "instance": instance,
                "batch": tuple(batch),
                "lifted": array(i1, tuple(lifted) or (False,) * len(args)),
                "strides": strides,
                "offsets": offsets,
                "sharings": records(shared),
                "draws": draws,
                "sets_state": sets_state,
            }
        )
        super().__init__(operands=[indices, list(args)], properties=properties, result_types=[list(results)])

    def verify_(self) -> None:
        check(len(self.lifted) == len(self.args), "`lifted` has one entry per argument")
        check(any(self.lifted) == bool(self.batch), "a batch shape and lifted arguments go together")
        verify_instances(self)

    def verify_callee(self, callee: FuncOp) -> None:
        """That arguments and results fit the signature of the callee."""
        batches = [self.batch if up else () for up in self.lifted]
        given = [_unbatched(value.type, batch) for value, batch in zip(self.args, batches)]
        check(tuple(given) == callee.type.inputs.data, f"arguments do not fit @{self.callee}")
        results = [_unbatched(value.type, self.batch) for value in self.outputs]
        check(tuple(results) == callee.type.outputs.data, f"results do not fit @{self.callee}")
        verify_sharing(self, callee)
        check((self.draws, self.sets_state) == (callee.draws, callee.sets_state), "effects differ")


def _verified_slot(op: SlotOp | SetStateOp) -> Slot:
    """The slot that an operation is about, whose loops its turns fit."""
    turns_.verify_turns(op.indices, op.strides, op.offsets)
    slot = function_of(op).slot(op.slot)
    if slot is None:
        raise VerifyException(f"the function has no slot {op.slot}")
    turns_.verify_loops(op.strides, slot.loops, op.slot)
    return slot


def _unbatched(type_: Attribute, batch: tuple[int, ...]) -> Attribute:
    dims = shape(type_)
    check(dims[: len(batch)] == batch, f"{type_} does not begin with the batch shape {list(batch)}")
    return with_shape(type_, dims[len(batch) :])
