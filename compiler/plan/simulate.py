"""How a circuit is simulated: gates become layers, layers become a few kernels.

What came before: a circuit's `hqn.func`, gates threaded on one register. What leaves: a `SimPlan`. A gate
joins the last step that touches its wires where the step can take it, and moves past steps on other wires;
so one-wire gates merge into layers, moving gates into permutations, diagonal gates into phases. Invariant:
gates on a common wire keep their order unless both are diagonal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from hqn.compiler.ir import analysis
from hqn.compiler.ir.amplitudes import writes_amplitudes
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.qc import (
    QUERIES,
    AllocOp,
    ApplyOp,
    GateOp,
    MixedOp,
    PostselectOp,
    RegType,
    ResetOp,
    wire_count,
)
from hqn.compiler.ir.xdsl_api import Block, ModuleOp, Operation
from hqn.compiler.plan import cost
from hqn.compiler.plan.gates import Use, Varies, can_diagonalise, diagonalised, uses
from hqn.compiler.plan.steps import (
    Act,
    Call,
    Dense,
    Item,
    Layer,
    Loop,
    Permute,
    Phase,
    Product,
    Result,
    Segment,
    SimPlan,
    Step,
)  # fmt: skip

Fits = Callable[[Step], bool]


def simulate(func: FuncOp, varies: Varies | None = None) -> SimPlan:
    """The plan of a circuit function; `varies` says which values differ between samples.

    Where it is None, the calls in the module say it; of a function without any, all arguments do.
    """
    n = _register_size(func)
    plan = SimPlan(func.symbol_name, n)
    sites = func.execution is not None and func.execution.runs_again
    plan.items = _Planner(n, varies or _per_sample(func), sites).block(func.block)
    return plan


def _register_size(func: FuncOp) -> int:
    for arg in func.args:
        if isinstance(arg.type, RegType):
            return wire_count(arg)
    return next((wire_count(op.result) for op in func.block.ops if isinstance(op, AllocOp)), 0)


def _per_sample(func: FuncOp) -> Varies:
    """Which values of a function differ between samples, its arguments being those of the module's calls."""
    module = func.parent_op()
    assert isinstance(module, ModuleOp)
    table = analysis.Variation(Module(module)).in_calls(func.symbol_name)
    return lambda value: table[value] is analysis.Varies.SAMPLE


def carries_register(op: Operation) -> bool:
    """Whether an operation is a loop of a circuit."""
    return isinstance(op, LoopOp) and any(isinstance(value.type, RegType) for value in op.initial)


class _Planner:
    def __init__(self, n: int, varies: Varies, sites: bool = False) -> None:
        self.n = n
        self.varies = varies
        self.sites = sites

    def block(self, block: Block) -> list[Item]:
        """The items of one block, in order."""
        items: list[Item] = []
        steps: list[Step] = []
        last: Operation | None = None
        for op in block.ops:
            if isinstance(op, AllocOp):
                steps, last = [Product([])], op
            elif isinstance(op, ApplyOp) and isinstance(last, AllocOp) and self._is_amplitudes(op):
                items.append(Call(op, written=True))
                steps, last = [], None
            elif isinstance(op, GateOp):
                last = op
                for use in uses(op, self.varies, self.sites):
                    self._place(steps, use)
            elif (item := self._other(op)) is not None:
                items += self._closed(steps, last)
                items.append(item)
                steps, last = [], None
        return [*items, *self._closed(steps, last)]

    def _is_amplitudes(self, op: ApplyOp) -> bool:
        """Whether a call is the library's amplitude encoding, of which only the state matters here."""
        func = op.parent_op()
        module = func.parent_op() if func is not None else None
        if self.sites or not isinstance(module, ModuleOp):
            return False
        return writes_amplitudes(op, Module(module).functions[op.callee])

    def _other(self, op: Operation) -> Item | None:
        if carries_register(op):
            assert isinstance(op, LoopOp)
            return Loop(op, self.block(op.block), _why_so(op))
        if isinstance(op, ApplyOp):
            return Call(op)
        if isinstance(op, (MixedOp, ResetOp, PostselectOp)):
            return Act(op, _ACTS[op.name])
        if isinstance(op, QUERIES):
            return Result(op, _RESULTS[op.name])
        return None

    def _closed(self, steps: list[Step], last: Operation | None) -> list[Item]:
        if last is None:
            return []
        return [Segment([self._blocked(step) for step in _absorbed(steps)], last)]

    def _blocked(self, step: Step) -> Step:
        """A layer cut into blocks; a matrix of nothing but moves is a permutation."""
        if isinstance(step, Layer):
            touched = sorted(frozenset[int]().union(*(use.touched for use in step.uses)))
            return replace(step, blocks=cost.split(touched, self.n))
        if isinstance(step, Dense) and all(use.is_move for use in step.uses):
            return Permute(step.uses)
        if isinstance(step, Dense) and all(use.is_diagonal for use in step.uses):
            return Phase(step.uses)
        return step

    # --- where a gate goes ---

    def _place(self, steps: list[Step], use: Use) -> None:
        start = steps[0] if steps and isinstance(steps[0], Product) else None
        if start is not None and use.is_local and not _later(steps[1:], use):
            start.uses.append(use)
        elif use.varies and can_diagonalise(use) and not use.is_diagonal:
            for part in diagonalised(use):
                self._place(steps, part)
        elif use.varies:
            (self._phase if use.is_diagonal else self._alone)(steps, use)
        elif self.n <= cost.FULL:
            self._whole(steps, use)
        elif use.is_diagonal:
            self._phase(steps, use)
        elif use.is_local:
            self._local(steps, use)
        elif use.is_move:
            self._join(steps, use, lambda step: isinstance(step, Permute), lambda: Permute([]))
        else:
            for place in range(len(use.wires)):
                self._dense(steps, use.picked([place]))

    def _whole(self, steps: list[Step], use: Use) -> None:
        """On few wires one matrix takes everything that all samples share."""
        everything = tuple(range(self.n))
        self._join(steps, use, lambda step: isinstance(step, Dense), lambda: Dense(everything, [], _FULL))

    def _alone(self, steps: list[Step], use: Use) -> None:
        steps.append(Dense(tuple(sorted(use.touched)), [use], _ALONE))

    def _phase(self, steps: list[Step], use: Use) -> None:
        def fits(step: Step) -> bool:
            if use.varies:
                return isinstance(step, Phase)
            inside = isinstance(step, Dense) and use.touched <= set(step.wires)
            return isinstance(step, Phase) or inside or (isinstance(step, Layer) and use.is_local)

        self._join(steps, use, fits, lambda: Phase([]))

    def _local(self, steps: list[Step], use: Use) -> None:
        last = _last_touching(steps, use)
        if last is not None and isinstance(steps[last], Phase) and _shared_local(steps[last]):
            steps[last] = Layer(steps[last].uses)

        def fits(step: Step) -> bool:
            if isinstance(step, Permute):
                return use.is_move
            return isinstance(step, Layer) or (isinstance(step, Dense) and use.touched <= set(step.wires))

        self._join(steps, use, fits, lambda: Layer([]))

    def _dense(self, steps: list[Step], use: Use) -> None:
        widest = cost.width(self.n)

        def fits(step: Step) -> bool:
            return isinstance(step, Dense) and len(use.touched | set(step.wires)) <= widest

        self._join(steps, use, fits, lambda: Dense((), []))

    def _join(self, steps: list[Step], use: Use, fits: Fits, new: Callable[[], Step]) -> None:
        """Add `use` to the latest step that takes it, with nothing on its wires after; else to a new one."""
        for step in reversed(steps):
            if fits(step):
                break
            if _meets(step, use):
                step = new()
                steps.append(step)
                break
        else:
            step = new()
            steps.append(step)
        step.uses.append(use)
        if isinstance(step, Dense):
            step.wires = tuple(sorted({*step.wires, *use.touched}))


