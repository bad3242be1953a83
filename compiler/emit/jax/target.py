"""The JAX target: a built program as one Python module.

What came before: `Built`, after the passes. What leaves: an `Artifact`, or diagnostics. Invariant: the
module imports `jax` and `hqn.runtime` only, and is what runs; nothing else interprets the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hqn.compiler import memory
from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.emit.errors import BatchInLoop, SimulationTooLarge
from hqn.compiler.emit.jax.module import module_text
from hqn.compiler.emit.jax.tables import program_text, takes_batch_mean
from hqn.compiler.emit.target import Artifact
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import CallOp, SetStateOp
from hqn.compiler.ir.location import where
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.nn_reduce import BatchMeanOp
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Operation
from hqn.compiler.plan.program import Simulated, simulated, too_large
from hqn.compiler.plan.steps import shown_bytes


@dataclass(slots=True)
class JaxTarget:
    """`source` is the name of the `.hqn` file, as the module's first line says it."""

    source: str
    name: str = "jax"
    _known: tuple[Built, Simulated] | None = None

    def unsupported(self, built: Built) -> Iterator[Diagnostic]:
        """States and batch means in loops that share the layer between their turns; circuits that no
        strategy fits into memory.
        """
        functions = built.module.functions
        for func in functions.values():
            for op in func.walk():
                what = _of_whole_batch(op, functions)
                if what is not None and (_is_shared(op, func) or _sets_outside(op, func, functions)):
                    yield BatchInLoop(place=where(op) or func.source, function=func.definition, what=what)
        for found in too_large(self._simulated(built)):
            yield SimulationTooLarge(
                place=found.func.source,
                function=found.func.definition,
                what=found.what,
                needed=shown_bytes(found.bytes),
                limit=shown_bytes(memory.limit()),
            )

    def emit(self, built: Built) -> Artifact:
        """The module, with the place of each of its lines."""
        program = self._simulated(built)
        functions = list(program.functions.values())
        text, places = module_text(
            self.source, functions, lambda known: program_text(program.built, known), program.demands
        )
        return Artifact(text, places)

    def _simulated(self, built: Built) -> Simulated:
        """How the program is simulated, found once for both questions."""
        if self._known is None or self._known[0] is not built:
            self._known = built, simulated(built)
        return self._known[1]


def _of_whole_batch(op: Operation, functions: Mapping[str, FuncOp]) -> str | None:
    """What an operation does that has one result for all samples of a batch."""
    match op:
        case SetStateOp():
            return "a state is set"
        case BatchMeanOp():
            return "a mean over the batch is taken"
        case CallOp() if op.sets_state:
            return f"`{op.instance}` sets a state"
        case CallOp() if takes_batch_mean(functions[op.callee], functions):
            return f"`{op.instance}` takes a mean over the batch"
    return None


def _is_shared(op: Operation, func: FuncOp) -> bool:
    """Whether one layer meets the batch more than once: lifted, or in a loop that does not create it."""
    if isinstance(op, CallOp) and op.batch:
        return True
    parent = op.parent_op()
    while parent is not None and parent is not func:
        if isinstance(parent, LoopOp) and not parent.CREATES:
            return True
        parent = parent.parent_op()
    return False


def _sets_outside(op: Operation, func: FuncOp, functions: Mapping[str, FuncOp]) -> bool:
    """Whether a turn of a loop sets a state that is created outside of the loop."""
    loops = []
    parent = op.parent_op()
    while parent is not None and parent is not func:
        loops += [parent.index] if isinstance(parent, LoopOp) else []
        parent = parent.parent_op()
    set_in = [{turn.index for turn in turns} for _, turns in _sets(op, functions)] if loops else []
    return any(loop not in turns for loop in loops for turns in set_in)


def _sets(op: Operation, functions: Mapping[str, FuncOp]) -> Iterator[tuple[str, tuple[Turn, ...]]]:
    """The slots and instances of a function whose states an operation sets, with their turns."""
    if isinstance(op, SetStateOp):
        yield op.slot, op.turns
    elif isinstance(op, CallOp) and op.sets_state:
        callee = functions[op.callee]
        inside = {name for inner in callee.walk() for name, _ in _sets(inner, functions)}
        if inside - {child.name for child in callee.children if child.shared}:
            yield op.instance, op.turns
        yield from ((one.instance, one.turns) for one in op.shared if one.label in inside)
