"""Plans as text, for `hqn plan`.

What came before: `Built`. What leaves: tables for a person. Invariant: what is printed here is what the
JAX emitter follows, because both ask the same planners.
"""

from __future__ import annotations

from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.ir.analysis import Variation, Varies
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.location import where
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.tn import ContractOp
from hqn.compiler.plan.contraction import ContractionPlan, plan_contraction
from hqn.compiler.plan.measurement import without_measurement
from hqn.compiler.plan.simulate import simulate


def execution_text(built: Built) -> str:
    """How every circuit is simulated."""
    built = without_measurement(built)
    circuits = [func for func in built.module.functions.values() if func.kind == "circuit"]
    return "\n\n".join(_circuit(func) for func in circuits) or "No circuits."


def _circuit(func: FuncOp) -> str:
    return f"{func.definition} ({func.symbol_name}), {visible(func.source)}\n{simulate(func)}"


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
