"""Equal gates of neighbouring turns as one gate over more wires.

What came before: the statements of expanded turns. What leaves: the same gates in the same order, in fewer
statements: `repeat i in 0..n { cx q[i], q[i + 1] }` is one `ApplyGate` with n tuples of wires. Invariant:
only gates of one written statement are joined, so a message about one names the right place.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from hqn.compiler.types import typed
from hqn.compiler.types.circuits import angles
from hqn.compiler.types.circuits.gates import MATRIX


def join_gates(statements: Iterable[typed.Statement]) -> list[typed.Statement]:
    """The statements with runs of one written gate joined."""
    joined: list[typed.Statement] = []
    for _, run in groupby(statements, key=_key):
        same = list(run)
        gates = [statement for statement in same if isinstance(statement, typed.ApplyGate)]
        joined += [_joined(gates)] if gates else same
    return joined


def _key(statement: typed.Statement) -> object:
    """Equal for gates that may be joined; None for what is no gate."""
    if not isinstance(statement, typed.ApplyGate):
        return None
    if statement.gate == MATRIX:
        return id(statement)
    span = statement.span
    return statement.gate, statement.modifiers, span.source.name, span.start, span.end


def _joined(run: list[typed.ApplyGate]) -> typed.ApplyGate:
    first = run[0]
    if len(run) == 1:
        return first
    tables = [gate.angles for gate in run if gate.angles is not None]
    return typed.ApplyGate(
        gate=first.gate,
        wires=tuple(wires for gate in run for wires in gate.wires),
        angles=angles.joined(tables) if tables else None,
        modifiers=first.modifiers,
        span=first.span,
    )
