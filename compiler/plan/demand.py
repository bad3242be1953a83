"""How many samples a circuit is planned for, and how many circuits share the memory.

What came before: the functions of a program and its runs. What leaves: a `Demand` per function. Invariant: a
function has the largest batch of the runs that reach it, surplus axes of calls and turns of `map` included;
one that no run reaches has none, and is planned for a batch that is assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import CallOp
from hqn.compiler.ir.loops import LoopOp, MapOp
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.qc import AllocOp
from hqn.compiler.ir.xdsl_api import Operation
from hqn.compiler.types.runs.specs import Data, Run, Split


@dataclass(frozen=True, slots=True)
class Demand:
    """`batch` is None where no run says it; `circuits` are those of one pass that keep states at a time;
    `trained` says whether a run minimises something with it.
    """

    batch: int | None = None
    circuits: int = 1
    trained: bool = False


NO_DEMAND = Demand()


def demands(built: Built, functions: Mapping[str, FuncOp]) -> Mapping[str, Demand]:
    """The demand of every function that an entry or a run reaches."""
    known: dict[str, Demand] = {}
    counts: dict[str, int] = {}
    below: dict[str, Mapping[str, int]] = {}
    for root, batch, trained in _roots(built):
        circuits = max(1, _circuits(root, functions, counts))
        for name, times in _reached(root, functions, below).items():
            found = Demand(None if batch is None else batch * times, circuits, trained)
            known[name] = _joined(known.get(name, Demand()), found)
    return known


def _joined(one: Demand, other: Demand) -> Demand:
    batches = [found.batch for found in (one, other) if found.batch is not None]
    circuits = max(one.circuits, other.circuits)
    return Demand(max(batches, default=None), circuits, one.trained or other.trained)


def _roots(built: Built) -> Iterator[tuple[str, int | None, bool]]:
    """Functions that something outside of the module calls, with the samples that they are given."""
    for entry in built.entries:
        yield entry.evaluation, None, False
        yield entry.training, None, False
    blocks = {block.name: block for block in built.data}
    for run in built.runs:
        for statement in run.minimize:
            yield statement.function.name, _batch(run, blocks), True


def _batch(run: Run, blocks: Mapping[str, Data]) -> int | None:
    """The batch of a run, without one all samples of its split; None where it has no data."""
    source = run.source
    if source is None or source.batch is not None:
        return None if source is None else source.batch
    splits = [step for step in blocks[source.data].steps if isinstance(step, Split)]
    return dict(splits[-1].sizes).get(source.split) if splits else None


def _reached(
    name: str, functions: Mapping[str, FuncOp], known: dict[str, Mapping[str, int]]
) -> Mapping[str, int]:
    """Every function below one, and how many samples it gets for each of the caller's."""
    if name not in known:
        found = {name: 1}
        for op in functions[name].walk():
            if isinstance(op, CallOp):
                for callee, times in _reached(op.callee, functions, known).items():
                    found[callee] = max(found.get(callee, 1), times * prod(op.batch) * _turns(op, MapOp))
        known[name] = found
    return known[name]


def _circuits(name: str, functions: Mapping[str, FuncOp], known: dict[str, int]) -> int:
    """How many circuits with qubits of their own one evaluation runs, each turn of a loop counted."""
    if name not in known:
        ops = list(functions[name].walk())
        called = (op for op in ops if isinstance(op, CallOp))
        below = (_circuits(op.callee, functions, known) * _other_turns(op) for op in called)
        known[name] = any(isinstance(op, AllocOp) for op in ops) + sum(below)
    return known[name]


def _other_turns(op: Operation) -> int:
    return _turns(op, LoopOp) // _turns(op, MapOp)


def _turns(op: Operation, kind: type[LoopOp]) -> int:
    """The turns of all loops of a kind around an operation."""
    turns, parent = 1, op.parent_op()
    while parent is not None and not isinstance(parent, FuncOp):
        turns *= parent.trips if isinstance(parent, kind) else 1
        parent = parent.parent_op()
    return turns
