"""The passes as values, and the one loop that runs them.

What came before: a `Built` from lowering or from another run of passes. What leaves: another `Built`; the
given one is untouched. Invariant: a pass keeps what every function computes, for every target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir.module import Built, Module
from hqn.compiler.passes.apply_execution import apply_execution
from hqn.compiler.passes.apply_policy import apply_policy
from hqn.compiler.passes.cancel_inverses import cancel_inverses
from hqn.compiler.passes.eliminate_dead import eliminate_dead
from hqn.compiler.passes.fold_constants import fold_constants
from hqn.compiler.passes.group_gates import group_gates
from hqn.compiler.passes.inline_circuits import inline_circuits
from hqn.compiler.passes.merge_rotations import merge_rotations
from hqn.compiler.passes.share_common import share_common
from hqn.compiler.passes.simplify_shapes import simplify_shapes

Needs = Literal["none", "values", "stats"]


@dataclass(frozen=True, slots=True)
class Pass:
    """`rewrite` changes the module of the `Built` it is given, which is a copy; it gives a `Built` where more
    than the module changes.

    A pass that needs values (weights of a checkpoint) or stats (a calibration) runs in `specialize` only.
    """

    name: str
    rewrite: Callable[[Built], Built | None]
    needs: Needs = "none"
    summary: str = field(default="", compare=False)


def _named(rewrite: Callable[[Built], Built | None]) -> Pass:
    summary = (rewrite.__doc__ or "").strip().partition("\n")[0]
    return Pass(rewrite.__name__, rewrite, summary=summary)


APPLY_POLICY = _named(apply_policy)
APPLY_EXECUTION = _named(apply_execution)
INLINE_CIRCUITS = _named(inline_circuits)
SIMPLIFY_SHAPES = _named(simplify_shapes)
FOLD_CONSTANTS = _named(fold_constants)
SHARE_COMMON = _named(share_common)
CANCEL_INVERSES = _named(cancel_inverses)
MERGE_ROTATIONS = _named(merge_rotations)
GROUP_GATES = _named(group_gates)
ELIMINATE_DEAD = _named(eliminate_dead)

PASSES: tuple[Pass, ...] = (
    APPLY_POLICY,
    APPLY_EXECUTION,
    INLINE_CIRCUITS,
    SIMPLIFY_SHAPES,
    FOLD_CONSTANTS,
    SHARE_COMMON,
    CANCEL_INVERSES,
    MERGE_ROTATIONS,
    GROUP_GATES,
    ELIMINATE_DEAD,
)

DEFAULT: tuple[str, ...] = (
    "apply_policy",
    "apply_execution",
    "inline_circuits",
    "simplify_shapes",
    "fold_constants",
    "share_common",
    "cancel_inverses",
    "merge_rotations",
    "group_gates",
    "simplify_shapes",
    "fold_constants",
    "eliminate_dead",
)

AS_WRITTEN: tuple[str, ...] = ("apply_policy", "simplify_shapes", "fold_constants", "eliminate_dead")
"""For exports that keep sub-circuits and the order of gates."""


def by_name(name: str) -> Pass | None:
    return next((one for one in PASSES if one.name == name), None)


def run_passes(
    built: Built,
    names: Iterable[str] = DEFAULT,
    after: Callable[[str, Built], None] | None = None,
    verify: bool = False,
) -> Built:
    """The program after these passes, in this order. `after` sees the program behind each of them."""
    current = built.with_module(built.module.clone())
    for name in names:
        found = by_name(name)
        if found is None:
            raise InternalError("passes", f"no pass is called {name}")
        current = found.rewrite(current) or current
        current = current.with_module(Module(current.module.op))
        if verify:
            current.module.verify()
        if after is not None:
            after(name, current)
    return current
