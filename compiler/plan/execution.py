"""Which gradient method a circuit has: what each takes, by a model of bytes and operations.

What came before: the `SimPlan` of a circuit, a batch, a limit of memory. What leaves: `Execution`: the
forward pass and all alternatives, the chosen one first. Invariant: of the alternatives that stay within
their share of the memory the one with the fewest operations is chosen; if none does, the one with the
fewest bytes. The model and how it was measured: docs/decisions/0009.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hqn.compiler import memory
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.qc import ApplyOp, RegType
from hqn.compiler.ir.qc_measure import NOT_UNITARY
from hqn.compiler.ir.xdsl_api import ModuleOp
from hqn.compiler.plan import cost
from hqn.compiler.plan.gates import Use
from hqn.compiler.plan.simulate import simulate
from hqn.compiler.plan.steps import (
    Act,
    Call,
    Dense,
    Item,
    Layer,
    Loop,
    Phase,
    Result,
    Segment,
    SimPlan,
    Step,
    operations,
)

BATCH = 32
"""Samples that a circuit with arguments is planned for where nothing says how many."""
SHARE = 8
"""What reverse mode keeps may take this part of the memory: other circuits and layers need some too."""
FORWARD_STATES, REVERSE_STATES, ADJOINT_STATES = memory.STATES, 2, 6
"""States that are alive at once besides those that reverse mode keeps, as compiled programs report them."""
REVERSE_PASSES, ADJOINT_PASSES = 3, 4
"""Operations in units of the forward pass: a product has two transposes; un-computing adds one product."""


SAID = "the profile says otherwise"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a whole batch."""

    bytes: int
    operations: int


@dataclass(frozen=True, slots=True)
class Gradient:
    """One method and why it is chosen or not."""

    method: str
    figures: Figures
    reason: str


@dataclass(frozen=True, slots=True)
class Execution:
    batch: int
    forward: Figures
    gradients: tuple[Gradient, ...]

    @property
    def adjoint(self) -> bool:
        return self.gradients[0].method == "adjoint"


@dataclass(frozen=True, slots=True)
class Load:
    """Of one sample: operations, states that reverse mode keeps, and bytes of all shared matrices."""

    operations: int = 0
    kept: int = 0
    matrices: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(
            self.operations + other.operations, self.kept + other.kept, self.matrices + other.matrices
        )

    def __mul__(self, times: int) -> Load:
        return Load(times * self.operations, times * self.kept, times * self.matrices)


def execution(func: FuncOp, plan: SimPlan | None = None, batch: int | None = None) -> Execution:
    """What a circuit function takes, with the method that is chosen; `batch` None is assumed."""
    plan = plan or simulate(func)
    if batch is None:
        batch = BATCH if any(not isinstance(arg.type, RegType) for arg in func.args) else 1
    functions, loads = _functions(func), _Loads(_functions(func))
    if plan.mixed:
        found = choose(loads.items(plan.items, 2 * plan.n) * 2, 2 * plan.n, batch, False)
    else:
        found = choose(loads.items(plan.items, plan.n), plan.n, batch, _is_unitary(func, functions))
    said = func.execution
    return found if said is None or said.gradient == "auto" else _as_said(found, said.gradient)


def _as_said(found: Execution, method: str) -> Execution:
    """What an execution profile says comes first; reverse mode where a circuit cannot be un-computed."""
    known = {one.method: one.figures for one in found.gradients}
    if method == "adjoint" and method not in known:
        return found
    why = "the profile says so" if method in known else "the profile says so; figures of one evaluation"
    others = [Gradient(name, figures, SAID) for name, figures in known.items() if name != method]
    chosen = Gradient(method, known.get(method, found.forward), why)
    return replace(found, gradients=(chosen, *others))


def _functions(func: FuncOp) -> Mapping[str, FuncOp]:
    module = func.parent_op()
    assert isinstance(module, ModuleOp)
    return Module(module).functions


def _is_unitary(func: FuncOp, functions: Mapping[str, FuncOp]) -> bool:
    """Whether all steps of a circuit and of those it calls can be undone."""
    return not any(
        isinstance(op, NOT_UNITARY)
        or (isinstance(op, LoopOp) and op.take is not None)
        or (isinstance(op, ApplyOp) and not _is_unitary(functions[op.callee], functions))
        for op in func.walk()
    )


