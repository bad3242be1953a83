"""Which gradient method a circuit has, by a model of bytes and operations of every alternative.

What came before: the load of one sample, a batch, a limit of memory. What leaves: all alternatives in order,
the chosen one first. Invariant: of the alternatives that stay within their share of the memory the one with
the fewest operations is chosen; if none does, the one with the fewest bytes. The model and how it was
measured: docs/decisions/0009.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hqn.compiler import memory
from hqn.compiler.plan import cost
from hqn.compiler.plan.loads import Load

SHARE = 8
"""What a gradient keeps may take this part of the memory: other circuits and layers need some too."""
FORWARD_STATES, REVERSE_STATES, ADJOINT_STATES = memory.STATES, 2, 6
"""States that are alive at once besides those that reverse mode keeps, as compiled programs report them."""
REVERSE_PASSES, ADJOINT_PASSES = 3, 4
"""Operations in units of the forward pass: a product has two transposes; un-computing adds one product."""
REVERSE, AGAIN, ADJOINT = "reverse", "reverse, turns again", "adjoint"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a whole batch."""

    bytes: int
    operations: int


@dataclass(frozen=True, slots=True)
class Gradient:
    """One method with so many `samples` at once, and why it is chosen or not."""

    method: str
    figures: Figures
    reason: str
    samples: int
    in_portions: bool = False

    @property
    def name(self) -> str:
        return f"{self.method}, {self.samples} at once" if self.in_portions else self.method


@dataclass(frozen=True, slots=True)
class Method:
    """`states` are alive at once for a sample, `passes` are made over the circuit."""

    name: str
    states: int
    passes: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """A circuit on n wires that is differentiated: its load, a batch, and bytes of inputs and results."""

    load: Load
    n: int
    batch: int
    around: int = 0

    def methods(self, unitary: bool) -> Iterator[Method]:
        """One that is not unitary cannot be un-computed; turns are those of compiled loops."""
        load = self.load
        yield Method(REVERSE, load.kept + REVERSE_STATES, REVERSE_PASSES)
        if load.turn:
            yield Method(AGAIN, load.between + load.turn + REVERSE_STATES, REVERSE_PASSES + 1)
        if unitary:
            yield Method(ADJOINT, ADJOINT_STATES, ADJOINT_PASSES)

    def forward(self) -> Figures:
        states = FORWARD_STATES * self.batch * cost.state_bytes(self.n)
        return Figures(states + self.load.matrices, self.batch * self.load.operations)

    def whole(self, method: Method) -> Figures:
        """Every product keeps the state before it, unless it is computed again or un-computed."""
        return Figures(self.bytes_of(method, self.batch), self.operations_of(method.passes))

    def portion(self, method: Method, samples: int) -> Figures:
        """The batch in portions: one at a time, and computed once more on the way back."""
        outside = self.batch * self.around
        return Figures(self.bytes_of(method, samples) + outside, self.operations_of(method.passes + 1))

    def bytes_of(self, method: Method, samples: int) -> int:
        return method.states * samples * cost.state_bytes(self.n) + 2 * self.load.matrices

    def operations_of(self, passes: int) -> int:
        return passes * self.batch * self.load.operations

    def at_once(self, method: Method, share: int, outside: int = 0) -> int:
        """The most samples that stay within a share of the memory; one at least."""
        rest = share - 2 * self.load.matrices - outside
        return max(1, rest // (method.states * cost.state_bytes(self.n)))


def alternatives(one: Simulation, unitary: bool, circuits: int = 1) -> tuple[Gradient, ...]:
    """Every method on the whole batch and, where that is too much, in portions; the best one first.

    `circuits` share the memory; few of them leave some of it to the rest of a program.
    """
    share = memory.limit() // max(SHARE, circuits)
    found = sorted(_candidates(one, unitary, share), key=lambda candidate: _rank(candidate, share))
    best, *others = found
    rejected = (replace(other, reason=_why_not(other, best, share)) for other in others)
    return (replace(best, reason=_why(best, share)), *rejected)


def _candidates(one: Simulation, unitary: bool, share: int) -> Iterator[Gradient]:
    for method in one.methods(unitary):
        samples, whole = one.at_once(method, share), one.whole(method)
        yield Gradient(method.name, whole, "", max(samples, one.batch))
        if samples < one.batch:
            samples = one.at_once(method, share, one.batch * one.around)
            yield Gradient(method.name, one.portion(method, samples), "", samples, in_portions=True)


def _rank(one: Gradient, share: int) -> tuple[bool, int, bool, int]:
    """Of as many operations, first what takes the batch as a whole, then what takes the fewest bytes."""
    over = one.figures.bytes > share
    if over:
        return over, one.figures.bytes, one.in_portions, one.figures.operations
    return over, one.figures.operations, one.in_portions, one.figures.bytes


def _why(one: Gradient, share: int) -> str:
    if one.figures.bytes > memory.limit():
        return "the fewest bytes, and more than the limit: refused in a run"
    if one.figures.bytes > share:
        return "the fewest bytes; no method stays within its share of the memory"
    return "the fewest operations within its share of the memory"


def _why_not(one: Gradient, best: Gradient, share: int) -> str:
    if one.figures.bytes > share:
        return "more than its share of the memory"
    if one.figures.operations > best.figures.operations:
        return "more operations"
    return "as many operations, in portions" if one.in_portions and not best.in_portions else "more bytes"
