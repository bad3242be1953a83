"""What the simulation of a circuit takes, and how it is differentiated.

What came before: a circuit function with its `SimPlan`, and a batch. What leaves: `Execution`: the forward
pass and all gradients, the chosen one first. Invariant: what an execution profile says comes first; else the
choice is that of `plan.gradients`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod

from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.qc import ApplyOp, MixedOp, RegType
from hqn.compiler.ir.qc_measure import NOT_UNITARY, PostselectOp, ResetOp
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.xdsl_api import ModuleOp, TensorType
from hqn.compiler.plan import cost
from hqn.compiler.plan.demand import NO_DEMAND, Demand
from hqn.compiler.plan.gradients import ADJOINT, AGAIN, Figures, Gradient, Simulation, alternatives
from hqn.compiler.plan.loads import Load, Loads
from hqn.compiler.plan.simulate import simulate
from hqn.compiler.plan.steps import Act, SimPlan

SAID = "the profile says otherwise"
_OBSTACLES: dict[type, str] = {ResetOp: "a reset", PostselectOp: "a post-selection"}


@dataclass(frozen=True, slots=True)
class Execution:
    batch: int
    forward: Figures
    gradients: tuple[Gradient, ...]
    state: str = "a state"
    mixed: bool = False
    one_sample: int = 0
    """Bytes of the forward pass of one sample."""
    obstacle: str | None = None
    """What the adjoint method cannot undo."""

    @property
    def adjoint(self) -> bool:
        return self.gradients[0].method == ADJOINT

    @property
    def again(self) -> bool:
        """Whether the turns of compiled loops are computed again on the way back."""
        return self.gradients[0].method == AGAIN

    @property
    def at_once(self) -> int:
        """The most samples that the chosen method takes at once."""
        return self.gradients[0].samples


def execution(func: FuncOp, plan: SimPlan | None = None, demand: Demand = NO_DEMAND) -> Execution:
    """What a circuit function takes, with the method that is chosen, for what runs demand of it."""
    plan, batch = plan or simulate(func), demand.batch
    given = any(not isinstance(arg.type, RegType) for arg in func.args)
    if batch is None or not given:
        batch = cost.BATCH if given else 1
    functions = _functions(func)
    load, wires = _load(plan, functions), plan.wires
    obstacle = _obstacle(func, functions) or ("a density matrix" if plan.mixed else None)
    found = choose(load, wires, batch, obstacle is None, _around(func), demand.circuits)
    state = f"a {plan.kind} of {plan.n} qubits"
    found = replace(found, state=state, mixed=plan.mixed, obstacle=obstacle)
    said = func.execution
    return found if said is None or said.gradient == "auto" else _as_said(found, said.gradient)


def _load(plan: SimPlan, functions: Mapping[str, FuncOp]) -> Load:
    """The load of one sample; up to the step to a density matrix, gates act on a state of half the wires."""
    loads, items = Loads(functions), plan.items
    if not plan.mixed:
        return loads.items(items, plan.n)
    kinds = [isinstance(item, Act) and isinstance(item.op, MixedOp) for item in items]
    first = kinds.index(True) if True in kinds else 0
    before = loads.items(items[:first], plan.n)
    return Load(before.operations, matrices=before.matrices) + loads.items(items[first:], plan.wires).twice


def choose(load: Load, n: int, batch: int, unitary: bool, around: int = 0, circuits: int = 1) -> Execution:
    """The alternatives of a circuit on n wires in order; `around` are bytes of its inputs and results."""
    one = Simulation(load, n, batch, around)
    alone = Simulation(load, n, 1).forward().bytes
    return Execution(batch, one.forward(), alternatives(one, unitary, circuits), one_sample=alone)


def _around(func: FuncOp) -> int:
    types = [*(arg.type for arg in func.args), *func.returns]
    return sum(prod(shape(one)) * dtype(one).bytes for one in types if isinstance(one, TensorType))


def _as_said(found: Execution, method: str) -> Execution:
    """What an execution profile says comes first; reverse mode where a circuit cannot be un-computed."""
    same = [one for one in found.gradients if one.method == method]
    if method == ADJOINT and not same:
        why = f"the profile says {ADJOINT}, which cannot undo {found.obstacle}"
        return replace(found, gradients=(replace(found.gradients[0], reason=why), *found.gradients[1:]))
    if same:
        chosen = replace(same[0], reason="the profile says so")
    else:
        why, samples = "the profile says so; figures of one evaluation", found.gradients[0].samples
        chosen = Gradient(method, found.forward, why, samples)
    others = [replace(one, reason=SAID) for one in found.gradients if one not in same[:1]]
    return replace(found, gradients=(chosen, *others))


def _functions(func: FuncOp) -> Mapping[str, FuncOp]:
    module = func.parent_op()
    assert isinstance(module, ModuleOp)
    return Module(module).functions


def _obstacle(func: FuncOp, functions: Mapping[str, FuncOp]) -> str | None:
    """The first step of a circuit, or of those it calls, that cannot be undone."""
    for op in func.walk():
        if isinstance(op, NOT_UNITARY):
            return _OBSTACLES.get(type(op), "a measurement")
        if isinstance(op, LoopOp) and op.take is not None:
            return "a loop that stops early"
        if isinstance(op, ApplyOp) and (found := _obstacle(functions[op.callee], functions)):
            return found
    return None
