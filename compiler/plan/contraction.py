"""The plan of a contraction: views, then literal pairwise steps, or a scan along a chain.

What came before: one `tn.contract`, and which of its factors vary with the sample. What leaves: a
`ContractionPlan` that the JAX emitter prints as code and `hqn plan --contractions` as a table.
Invariant: the plan depends on the operation alone, so the same file always gives the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from hqn.compiler.ir.tensors import dtype
from hqn.compiler.ir.tn import ContractOp
from hqn.compiler.plan.chain import Chain, find_chain
from hqn.compiler.plan.order import Order, order
from hqn.compiler.plan.slicing import slice_to, without
from hqn.compiler.plan.views import View, view

CARRY = -1
"""The operand of a turn or a tail that is the state of the scan, not a factor."""


@dataclass(frozen=True, slots=True)
class Network:
    """Factors (numbers of the operation's factors, or `CARRY`), their indices, and the order they meet in.

    Where `fixed` names summed indices, all of this is one slice: those have one value each, and the slices of
    all values are added.
    """

    operands: tuple[int, ...]
    indices: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    order: Order
    fixed: tuple[int, ...] = ()
    slices: int = 1


@dataclass(frozen=True, slots=True)
class Sweep:
    """A chain as a scan: `head` is the first turn with what closes its left end, `turn` any later turn
    (as the second reads it), `tail` joins the last state with everything else."""

    chain: Chain
    head: Network
    turn: Network
    tail: Network


@dataclass(frozen=True, slots=True)
class ContractionPlan:
    """`views` of all factors; then either `steps` or `sweep`."""

    views: tuple[View, ...]
    steps: Network | None
    sweep: Sweep | None

    @property
    def largest(self) -> int:
        """Elements of the largest intermediate of one sample."""
        return max(network.order.largest for network in self.networks)

    @property
    def operations(self) -> int:
        """Multiply-adds of one sample."""
        if self.sweep is None:
            return sum(network.slices * network.order.operations for network in self.networks)
        head, turn, tail = self.networks
        turns = self.sweep.chain.family.trips - 1
        return head.order.operations + turns * turn.order.operations + tail.order.operations

    @property
    def networks(self) -> tuple[Network, ...]:
        if self.sweep is None:
            assert self.steps is not None
            return (self.steps,)
        return self.sweep.head, self.sweep.turn, self.sweep.tail


def plan_contraction(op: ContractOp, varies: Sequence[bool]) -> ContractionPlan:
    """The plan of `op`; `varies[i]` says whether factor i differs from sample to sample.

    Where the statement limits memory, no intermediate of one sample takes more: a chain that would is not
    scanned, and a contraction that would is summed slice by slice.
    """
    views = tuple(view(term, op.index_sizes) for term in op.terms())
    planner = _Planner(op, tuple(v.indices for v in views), tuple(varies))
    chain = find_chain(op)
    if chain is not None:
        plan = ContractionPlan(views, None, planner.sweep(chain))
        if planner.fits(plan.largest):
            return plan
    return ContractionPlan(views, planner.whole(), None)


@dataclass(frozen=True, slots=True)
class _Planner:
    op: ContractOp
    indices: tuple[tuple[int, ...], ...]
    varies: tuple[bool, ...]

    @property
    def limit(self) -> int | None:
        """Elements of an intermediate of one sample."""
        return None if self.op.memory is None else self.op.memory // dtype(self.op.result).bytes

    def fits(self, elements: int) -> bool:
        return self.limit is None or elements <= self.limit

    def whole(self) -> Network:
        """All factors, in slices where the limit asks for them."""
        network = self.network(range(len(self.indices)), self.op.output)
        if self.fits(network.order.largest):
            return network
        assert self.limit is not None
        sizes, output = dict(enumerate(self.op.index_sizes)), tuple(self.op.output)

        fixed, cut = slice_to(self.indices, output, sizes, network.order, self.limit)
        slices = prod(sizes[index] for index in fixed)
        return Network(network.operands, without(self.indices, fixed), output, cut, fixed, slices)

    def network(
        self,
        factors: Sequence[int],
        output: Sequence[int],
        carry: tuple[int, ...] = (),
        carry_varies: bool = False,
    ) -> Network:
        """The network of some factors; `carry` are the indices of the operand `CARRY`."""
        indices = tuple(carry if number == CARRY else self.indices[number] for number in factors)
        varies = [carry_varies if number == CARRY else self.varies[number] for number in factors]
        sizes = dict(enumerate(self.op.index_sizes))
        return Network(tuple(factors), indices, tuple(output), order(indices, tuple(output), sizes, varies))

    def sweep(self, chain: Chain) -> Sweep:
        first, last = chain.links[0], chain.links[-1]
        outer = [number for number in range(len(self.indices)) if number not in chain.members]
        left = [number for number in outer if first in self.indices[number]]
        closed = first not in self.op.output and all(last not in self.indices[number] for number in left)
        head = [*(left if closed else []), *chain.turn(0)]
        tail = [number for number in outer if number not in head]
        open_ = self._open(head, tail, chain)
        moves = any(self.varies[number] for number in (*head, *chain.turn(1)))
        return Sweep(
            chain,
            self.network(head, (*open_, chain.links[1])),
            self.network([CARRY, *chain.turn(1)], (*open_, chain.links[2]), (*open_, chain.links[1]), moves),
            self.network([CARRY, *tail], self.op.output, (*open_, last), moves),
        )

    def _open(self, head: Sequence[int], tail: Sequence[int], chain: Chain) -> tuple[int, ...]:
        """Indices of the head, other than the link, that the output or the tail still needs."""
        needed = set(self.op.output).union(*(self.indices[number] for number in tail))
        present = dict.fromkeys(index for number in head for index in self.indices[number])
        return tuple(index for index in present if index in needed and index != chain.links[1])
