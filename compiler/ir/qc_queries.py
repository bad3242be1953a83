"""The queries of the dialect `qc`: what is read from a register.

What came before: a register. What leaves: tensors. Invariant: a query does not consume the register.
"""

from __future__ import annotations

from collections.abc import Sequence

from hqn.compiler.ir.properties import attributes, encode_all, integer, ints, operation, string, strings
from hqn.compiler.ir.qc_register import RegType, verify_matrix, verify_wires, wire_count
from hqn.compiler.ir.tensors import check, shape, size, tensor
from hqn.compiler.ir.xdsl_api import (
    Attribute,
    IRDLOperation,
    Pure,
    SSAValue,
    operand_def,
    result_def,
    traits_def,
)
from hqn.compiler.types.model import DType


@operation
class ExpectOp(IRDLOperation):
    """Expectation values: term t adds `coefficients[t] * <paulis[t]>` to flat element `places[t]`."""

    name = "qc.expect"

    register = operand_def(RegType)
    coefficients = operand_def()
    paulis: tuple[str, ...] = strings()
    places: tuple[int, ...] = ints("outputs")
    result = result_def()

    traits = traits_def(Pure())

    def __init__(
        self,
        register: SSAValue,
        coefficients: SSAValue,
        paulis: Sequence[str],
        places: Sequence[int],
        type_: Attribute,
    ) -> None:
        properties = encode_all({"paulis": attributes(paulis), "outputs": tuple(places)})
        super().__init__(operands=[register, coefficients], properties=properties, result_types=[type_])

    def verify_(self) -> None:
        paulis, places, wires = self.paulis, self.places, wire_count(self.register)
        check(len(paulis) == len(places), f"{len(paulis)} terms but {len(places)} places")
        check(shape(self.coefficients) == (len(paulis),), f"{len(paulis)} terms: {self.coefficients.type}")
        for word in paulis:
            fits = len(word) == wires and set(word) <= set("IXYZ")
            check(fits, f"not a Pauli word on {wires} wires: {word}")
        elements = size(self.result)
        check(all(0 <= place < elements for place in places), f"a place is not in {self.result.type}")


@operation
class ExpectMatrixOp(IRDLOperation):
    """The expectation value of the Hermitian part of a matrix, real or complex, on some wires."""

    name = "qc.expect_matrix"

    register = operand_def(RegType)
    matrix = operand_def()
    wires: tuple[int, ...] = ints()
    result = result_def()

    traits = traits_def(Pure())

    def __init__(
        self, register: SSAValue, matrix: SSAValue, wires: Sequence[int], dtype: DType = DType.F32
    ) -> None:
        properties = encode_all({"wires": tuple(wires)})
        super().__init__(operands=[register, matrix], properties=properties, result_types=[tensor(dtype, [])])

    def verify_(self) -> None:
        verify_wires((self.wires,), len(self.wires), wire_count(self.register))
        verify_matrix(self.matrix, len(self.wires))
        check(shape(self.result) == (), f"one number, not {self.result.type}")


@operation
class ProbsOp(IRDLOperation):
    """Probabilities of the outcomes of some wires; the first wire is the most significant bit."""

    name = "qc.probs"

    register = operand_def(RegType)
    wires: tuple[int, ...] = ints()
    result = result_def()

    traits = traits_def(Pure())

    def __init__(self, register: SSAValue, wires: Sequence[int], dtype: DType = DType.F32) -> None:
        type_ = tensor(dtype, [2 ** len(wires)])
        properties = encode_all({"wires": tuple(wires)})
        super().__init__(operands=[register], properties=properties, result_types=[type_])

    def verify_(self) -> None:
        verify_wires((self.wires,), len(self.wires), wire_count(self.register))
        check(shape(self.result) == (2 ** len(self.wires),), f"{len(self.wires)} wires: {self.result.type}")


