"""Results of a circuit as expressions.

What came before: queries of the dialect `qc` and the Python variable of the register. What leaves: calls of
the run time. Invariant: the shortest word that says it is used: `expect_z` where words are one Z.
"""

from __future__ import annotations

from math import prod

from hqn.compiler.emit.jax.code import Code, call, index
from hqn.compiler.emit.jax.gate_text import wires_text
from hqn.compiler.emit.jax.writer import Writer
from hqn.compiler.emit.text import quoted_name
from hqn.compiler.ir.nn import ConstantOp
from hqn.compiler.ir.qc import ExpectMatrixOp, ExpectOp, FidelityOp, ProbsOp, ReducedOp, SampleOp, wire_count
from hqn.compiler.ir.tensors import shape
from hqn.compiler.ir.xdsl_api import Operation, SSAValue


def result_code(op: Operation, register: str, given: Code | None, shots: Code | None = None) -> Code:
    """The value of a query; `given` is its `operand_of`, `shots` what it is estimated from."""
    measured = {} if shots is None else {"shots": shots.text}
    match op:
        case ExpectOp():
            return _expect(op, register, given, measured)
        case ExpectMatrixOp():
            assert given is not None
            return call("qc.expect_matrix", register, given, wires_text(op.wires), named=measured)
        case FidelityOp():
            assert given is not None
            return call("qc.fidelity", register, given, wires_text(op.wires))
        case ProbsOp():
            everything = op.wires == tuple(range(wire_count(op.register)))
            return call("qc.probs", register, *([] if everything else [wires_text(op.wires)]), named=measured)
        case ReducedOp():
            return call(f"qc.{op.kind}", register, wires_text(op.wires))
        case SampleOp():
            return call(f"qc.{op.kind}", register, wires_text(op.wires), *([] if shots is None else [shots]))
    return call("qc.state", register)


def shots_code(writer: Writer, op: Operation, number: int) -> Code | None:
    """The shots that the query of this number is estimated from, with keys of its own."""
    execution = writer.func.execution
    count = 0 if execution is None else execution.shots
    if isinstance(op, SampleOp):
        count = op.shots
    if not count:
        return None
    return call("qc.shots", str(count), f"{writer.keys.atom}[{quoted_name(f'shots_{number}')}]")


def operand_of(op: Operation) -> SSAValue | None:
    """What a query is given beside the register: a matrix, or coefficients other than 1."""
    if isinstance(op, ExpectMatrixOp | FidelityOp):
        return op.matrix if isinstance(op, ExpectMatrixOp) else op.vector
    if not isinstance(op, ExpectOp):
        return None
    owner = op.coefficients.owner
    ones = isinstance(owner, ConstantOp) and set(owner.values) == {1.0}
    return None if ones else op.coefficients


def _expect(op: ExpectOp, register: str, coefficients: Code | None, measured: dict[str, str]) -> Code:
    dims, size = shape(op.result), prod(shape(op.result))
    straight = op.places == tuple(range(size))
    if straight and coefficients is None and all(word.strip("I") == "Z" for word in op.paulis):
        wires = [word.index("Z") for word in op.paulis]
        everything = wires == list(range(wire_count(op.register)))
        code = call("qc.expect_z", register, *([] if everything else [wires_text(wires)]), named=measured)
    else:
        named = {} if coefficients is None else {"coefficients": coefficients.text}
        if not straight:
            named |= {"outputs": _numbers(op.places), "size": str(size)}
        code = call("qc.expect", register, _words(op.paulis), named=named | measured)
    if not dims:
        return index(code, "...", "0")
    return code if len(dims) == 1 else call("nn.reshape", code, "1", f"({', '.join(map(str, dims))})")


def _words(words: tuple[str, ...]) -> str:
    if len(words) > 8:
        return f'"{" ".join(words)}".split()'
    shown = ", ".join(f'"{word}"' for word in words)
    return f"({shown},)" if len(words) == 1 else f"({shown})"


def _numbers(values: tuple[int, ...]) -> str:
    if set(values) == {0}:
        return f"[0] * {len(values)}"
    return f"[{', '.join(map(str, values))}]"
