"""The dialect `qc`: one register, threaded through gates as a linear value.

What came before: gates on numbered wires. What leaves: `qc.gate`, one gate name over an ordered list of
wire tuples, applied one after the other. Invariant: a register is consumed exactly once, in the block
that made it; queries do not consume it. Wire 0 is the most significant bit of a state index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from hqn.compiler.ir import turns as turns_
from hqn.compiler.ir.declarations import Sharing
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.properties import (
    attributes,
    encode_all,
    ints,
    operation,
    optional_records,
    raw,
    records,
    string,
    symbol,
)
from hqn.compiler.ir.qc_measure import (
    NOT_UNITARY,
    OPERATIONS,
    BarrierOp,
    DiscardOp,
    MeasureOp,
    MixedOp,
    PostselectOp,
    ResetOp,
)
from hqn.compiler.ir.qc_queries import (
    QUERIES,
    ExpectMatrixOp,
    ExpectOp,
    FidelityOp,
    ProbsOp,
    ReducedOp,
    SampleOp,
    StateOp,
    verify_linear,
)
from hqn.compiler.ir.qc_register import (
    RegType,
    Wires,
    WiresAttr,
    verify_matrix,
    verify_wires,
    wire_count,
)
from hqn.compiler.ir.record import RecordAttr
from hqn.compiler.ir.sharing import Shared, SharesInstances, all_turns, verify_instances, verify_sharing
from hqn.compiler.ir.sharing import records as share_records
from hqn.compiler.ir.tensors import check, shape
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import (
    Attribute,
    AttrSizedOperandSegments,
    IRDLOperation,
    MemoryAllocEffect,
    Pure,
    SSAValue,
    SymbolRefAttr,
    irdl_attr_definition,
    operand_def,
    opt_operand_def,
    result_def,
    traits_def,
    var_operand_def,
)
from hqn.compiler.types.circuits.gates import GATES, MATRIX

__all__ = [
    "CONDITIONS",
    "NOT_UNITARY",
    "OPERATIONS",
    "QUERIES",
    "AllocOp",
    "ApplyOp",
    "BarrierOp",
    "DiscardOp",
    "ExpectMatrixOp",
    "ExpectOp",
    "FidelityOp",
    "GateOp",
    "MeasureOp",
    "MixedOp",
    "Mod",
    "ModAttr",
    "PostselectOp",
    "ProbsOp",
    "ReducedOp",
    "RegType",
    "ResetOp",
    "SampleOp",
    "StateOp",
    "Wires",
    "WiresAttr",
    "controls",
    "wire_count",
]

CONDITIONS = ("if", "unless")
MODIFIERS = ("ctrl", "negctrl", "inv", "pow", *CONDITIONS)


@dataclass(frozen=True, slots=True)
class Mod:
    """`ctrl` or `negctrl` with a count of controls, `inv`, or `pow` with an exponent; `if` or `unless` with
    the number of a classical bit that must read 1 or 0.
    """

    kind: str
    value: int = 1


@irdl_attr_definition
class ModAttr(RecordAttr[Mod]):
    """`#qc.mod<"ctrl", 2>`: a modifier of a gate, the outermost first."""

    name = "qc.mod"
    HOLDS: ClassVar[type] = Mod


def controls(mods: Sequence[Mod]) -> int:
    """How many wires in front of a gate's own are controls."""
    return sum(mod.value for mod in mods if mod.kind in ("ctrl", "negctrl"))


@operation
class AllocOp(IRDLOperation):
    """A register in |0…0>."""

    name = "qc.alloc"

    result = result_def(RegType)

    traits = traits_def(MemoryAllocEffect())

    def __init__(self, wires: int) -> None:
        super().__init__(result_types=[RegType(wires)])


