"""What is said beside circuits, layers and models: signatures, sizes, numbers of parameters.

What came before: functions of the IR. What leaves: short texts. Invariant: parameters are counted as they
are stored, the axes of creating loops included; frozen weights and states are not parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.qc import AllocOp, RegType, wire_count
from hqn.compiler.ir.quant import AngleOp, FakeOp
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


def model_facts(module: Module, func: FuncOp) -> tuple[str, ...]:
    circuits = sum(prod(loops) for callee, loops in _instances(module, func, ()) if callee.kind == "circuit")
    facts = [plural(parameters(module, func), "parameter")]
    if circuits:
        facts.append(plural(circuits, "circuit"))
    return (*facts, visible(func.source)) if func.source else tuple(facts)


def _instances(
    module: Module, func: FuncOp, loops: tuple[int, ...]
) -> Iterator[tuple[FuncOp, tuple[int, ...]]]:
    for child in func.children:
        callee, around = module[child.callee], (*loops, *child.loops)
        yield callee, around
        yield from _instances(module, callee, around)


def call_facts(module: Module, callee: FuncOp) -> tuple[str, ...]:
    """What one call is worth knowing for: qubits, parameters, and the bits that a policy leaves."""
    facts = [plural(register_size(callee), "qubit")] if callee.kind == "circuit" else []
    if total := parameters(module, callee):
        facts.append(plural(total, "parameter"))
    return (*facts, *_bits(callee))


def _bits(func: FuncOp) -> tuple[str, ...]:
    found: list[str] = []
    for op in func.walk():
        text = ""
        if isinstance(op, FakeOp) and op.role == "w":
            text = f"weights {op.spec.dtype}"
        elif isinstance(op, AngleOp):
            text = f"angles {plural(op.bits, 'bit')}"
        if text and text not in found:
            found.append(text)
    return tuple(found)


def register_size(func: FuncOp) -> int:
    """The wires of a circuit: those that it takes, or those that it makes."""
    taken = [wire_count(arg) for arg in func.args if isinstance(arg.type, RegType)]
    made = [wire_count(op.result) for op in func.walk() if isinstance(op, AllocOp)]
    return max([*taken, *made], default=0)
