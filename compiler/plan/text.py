"""Plans as text, for `hqn plan`.

What came before: `Built`. What leaves: tables for a person. Invariant: what is printed here is what the
JAX emitter follows, because both ask the same planners.
"""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.ir.analysis import Variation, Varies
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.location import where
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.qc import RegType
from hqn.compiler.ir.tn import ContractOp
from hqn.compiler.plan.contraction import ContractionPlan, plan_contraction
from hqn.compiler.plan.demand import Demand
from hqn.compiler.plan.execution import Execution, execution
from hqn.compiler.plan.gradients import ADJOINT, Figures
from hqn.compiler.plan.program import simulated
from hqn.compiler.plan.representation import Choice, choices
from hqn.compiler.plan.simulate import simulate
from hqn.compiler.plan.steps import shown_bytes, shown_count


def execution_text(built: Built) -> str:
    """How every circuit is simulated, what that takes, which loops are written out for their weights, and
    what execution profiles say of circuits, with the lines that say it.
    """
    program = simulated(built)
    functions = program.functions.values()
    circuits = [
        _circuit(func, program.demand(func))
        for func in functions
        if any(op.name.startswith("qc.") for op in func.walk())
    ]
    circuits += [_choice(found) for found in choices(built, program)]
    turns = [line for func in functions for line in _written_out(func)]
    profiles = [profile.text() for profile in built.executions if profile.treatments]
    return "\n\n".join([*circuits, *(["\n".join(turns)] if turns else []), *profiles]) or "No circuits."


def _written_out(func: FuncOp) -> Iterator[str]:
    """What a function creates anew, in another shape or with another start, in each turn of a loop."""
    inside = [*(slot.name for slot in func.slots), *(child.name for child in func.created)]
    names = [name.partition("[")[0] for name in inside if "[" in name]
    for name in dict.fromkeys(names):
        head = f"{func.symbol_name}, {visible(func.source)}: `{name}` is another one in each turn"
        yield f"{head}, `{name}[0]` …, so the loop is written out"


def _circuit(func: FuncOp, demand: Demand) -> str:
    plan = simulate(func)
    head = f"{func.definition} ({func.symbol_name}), {visible(func.source)}\n{plan}"
    if any(isinstance(arg.type, RegType) for arg in func.args):
        return head
    return "\n".join([head, *_figures(execution(func, plan, demand), demand)])


def _choice(found: Choice) -> str:
    """What the state of a circuit is and could be, for one sample."""
    chosen, *rejected = found.alternatives
    rows = [(f"state: {chosen.name}", chosen.reason, chosen.figures)]
    rows += [(f"rejected: {one.name}", one.reason, one.figures) for one in rejected]
    func = found.func
    return "\n".join([f"{func.definition} ({func.symbol_name}), {visible(func.source)}", *_table(rows)])


def _figures(found: Execution, demand: Demand) -> list[str]:
    """What passes take in all, and the methods that were not chosen."""
    chosen, *rejected = found.gradients
    assumed = "" if demand.batch is not None else ", assumed"
    samples = f"batch of {found.batch}{assumed}" if found.batch > 1 else "one sample"
    rows = [("forward", samples, found.forward)]
    rows.append((f"gradient: {chosen.name}", chosen.reason, chosen.figures))
    rows += [(f"rejected: {one.name}", one.reason, one.figures) for one in rejected]
    impossible = [] if found.obstacle is None else [f"rejected: {ADJOINT}  cannot undo {found.obstacle}"]
    return [*_table(rows), *impossible]


def _table(rows: list[tuple[str, str, Figures]]) -> list[str]:
    """Name, bytes, operations and reason."""
    wide = max(len(name) for name, _, _ in rows)
    return [
        f"{name:<{wide}}  {shown_bytes(one.bytes):>10}  {shown_count(one.operations):>7} operations  {why}"
        for name, why, one in rows
    ]


def contractions_text(built: Built) -> str:
    """The order of every contraction, and its cost for one sample."""
    variation = Variation(built.module)
    found = [
        _contraction(func, op, [variation.of(name)[factor] is Varies.SAMPLE for factor in op.factors])
        for name, func in built.module.functions.items()
        for op in func.walk()
        if isinstance(op, ContractOp)
    ]
    return "\n".join(found) or "No contractions."


def _contraction(func: FuncOp, op: ContractOp, varies: list[bool]) -> str:
    plan = plan_contraction(op, varies)
    place = visible(where(op) or func.source)
    plural = "s" if len(op.factors) != 1 else ""
    head = f"{func.symbol_name}, {place}: {len(op.factors)} factor{plural}, {_how(plan)}"
    return f"{head}; {plan.operations:,} multiply-adds, largest intermediate {plan.largest:,} elements"


def _how(plan: ContractionPlan) -> str:
    if plan.sweep is not None:
        return f"one scan over {plan.sweep.chain.family.trips} turns"
    assert plan.steps is not None
    steps, slices = plan.steps.order.steps, plan.steps.slices
    shown = f"{len(steps)} step{'s' if len(steps) != 1 else ''} ({plan.steps.order.found_by})"
    return f"{shown} in each of {slices} slices" if slices > 1 else shown