@operation
class GateOp(IRDLOperation):
    """A gate on each wire tuple in turn. `angles` is `tensor<m x p>`, row i for tuple i, or absent.

    The gate `MATRIX` acts on one tuple, and its `angles` are its matrix.
    """

    name = "qc.gate"

    register = operand_def(RegType)
    angles = opt_operand_def()
    gate: str = string("name")
    wires: Wires = raw(WiresAttr)
    mods: tuple[Mod, ...] = records()
    result = result_def(RegType)

    traits = traits_def(Pure())

    def __init__(
        self,
        gate: str,
        register: SSAValue,
        wires: Sequence[Sequence[int]],
        angles: SSAValue | None = None,
        mods: Sequence[Mod] = (),
    ) -> None:
        tuples = tuple(tuple(one) for one in wires)
        properties = encode_all({"name": gate, "wires": WiresAttr(tuples), "mods": _mods(mods)})
        super().__init__(operands=[register, angles], properties=properties, result_types=[register.type])

    def verify_(self) -> None:
        verify_linear(self, self.register, self.result)
        mods, tuples = self.mods, self.wires
        check(bool(tuples), "a gate acts on at least one tuple of wires")
        _verify_mods(mods)
        if self.gate == MATRIX:
            self._verify_matrix()
            return
        check(self.gate in GATES, f"no gate is called {self.gate}")
        signature = GATES[self.gate]
        verify_wires(tuples, signature.qubits + controls(mods), wire_count(self.register))
        if self.angles is None:
            check(signature.params == 0, f"{self.gate} takes {signature.params} angles per tuple")
        else:
            angles, expected = shape(self.angles), (len(tuples), signature.params)
            check(signature.params > 0, f"{self.gate} takes no angles")
            check(angles == expected, f"angles of {self.gate} are {expected}, not {angles}")

    def _verify_matrix(self) -> None:
        check(len(self.wires) == 1, f"{MATRIX} acts on one tuple of wires")
        check(self.angles is not None, f"{MATRIX} has a matrix")
        assert self.angles is not None
        verify_wires(self.wires, len(self.wires[0]), wire_count(self.register))
        verify_matrix(self.angles, len(self.wires[0]) - controls(self.mods))


@operation
class ApplyOp(SharesInstances, IRDLOperation):
    """A call of a circuit that takes qubits: wire i of the callee is `wires[i]`."""

    name = "qc.call"

    indices = var_operand_def()
    register = operand_def(RegType)
    args = var_operand_def()
    callee: str = symbol()
    instance: str = string()
    wires: tuple[int, ...] = ints()
    mods: tuple[Mod, ...] = records()
    strides: tuple[int, ...] = ints()
    offsets: tuple[int, ...] = ints()
    sharings: tuple[Sharing, ...] | None = optional_records()
    result = result_def(RegType)

    irdl_options = (AttrSizedOperandSegments(as_property=True),)
    traits = traits_def(Pure())

    def __init__(
        self,
        callee: str,
        instance: str,
        register: SSAValue,
        wires: Sequence[int],
        args: Sequence[SSAValue] = (),
        mods: Sequence[Mod] = (),
        turns: Sequence[Turn] = (),
        shared: Sequence[Shared] = (),
    ) -> None:
        indices, strides, offsets = turns_.split(all_turns(turns, shared))
        properties = encode_all(
            {
                "callee": SymbolRefAttr(callee),
                "instance": instance,
                "wires": tuple(wires),
                "mods": _mods(mods),
                "strides": strides,
                "offsets": offsets,
                "sharings": share_records(shared),
            }
        )
        super().__init__(
            operands=[indices, register, list(args)], properties=properties, result_types=[register.type]
        )

    def verify_(self) -> None:
        verify_linear(self, self.register, self.result)
        verify_instances(self)
        _verify_mods(self.mods)
        verify_wires((self.wires,), len(self.wires), wire_count(self.register))

    def verify_callee(self, callee: FuncOp) -> None:
        """That wires and arguments fit the signature of the callee."""
        register, *params = callee.type.inputs.data
        check([value.type for value in self.args] == params, f"arguments do not fit @{self.callee}")
        verify_sharing(self, callee)
        expected = wire_count(register) + controls(self.mods)
        check(len(self.wires) == expected, f"@{self.callee} takes {expected} wires, not {len(self.wires)}")


def _mods(mods: Sequence[Mod]) -> Attribute:
    return attributes(ModAttr(mod) for mod in mods)


def _verify_mods(mods: Sequence[Mod]) -> None:
    for mod in mods:
        check(mod.kind in MODIFIERS, f"no modifier is called {mod.kind}")
        check(mod.kind == "pow" or mod.value >= (mod.kind not in CONDITIONS), f"{mod.kind} of {mod.value}")
