"""What a circuit computes and keeps, counted along its plan.

What came before: the `SimPlan` of a circuit. What leaves: `Load`, of one sample: operations, and the states
that reverse mode keeps for the way back. Invariant: a circuit that is called is planned once; loops count as
often as they turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hqn.compiler.ir.hqn import FuncOp
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
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Load:
    """Of one sample: operations, states that reverse mode keeps, and bytes of all shared matrices.

    Where the turns of compiled loops are computed again on the way back, `between` states are kept instead,
    one for each turn, and for the `turn` that keeps the most those within it.
    """

    operations: int = 0
    kept: int = 0
    matrices: int = 0
    between: int = 0
    turn: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(
            self.operations + other.operations,
            self.kept + other.kept,
            self.matrices + other.matrices,
            self.between + other.between,
            max(self.turn, other.turn),
        )

    def __mul__(self, times: int) -> Load:
        ops, kept, matrices = (times * count for count in (self.operations, self.kept, self.matrices))
        return Load(ops, kept, matrices, times * self.between, self.turn)

    @property
    def twice(self) -> Load:
        """On both sides of a density matrix."""
        return replace(self * 2, turn=2 * self.turn)


def _of(operations: int, kept: int = 0, matrices: int = 0) -> Load:
    return Load(operations, kept, matrices, between=kept)


class Loads:
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
                return self.loop(item, n)
            case Call(written=True):
                return _of(cost.product_operations(n))
            case Call():
                return self.called(item, n)
            case Act() | Result():
                return _of(3 << n, 1)

    def loop(self, loop: Loop, n: int) -> Load:
        one, trips = self.items(loop.items, n), loop.op.trips
        return one * trips if loop.unrolled else replace(one * trips, between=trips, turn=one.kept)

    def called(self, call: Call, n: int) -> Load:
        """Loops of a circuit that is called keep what they keep: they are not its caller's."""
        name = call.op.callee
        if name not in self.known:
            self.known[name] = simulate(self.functions[name])
        times = 1
        for mod in call.op.mods:
            times *= abs(mod.value) if mod.kind == "pow" else 1
        found = self.items(self.known[name].items, n) * times
        return _of(found.operations, found.kept, found.matrices)


def _step(step: Step, n: int) -> Load:
    """Constant steps are linear in the state: reverse mode keeps nothing of them."""
    constant = all(use.angles is None for use in step.uses)
    match step:
        case Layer():
            kept = sum(any(use.angles is not None for use in _within(step, block)) for block in step.blocks)
            return _of(operations(step, n), kept, sum(_matrix_bytes(len(block)) for block in step.blocks))
        case Dense():
            return _of(operations(step, n), int(not constant), _matrix_bytes(len(step.wires)))
        case Phase() if not constant:
            return _of(operations(step, n), 2 if any(use.varies for use in step.uses) else 1)
    return _of(operations(step, n))


def _within(step: Layer, block: tuple[int, ...]) -> list[Use]:
    return [part for use in step.uses if (part := use.within(block)) is not None]


def _matrix_bytes(wires: int) -> int:
    """A complex matrix in real form, single precision."""
    return 16 << 2 * wires
