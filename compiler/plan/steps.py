"""The plan of a circuit's simulation: steps, each with its reason, and the table that shows them.

What came before: `Use`s in order. What leaves: `SimPlan`, read by the JAX emitter and printed by `hqn plan`.
Invariant: the steps of a segment, in order, are its gates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.ir.qc import ApplyOp, PostselectOp
from hqn.compiler.ir.xdsl_api import Operation
from hqn.compiler.plan import cost
from hqn.compiler.plan.gates import Use


@dataclass(slots=True)
class Product:
    """One-wire gates on |0…0>: the state is written down, not simulated."""

    uses: list[Use]
    reason: str = "one-wire gates on |0…0> give a product state: one outer product"


@dataclass(slots=True)
class Layer:
    """One-wire gates, merged per wire and applied in blocks of wires."""

    uses: list[Use]
    blocks: tuple[tuple[int, ...], ...] = ()
    reason: str = "gates of a wire merge to one 2 x 2 matrix, those of neighbours to one Kronecker block"


@dataclass(slots=True)
class Dense:
    """Gates on a few wires, multiplied to one matrix."""

    wires: tuple[int, ...]
    uses: list[Use]
    reason: str = "gates within a few wires multiply to one matrix, once per step for all samples"


@dataclass(slots=True)
class Permute:
    """Gates that move amplitudes."""

    uses: list[Use]
    reason: str = "a run of X, CX, SWAP is one permutation of the rows"


@dataclass(slots=True)
class Phase:
    """Diagonal gates."""

    uses: list[Use]
    reason: str = "diagonal gates merge to one vector of phases"


Step = Product | Layer | Dense | Permute | Phase


@dataclass(slots=True)
class Segment:
    """Gates between loops, calls and ends of blocks; at `last` all of their angles are known."""

    steps: list[Step]
    last: Operation


@dataclass(slots=True)
class Loop:
    """Turns over the register."""

    op: LoopOp
    items: list[Item]
    reason: str

    @property
    def empty(self) -> bool:
        """Whether a turn does nothing: its gates have cancelled."""
        return all(
            item.empty if isinstance(item, Loop) else isinstance(item, Segment) and not item.steps
            for item in self.items
        )

    @property
    def unrolled(self) -> bool:
        return self.op.trips < cost.UNROLLED and self.op.take is None


@dataclass(slots=True)
class Call:
    """A circuit applied to some wires."""

    op: ApplyOp
    written: bool = False
    """Whether its state is written down: amplitudes on |0…0>."""

    @property
    def reason(self) -> str:
        if self.written:
            return "amplitudes on |0…0> are written down"
        return "a circuit on some wires runs on the caller's state: wires are names, nothing is copied"


@dataclass(slots=True)
class Act:
    """A reset, a post-selection, or the step from a state to a density matrix."""

    op: Operation
    reason: str


@dataclass(slots=True)
class Result:
    """A query."""

    op: Operation
    reason: str


Item = Segment | Loop | Call | Act | Result


@dataclass(slots=True)
class SimPlan:
    """How the function `name` on `n` wires is simulated."""

    name: str
    n: int
    items: list[Item] = field(default_factory=list)

    @property
    def mixed(self) -> bool:
        """Whether a density matrix is needed: for `2 * n` wires."""
        acts = (item.op for item in _all(self.items) if isinstance(item, Act))
        return any(not isinstance(op, PostselectOp) for op in acts)

    @property
    def kind(self) -> str:
        return "density matrix" if self.mixed else "state vector"

    @property
    def wires(self) -> int:
        """Binary axes of the state."""
        return 2 * self.n if self.mixed else self.n

    @property
    def written(self) -> frozenset[Operation]:
        """Calls whose state is written down."""
        return frozenset(item.op for item in self.items if isinstance(item, Call) and item.written)

    def segments(self) -> dict[Operation, Segment]:
        """Every segment, loops included, by the operation it ends with."""
        return {segment.last: segment for segment in segments(self.items)}

    def rows(self) -> list[tuple[str, str, str]]:
        """Step, operations per sample, reason."""
        return list(_rows(self.items, self.n, 0))

    def __str__(self) -> str:
        table = [("step", "operations", "reason"), *self.rows()]
        wide = [max(len(row[column]) for row in table) for column in (0, 1)]
        lines = [f"{a:<{wide[0]}}  {b:>{wide[1]}}  {c}".rstrip() for a, b, c in table]
        size = shown_bytes(cost.state_bytes(self.wires))
        head = f"{self.name}: {self.kind} of {self.n} qubits, {size} per sample"
        return "\n".join([head, *lines])


def _all(items: list[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, Loop):
            yield from _all(item.items)


def segments(items: list[Item]) -> Iterator[Segment]:
    """The segments among some items, loops included."""
    return (item for item in _all(items) if isinstance(item, Segment))


def _rows(items: list[Item], n: int, depth: int) -> Iterator[tuple[str, str, str]]:
    pad = "  " * depth
    for item in items:
        match item:
            case Segment():
                for step in item.steps:
                    yield pad + _shown(step), shown_count(operations(step, n)), step.reason
            case Loop():
                kind = "written out" if item.unrolled else "scan"
                yield f"{pad}repeat {item.op.trips} ({kind})", "", item.reason
                yield from _rows(item.items, n, depth + 1)
            case Call():
                yield f"{pad}call {item.op.callee} on {_wires(item.op.wires)}", "", item.reason
            case Act():
                yield pad + item.op.name.removeprefix("qc."), "", item.reason
            case Result():
                yield pad + item.op.name.removeprefix("qc."), shown_count(3 << n), item.reason


def operations(step: Step, n: int) -> int:
    """Floating-point operations of a step for one sample."""
    match step:
        case Product():
            return cost.product_operations(n)
        case Layer():
            return sum(cost.dense_operations(n, len(block)) for block in step.blocks)
        case Dense():
            return cost.dense_operations(n, len(step.wires))
        case Phase():
            return cost.phase_operations(n)
        case Permute():
            return 0


def _shown(step: Step) -> str:
    names = " ".join(dict.fromkeys(use.name for use in step.uses))
    match step:
        case Layer():
            return f"blocks of {'+'.join(str(len(block)) for block in step.blocks)}: {names}"
        case Dense():
            return f"block on {_wires(step.wires)}: {names}"
        case Phase():
            return f"phase{' per sample' if any(use.varies for use in step.uses) else ''}: {names}"
    return f"{type(step).__name__.lower()}: {names}"


def _wires(wires: tuple[int, ...]) -> str:
    if len(wires) > 2 and wires == tuple(range(wires[0], wires[0] + len(wires))):
        return f"{wires[0]}..{wires[-1] + 1}"
    return ",".join(map(str, wires))


_COUNTS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))
_BYTES = tuple((1 << 10 * power, f"{prefix}iB") for power, prefix in zip(range(6, 0, -1), "EPTGMK"))


def shown_count(number: int) -> str:
    """`45.6M`."""
    for unit, name in _COUNTS:
        if number >= unit:
            return f"{number / unit:.1f}{name}"
    return str(number)


def shown_bytes(number: int) -> str:
    """`12.5 MiB`."""
    for unit, name in _BYTES:
        if number >= unit:
            return f"{number / unit:.4g} {name}"
    return f"{number} bytes"
