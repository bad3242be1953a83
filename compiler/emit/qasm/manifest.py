"""What a program's text cannot say: where its inputs come from, and what is read from its state.

What came before: a traced circuit. What leaves: plain data that is written as JSON beside the program.
Invariant: with the program and the manifest alone, another tool can compute the circuit's queries.
"""

from __future__ import annotations

from typing import Any

from hqn.compiler.emit.qasm.names import elements
from hqn.compiler.emit.qasm.programs import Traced
from hqn.compiler.emit.qasm.scalar import Family, Number, Scalar, text
from hqn.compiler.ir.qc import ExpectMatrixOp, ExpectOp, ProbsOp, ReducedOp, SampleOp
from hqn.compiler.ir.tensors import shape
from hqn.compiler.ir.xdsl_api import Operation

FORMAT = 1


def manifest(traced: Traced) -> dict[str, Any]:
    """The manifest of one program."""
    function = traced.circuit.function
    return {
        "format": FORMAT,
        "circuit": traced.circuit.path,
        "definition": function.definition,
        "source": function.source,
        "qubits": traced.wires,
        "order": "q[0] is the most significant bit of a state index",
        "inputs": [one for family in traced.inputs for one in _inputs(family, family in traced.arrays)],
        "queries": [_query(op, terms) for op, terms in traced.trace.queries],
    }


def _inputs(family: Family, is_array: bool) -> list[dict[str, Any]]:
    """An array, or each element as an input of its own."""
    if is_array:
        return [{"name": family.name, "value": family.origin, "shape": list(family.shape)}]
    return [{"name": name, "value": origin} for name, origin in elements(family)]


def _query(op: Operation, coefficients: tuple[Scalar, ...]) -> dict[str, Any]:
    if isinstance(op, ExpectOp):
        terms = zip(op.paulis, op.places, coefficients, strict=True)
        listed = [
            {"pauli": word, "output": place, "coefficient": text(factor)} for word, place, factor in terms
        ]
        return {"kind": "expect", "shape": list(shape(op.result)), "terms": listed}
    if isinstance(op, ExpectMatrixOp):
        entries = [_entry(one) for one in coefficients]
        return {
            "kind": "expect_matrix",
            "wires": list(op.wires),
            "rows": 2 ** len(op.wires),
            "entries": entries,
        }
    if isinstance(op, ProbsOp):
        return {"kind": "probs", "wires": list(op.wires)}
    if isinstance(op, ReducedOp):
        return {"kind": op.kind, "wires": list(op.wires)}
    if isinstance(op, SampleOp):
        return {"kind": op.kind, "wires": list(op.wires), "shots": op.shots}
    return {"kind": "state"}


def _entry(scalar: Scalar) -> str | list[float]:
    """An entry of a matrix: a formula, or real and imaginary part. Its Hermitian part is what is measured."""
    if isinstance(scalar, Number) and isinstance(scalar.value, complex):
        return [scalar.value.real, scalar.value.imag]
    return text(scalar)