def _why_so(op: LoopOp) -> str:
    if op.take is not None:
        return "the number of turns is known at run time only"
    return _FEW if op.trips < cost.UNROLLED else _MANY


_FEW = f"fewer than {cost.UNROLLED} turns: a compiled loop would cost more per turn"
_MANY = f"{cost.UNROLLED} turns or more are compiled once"
_ALONE = "differs between samples and has no diagonal form"
_FULL = f"up to {cost.FULL} wires, one matrix takes gates, permutations and phases together"
_ACTS = {
    "qc.mixed": "no fresh wire can stand for the resets behind: a density matrix, a state of 2 n wires",
    "qc.reset": "the wire is traced out and set to |0>",
    "qc.postselect": "the other outcomes are set to 0, then the state is normalised",
}
_RESULTS = {
    "qc.expect": "words are signs of the probabilities, after one change of basis per group of words",
    "qc.expect_matrix": "the matrix acts on its wires alone, then one inner product",
    "qc.fidelity": "one overlap with the vector, summed over the other wires",
    "qc.probs": "squares of amplitudes, summed over the other wires",
    "qc.reduced": "one product of the state with itself, summed over the other wires",
    "qc.sample": "outcomes by the inverse of the distribution function",
    "qc.state": "the amplitudes themselves",
}


def _meets(step: Step, use: Use) -> bool:
    return any(not other.touched.isdisjoint(use.touched) for other in step.uses)


def _later(steps: Iterable[Step], use: Use) -> bool:
    return any(_meets(step, use) for step in steps)


def _last_touching(steps: list[Step], use: Use) -> int | None:
    return next((i for i in range(len(steps) - 1, -1, -1) if _meets(steps[i], use)), None)


def _shared_local(step: Step) -> bool:
    return all(use.is_local and not use.varies for use in step.uses)


def _absorbed(steps: list[Step]) -> list[Step]:
    """Layers whose every wire is next touched by a block become the first gates of those blocks."""
    kept: list[Step] = []
    for place, step in enumerate(steps):
        targets = _next_blocks(step, steps[place + 1 :]) if isinstance(step, Layer) else None
        if targets is None:
            kept.append(step)
            continue
        for block in targets:
            mine = [use.within(block.wires) for use in step.uses]
            block.uses[:0] = [use for use in mine if use is not None]
            block.reason = "gates within a few wires multiply to one matrix, the layer before them included"
    return kept


def _next_blocks(layer: Layer, later: list[Step]) -> list[Dense] | None:
    """The blocks that next touch a layer's wires, if blocks of shared gates do so for each of them."""
    found: list[Dense] = []
    for wire in sorted(frozenset[int]().union(*(use.touched for use in layer.uses))):
        after = next((step for step in later if wire in _touched(step)), None)
        if not isinstance(after, Dense) or any(use.varies for use in after.uses):
            return None
        if after not in found:
            found.append(after)
    return found


def _touched(step: Step) -> frozenset[int]:
    return frozenset[int]().union(*(use.touched for use in step.uses))