def choose(load: Load, n: int, batch: int, unitary: bool) -> Execution:
    """The alternatives of a circuit on n wires in order; one that is not unitary cannot be un-computed."""
    figures = {"reverse": predicted_reverse(load, n, batch), "adjoint": predicted_adjoint(load, n, batch)}
    if not unitary:
        del figures["adjoint"]
    share = memory.limit() // SHARE
    best, *others = sorted(figures, key=lambda name: _cost(figures[name], share))
    gradients = [Gradient(best, figures[best], _why(figures[best], share))]
    gradients += [Gradient(name, figures[name], _why_not(figures[name], share)) for name in others]
    return Execution(batch, predicted_forward(load, n, batch), tuple(gradients))


def _cost(figures: Figures, share: int) -> tuple[bool, int]:
    over = figures.bytes > share
    return over, figures.bytes if over else figures.operations


def _why(figures: Figures, share: int) -> str:
    if figures.bytes > share:
        return "the fewest bytes; no method stays within its share of the memory"
    return "the fewest operations within its share of the memory"


def _why_not(figures: Figures, share: int) -> str:
    return "more than its share of the memory" if figures.bytes > share else "more operations"


# --- the model ----------------------------------------------------------------------------------------


def predicted_forward(load: Load, n: int, batch: int) -> Figures:
    states = FORWARD_STATES * batch * cost.state_bytes(n)
    return Figures(states + load.matrices, batch * load.operations)


def predicted_reverse(load: Load, n: int, batch: int) -> Figures:
    """Every product keeps the state before it."""
    states = (load.kept + REVERSE_STATES) * batch * cost.state_bytes(n)
    return Figures(states + 2 * load.matrices, REVERSE_PASSES * batch * load.operations)


def predicted_adjoint(load: Load, n: int, batch: int) -> Figures:
    """The state and its cotangent, and what one product of each needs, whatever the depth."""
    states = ADJOINT_STATES * batch * cost.state_bytes(n)
    return Figures(states + 2 * load.matrices, ADJOINT_PASSES * batch * load.operations)


class _Loads:
    """Loads of items; a circuit that is called is planned once."""

    def __init__(self, functions: Mapping[str, FuncOp]) -> None:
        self.functions = functions
        self.known: dict[str, SimPlan] = {}

    def items(self, items: list[Item], n: int) -> Load:
        return sum((self.item(item, n) for item in items), Load())

    def item(self, item: Item, n: int) -> Load:
        match item:
            case Segment():
                return sum((_step(step, n) for step in item.steps), Load())
            case Loop():
                return self.items(item.items, n) * item.op.trips
            case Call(written=True):
                return Load(cost.product_operations(n))
            case Call():
                return self.called(item, n)
            case Act() | Result():
                return Load(3 << n, 1)

    def called(self, call: Call, n: int) -> Load:
        name = call.op.callee
        if name not in self.known:
            self.known[name] = simulate(self.functions[name])
        times = 1
        for mod in call.op.mods:
            times *= abs(mod.value) if mod.kind == "pow" else 1
        return self.items(self.known[name].items, n) * times


def _step(step: Step, n: int) -> Load:
    """Constant steps are linear in the state: reverse mode keeps nothing of them."""
    constant = all(use.angles is None for use in step.uses)
    match step:
        case Layer():
            kept = sum(any(use.angles is not None for use in _within(step, block)) for block in step.blocks)
            return Load(operations(step, n), kept, sum(_matrix_bytes(len(block)) for block in step.blocks))
        case Dense():
            return Load(operations(step, n), int(not constant), _matrix_bytes(len(step.wires)))
        case Phase() if not constant:
            return Load(operations(step, n), 2 if any(use.varies for use in step.uses) else 1)
    return Load(operations(step, n))


def _within(step: Layer, block: tuple[int, ...]) -> list[Use]:
    return [part for use in step.uses if (part := use.within(block)) is not None]


def _matrix_bytes(wires: int) -> int:
    """A complex matrix in real form, single precision."""
    return 16 << 2 * wires
