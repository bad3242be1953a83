"""What a circuit's state could be besides what it is: density matrix or fresh wires, cones or all wires.

What came before: `Built`, and the program as it is simulated. What leaves: for every circuit with a choice
its alternatives with the figures of their forward passes, the chosen one first. Invariant: figures are those
of functions that were really rewritten that way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from hqn.compiler import memory
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import CallOp
from hqn.compiler.ir.module import Built, Module
from hqn.compiler.plan.execution import Execution, execution
from hqn.compiler.plan.gradients import Figures
from hqn.compiler.plan.measurement import open_choices, rewritten
from hqn.compiler.plan.narrow import GAIN, Cut, cut_of
from hqn.compiler.plan.program import Simulated
from hqn.compiler.plan.steps import shown_count


@dataclass(frozen=True, slots=True)
class Alternative:
    name: str
    figures: Figures
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The alternatives of one circuit for one sample, the chosen one first."""

    func: FuncOp
    alternatives: tuple[Alternative, ...]


def choices(built: Built, program: Simulated) -> Iterator[Choice]:
    """Every circuit for which there was more than one representation."""
    for name in open_choices(built):
        yield _of_resets(built, program, name)
    for func in program.built.module.functions.values():
        cut = cut_of(func)
        if cut is not None:
            yield _of_cones(func, cut, program)


def _of_resets(built: Built, program: Simulated, name: str) -> Choice:
    func = program.built.module.functions[name]
    both = [execution(rewritten(built, names).module.functions[name]) for names in (set[str](), {name})]
    chosen, other = both if both[0].mixed == execution(func).mixed else reversed(both)
    fits = other.one_sample <= memory.limit()
    return Choice(
        func,
        (
            Alternative(_shown(chosen), _figures(chosen), "the fewest operations that fit"),
            Alternative(_shown(other), _figures(other), "more operations" if fits else "more than the limit"),
        ),
    )


def _shown(one: Execution) -> str:
    return one.state if one.mixed else f"{one.state}, fresh ones for resets"


def _figures(one: Execution) -> Figures:
    return Figures(one.one_sample, one.forward.operations // one.batch)


def _of_cones(func: FuncOp, cut: Cut, program: Simulated) -> Choice:
    """Cones are cut where they gain enough, or where nothing else fits."""
    cut_away, whole = cut.gains, execution(func)
    count, widest = len(cut.cones), max(len(cone.wires) for cone in cut.cones)
    name = f"{count} light cone{'s' * (count > 1)} of up to {widest} qubits"
    touched = f"{shown_count(cut.gain)} times fewer amplitudes touched, {GAIN} asked"
    cones = Alternative(name, _of_calls(func, cut, program), touched)
    if cut_away:
        reason = "more operations" if whole.one_sample <= memory.limit() else "more than the limit"
        return Choice(func, (cones, Alternative(whole.state, _figures(whole), reason)))
    return Choice(func, (Alternative(whole.state, _figures(whole), "one state for all results"), cones))


def _of_calls(func: FuncOp, cut: Cut, program: Simulated) -> Figures:
    """The largest of the cones' states, and the operations of all cones."""
    others = (one.clone() for one in program.built.module.functions.values() if one is not func)
    functions = Module.of([*others, *cut.functions()]).functions
    largest = operations = 0
    for op in functions[func.symbol_name].walk():
        if isinstance(op, CallOp) and op.callee.startswith(f"{func.symbol_name}_cone"):
            one = _figures(execution(functions[op.callee]))
            largest = max(largest, one.bytes * prod(op.batch))
            operations += one.operations * prod(op.batch)
    return Figures(largest, operations)
