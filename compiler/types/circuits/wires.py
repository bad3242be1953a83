"""Qubits as numbers: which wires an operand names, and whether two operands share one.

What came before: registers with a first wire, and indices that are already sizes. What leaves: `Qubits`, an
arithmetic progression of wires. Invariant: in an instance every number is an int; in a definition it may be
a polynomial, and then only what holds for all sizes is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from hqn.compiler.source import Span
from hqn.compiler.types import sizes
from hqn.compiler.types.sizes import Dim, Symbol

Ends = tuple[Dim, Dim]
"""The first and the last value of a loop's variable."""


@dataclass(frozen=True, slots=True)
class Qubits:
    """Wires `start, start + step, …`, `count` of them; a single qubit where `count` is None.

    `name` is the register's; `declared` where it comes from.
    """

    name: str
    start: Dim
    count: Dim | None
    step: Dim = 1
    declared: Span | None = field(default=None, compare=False, repr=False)

    @property
    def length(self) -> Dim:
        return 1 if self.count is None else self.count

    def at(self, index: Dim) -> Qubits:
        """The single qubit at an index that is not negative."""
        start = sizes.add(self.start, sizes.mul(self.step, index))
        return Qubits(self.name, start, None, declared=self.declared)

    def part(self, first: Dim, count: Dim, step: Dim) -> Qubits:
        """Every `step`-th of the qubits from `first` on."""
        return replace(self.at(first), step=sizes.mul(self.step, step), count=count)

    def wires(self) -> tuple[int, ...]:
        """The numbers, in an instance."""
        start, step, length = self.start, self.step, self.length
        assert isinstance(start, int) and isinstance(step, int) and isinstance(length, int)
        if length == 1:
            return (start,)
        return tuple(range(start, start + step * length, step))


def is_concrete(qubits: Qubits) -> bool:
    return isinstance(qubits.start, int) and isinstance(qubits.step, int) and isinstance(qubits.length, int)


def shared(a: Qubits, b: Qubits) -> int | str | None:
    """A wire that two operands share, as a number or in symbols; None where none is known."""
    if is_concrete(a) and is_concrete(b):
        return min(set(a.wires()) & set(b.wires()), default=None)
    same_start = sizes.equal(a.start, b.start) is True
    return str(a.start) if same_start and _has_some(a) and _has_some(b) else None


def _has_some(qubits: Qubits) -> bool:
    return not isinstance(qubits.length, int) or qubits.length > 0


def number_in_slice(first: Dim, stop: Dim, step: Dim) -> Dim:
    """How many numbers `first..stop step step` has, where stop is not before first."""
    return sizes.floordiv(sizes.add(sizes.sub(stop, first), sizes.sub(step, 1)), step)


def extreme(dim: Dim, ends: dict[Symbol, Ends], largest: bool) -> Dim:
    """The largest (smallest) value over the loops' turns of a size that is affine in their variables.

    `ends` lists the loops outermost first: the ends of an inner loop may depend on an outer variable.
    A variable in another place of the size is left as it is; then nothing is known and nothing is said.
    """
    for variable in reversed(ends):
        if variable not in sizes.symbols(dim):
            continue
        coefficient = dim.by_monomial.get(((variable, 1),), 0) if not isinstance(dim, int) else 0
        rest = sizes.sub(dim, sizes.mul(coefficient, sizes.of_atom(variable)))
        if not coefficient or variable in sizes.symbols(rest):
            continue
        first, last = ends[variable]
        value = last if (coefficient > 0) == largest else first
        dim = sizes.add(rest, sizes.mul(coefficient, value))
    return dim


def leaves(index: Dim, size: Dim, ends: dict[Symbol, Ends]) -> bool:
    """Whether an index is sure to be negative, or not below `size`, in some turn of the loops around it."""
    if isinstance(index, int) and isinstance(size, int):
        return not 0 <= index < size
    lowest = extreme(index, ends, largest=False)
    room = extreme(sizes.sub(size, index), ends, largest=False)
    return (isinstance(lowest, int) and lowest < 0) or (isinstance(room, int) and room <= 0)


def shared_pair(qubits: Sequence[Qubits]) -> tuple[int, int] | None:
    """The places of the first two operands, in order, that have a qubit in common."""
    pairs = ((first, second) for second in range(len(qubits)) for first in range(second))
    return next((pair for pair in pairs if shared(qubits[pair[0]], qubits[pair[1]]) is not None), None)


def total_length(qubits: Iterable[Qubits]) -> Dim:
    """How many qubits the operands have together."""
    total: Dim = 0
    for one in qubits:
        total = sizes.add(total, one.length)
    return total
