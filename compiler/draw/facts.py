"""What is said beside circuits, layers and models: signatures, sizes, numbers of parameters.

What came before: functions of the IR. What leaves: short texts. Invariant: parameters are counted as they
are stored, the axes of creating loops included; frozen weights and states are not parameters.
"""

from __future__ import annotations

from math import prod

from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.qc import RegType
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.xdsl_api import Attribute, TensorType


def type_text(type_: Attribute) -> str:
    """`f32[8, 8]`, `f32`, `5 qubits`."""
    if isinstance(type_, RegType):
        return plural(type_.data, "qubit")
    if not isinstance(type_, TensorType):
        return visible(str(type_))
    dims = shape(type_)
    return f"{dtype(type_).value}[{', '.join(map(str, dims))}]" if dims else dtype(type_).value


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def signature_text(func: FuncOp) -> str:
    """`vqc(x: f32[5]) -> f32[5]`."""
    named = zip(func.arg_names, func.args)
    given = [(name, arg.type) for name, arg in named if not isinstance(arg.type, RegType)]
    params = [f"{visible(name)}: {type_text(type_)}" for name, type_ in given]
    results = [type_text(type_) for type_ in func.returns if not isinstance(type_, RegType)]
    listed = f"({', '.join(params)})" if params else ""
    return f"{visible(func.definition)}{listed}" + (f" -> {', '.join(results)}" if results else "")


def parameters(module: Module, func: FuncOp) -> int:
    """Trainable numbers of one instance and of all inside it."""
    own = sum(prod(slot.shape) for slot in func.slots if slot.kind == "weight")
    trained = [child for child in func.children if not child.frozen]
    return own + sum(prod(one.loops) * parameters(module, module[one.callee]) for one in trained)


def circuit_facts(module: Module, func: FuncOp, wires: int) -> tuple[str, ...]:
    count = parameters(module, func)
    facts = [plural(wires, "qubit")]
    if count:
        facts.append(plural(count, "parameter"))
    if func.source:
        facts.append(visible(func.source))
    return tuple(facts)
