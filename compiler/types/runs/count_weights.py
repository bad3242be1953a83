"""`params(net)` and `trainable(net)`: numbers of weights, which are known while checking.

What came before: the slots of a run, and those of the runs before it. What leaves: a number. Invariant: an
instance that has the values of another one counts as that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import TYPE_CHECKING

from hqn.compiler.names.resolve import nearest
from hqn.compiler.syntax import ast
from hqn.compiler.types.runs.errors import UnknownInstance
from hqn.compiler.types.runs.specs import Minimize, Slot, is_at
from hqn.compiler.types.runs.variants import find_run, run_name, variant_of

if TYPE_CHECKING:
    from hqn.compiler.types.runs.check_reading import Readings

COUNTS = ("params", "trainable")


def count_weights(all_: Readings, expr: ast.Call, arguments: list[ast.Expr]) -> int | None:
    """`params(net)`: how many weights are at or below these paths; `trainable(net)`: that the run trains.

    The run's own name stands for all of them, another one's for all of its. None after a mistake.
    """
    only_trained = isinstance(expr.callee, ast.Name) and expr.callee.name == "trainable"
    paths = [all_.path(argument) for argument in arguments]
    names = all_.lets
    known, total = all_.run.counted | all_.run.slots, 0
    for argument, path in zip(arguments, paths):
        if run_name(argument) and path not in names and find_run(all_.run.session, run_name(argument) or ""):
            counted = _of_run(all_, argument, only_trained)
            if counted is None:
                return None
            total += counted
            continue
        slots = [slot for key, slot in known.items() if key == path or key.startswith(f"{path}.")]
        if not slots and path.split(".")[0] not in names:
            where = f"run `{all_.run.name}`"
            error = UnknownInstance(
                span=argument.span, name=path, where=where, nearest=nearest(path, names), choices=tuple(names)
            )
            all_.run.session.sink.report(error)
            all_.run.failed = True
            return None
        total += _numbers(slots, all_.trained if only_trained else ("",))
    return total


def _of_run(all_: Readings, expr: ast.Expr, only_trained: bool) -> int | None:
    """The weights of a run, of this one or of another; None after a mistake."""
    if expr.span.text == all_.run.name:
        return _numbers(all_.run.slots.values(), all_.trained if only_trained else ("",))
    variant = variant_of(all_.run.scope(), expr)
    other = all_.find_run(variant) if variant else None
    if other is None:
        all_.run.failed = True  # reported there
        return None
    return _numbers(other.spec.slots, trained_paths(other.spec.minimize) if only_trained else ("",))


def trained_paths(statements: Sequence[Minimize]) -> tuple[str, ...]:
    """The paths in the groups of a run."""
    return tuple(path for statement in statements for group in statement.groups for path in group.paths)


def _numbers(slots: Iterable[Slot], below: Sequence[str]) -> int:
    """How many numbers the weights below some paths have; the empty path is above all."""
    weights = [slot for slot in slots if slot.kind == "weight"]
    return sum(prod(slot.shape) for slot in weights if any(is_at(slot.path, one) or not one for one in below))