@operation
class StateOp(IRDLOperation):
    """The state vector of all wires."""

    name = "qc.state"

    register = operand_def(RegType)
    result = result_def()

    traits = traits_def(Pure())

    def __init__(self, register: SSAValue, dtype: DType = DType.C64) -> None:
        super().__init__(operands=[register], result_types=[tensor(dtype, [2 ** wire_count(register)])])

    def verify_(self) -> None:
        expected = (2 ** wire_count(self.register),)
        check(shape(self.result) == expected, f"a state of {expected} amplitudes is {self.result.type}")


@operation
class ReducedOp(IRDLOperation):
    """Of the reduced density matrix of some wires: itself, its purity, or its entropy in nats."""

    name = "qc.reduced"

    register = operand_def(RegType)
    kind: str = string()
    wires: tuple[int, ...] = ints()
    result = result_def()

    traits = traits_def(Pure())

    def __init__(self, register: SSAValue, kind: str, wires: Sequence[int], type_: Attribute) -> None:
        properties = encode_all({"kind": kind, "wires": tuple(wires)})
        super().__init__(operands=[register], properties=properties, result_types=[type_])

    def verify_(self) -> None:
        check(self.kind in REDUCED, f"a reduced state has no {self.kind}")
        verify_wires((self.wires,), len(self.wires), wire_count(self.register))
        expected = (2 ** len(self.wires),) * 2 if self.kind == "density" else ()
        check(shape(self.result) == expected, f"{self.kind} of {len(self.wires)} wires: {self.result.type}")


@operation
class FidelityOp(IRDLOperation):
    """<v| rho |v> / <v|v> of the reduced state rho of some wires and a vector, real or complex."""

    name = "qc.fidelity"

    register = operand_def(RegType)
    vector = operand_def()
    wires: tuple[int, ...] = ints()
    result = result_def()

    traits = traits_def(Pure())

    def __init__(
        self, register: SSAValue, vector: SSAValue, wires: Sequence[int], dtype: DType = DType.F32
    ) -> None:
        properties = encode_all({"wires": tuple(wires)})
        super().__init__(operands=[register, vector], properties=properties, result_types=[tensor(dtype, [])])

    def verify_(self) -> None:
        verify_wires((self.wires,), len(self.wires), wire_count(self.register))
        check(shape(self.vector) == (2 ** len(self.wires),), f"{len(self.wires)} wires: {self.vector.type}")
        check(shape(self.result) == (), f"one number, not {self.result.type}")


@operation
class SampleOp(IRDLOperation):
    """Outcomes of some wires: bits of every shot, counts, or the bits that are most likely.

    `site` names it in its function, so that no two are one.
    """

    name = "qc.sample"

    register = operand_def(RegType)
    kind: str = string()
    wires: tuple[int, ...] = ints()
    shots: int = integer()
    site: str = string()
    result = result_def()

    traits = traits_def(Pure())

    def __init__(
        self, register: SSAValue, kind: str, wires: Sequence[int], shots: int, site: str, type_: Attribute
    ) -> None:
        properties = encode_all({"kind": kind, "wires": tuple(wires), "shots": shots, "site": site})
        super().__init__(operands=[register], properties=properties, result_types=[type_])

    def verify_(self) -> None:
        verify_wires((self.wires,), len(self.wires), wire_count(self.register))
        count = len(self.wires)
        shapes = {"sample": (self.shots, count), "counts": (2**count,), "most_likely": (count,)}
        fits = shape(self.result) == shapes.get(self.kind)
        check(fits, f"{self.kind} of {count} wires: {self.result.type}")


REDUCED = ("density", "purity", "entropy")
QUERIES = (ExpectOp, ExpectMatrixOp, ProbsOp, StateOp, ReducedOp, FidelityOp, SampleOp)


def verify_linear(op: IRDLOperation, register: SSAValue, result: SSAValue) -> None:
    """That nothing else consumes the register, and that it was made in the same block."""
    check(register.type == result.type, "a register keeps its wires")
    owner = register.owner
    made_in = owner.parent_block() if isinstance(owner, IRDLOperation) else owner
    check(made_in is op.parent_block(), "a register from outside of the block comes in as a carry")
    consumers = sum(not isinstance(use.operation, QUERIES) for use in register.uses)
    check(consumers == 1, "a register is consumed once")
