"""The JAX target: a built program as one Python module.

What came before: `Built`, after the passes. What leaves: an `Artifact`, or diagnostics. Invariant: the
module imports `jax` and `hqn.runtime` only, and is what runs; nothing else interprets the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.emit.errors import BatchInLoop
from hqn.compiler.emit.jax.module import module_text
from hqn.compiler.emit.jax.tables import program_text, takes_batch_mean
from hqn.compiler.emit.target import Artifact
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import CallOp, SetStateOp
from hqn.compiler.ir.location import where
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.nn_reduce import BatchMeanOp
from hqn.compiler.ir.xdsl_api import Operation
from hqn.compiler.plan.measurement import without_measurement
from hqn.compiler.plan.narrow import narrow


@dataclass(frozen=True, slots=True)
class JaxTarget:
    """`source` is the name of the `.hqn` file, as the module's first line says it."""

    source: str
    name: str = "jax"

    def unsupported(self, built: Built) -> Iterator[Diagnostic]:
        """States and batch means in loops that share the layer between their turns."""
        functions = built.module.functions
        for func in functions.values():
            for op in func.walk():
                what = _of_whole_batch(op, functions)
                if what is not None and _is_shared(op, func):
                    yield BatchInLoop(place=where(op) or func.source, function=func.definition, what=what)

    def emit(self, built: Built) -> Artifact:
        """The module, with the place of each of its lines."""
        built = without_measurement(built)
        functions = list(narrow(built.module).functions.values())
        text, places = module_text(self.source, functions, lambda known: program_text(built, known))
        return Artifact(text, places)


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
