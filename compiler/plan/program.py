"""A program as it is simulated: measurement rewritten, circuits cut to their cones, demands known.

What came before: `Built`, after the passes. What leaves: `Simulated`, which the JAX emitter writes and
`hqn plan` prints, and the circuits in it that no strategy fits into memory. Invariant: both see the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hqn.compiler import memory
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.qc import AllocOp, wire_count
from hqn.compiler.plan import cost
from hqn.compiler.plan.demand import NO_DEMAND, Demand, demands
from hqn.compiler.plan.execution import execution
from hqn.compiler.plan.measurement import without_measurement
from hqn.compiler.plan.narrow import narrow

SURE = 4096
"""Circuits of which so many states fit are not asked whether they fit: that takes a plan."""


@dataclass(frozen=True, slots=True)
class Simulated:
    built: Built
    functions: Mapping[str, FuncOp]
    demands: Mapping[str, Demand]

    def demand(self, func: FuncOp) -> Demand:
        return self.demands.get(func.symbol_name, NO_DEMAND)


@dataclass(frozen=True, slots=True)
class TooLarge:
    """What of a circuit takes more bytes than the limit, whatever is chosen."""

    func: FuncOp
    what: str
    bytes: int


def simulated(built: Built) -> Simulated:
    built = without_measurement(built)
    functions = narrow(built.module).functions
    return Simulated(built, functions, demands(built, functions))


def too_large(program: Simulated) -> Iterator[TooLarge]:
    """Circuits whose forward pass does not fit for one sample, or whose gradient does not in a run."""
    for func in program.functions.values():
        wires = next((wire_count(op.result) for op in func.block.ops if isinstance(op, AllocOp)), 0)
        if SURE * cost.state_bytes(2 * wires) <= memory.limit():
            continue
        found = execution(func, demand=program.demand(func))
        if found.one_sample > memory.limit():
            yield TooLarge(func, f"one sample of {found.state}", found.one_sample)
        elif program.demand(func).trained and found.gradients[0].figures.bytes > memory.limit():
            yield TooLarge(func, f"the gradient by {found.state}", found.gradients[0].figures.bytes)
