"""How many qubits a result depends on, where a register is too large to be simulated whole.

What came before: the typed body of a circuit. What leaves: the size of the largest light cone: of the wires
of one observable, with all that gates before connect to them. Invariant: never less than what the planner
simulates (`plan/narrow.py`); what that does not cut depends on all wires here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hqn.compiler.types import typed
from hqn.compiler.types.walk import walk, walk_statements

MOST_TUPLES = 20_000
"""Circuits with more gates, turns of loops included, are not cut."""


def widest_cone(statements: Sequence[typed.Statement], result: typed.Expr | None, qubits: int) -> int:
    """Wires of the largest cone; all of them where the circuit cannot be cut."""
    body = tuple(statements)
    if _tuples(body, top=True) > MOST_TUPLES:
        return qubits
    targets = {wires for part in walk_statements(body, result) for wires in _observed(part, qubits)}
    return max((len(_cone(body, wires)) for wires in targets), default=0)


def _tuples(statements: Sequence[typed.Statement], top: bool = False) -> float:
    """Gates with loops written out; infinite where something else happens to the register."""
    total: float = 0
    for statement in statements:
        match statement:
            case typed.ApplyGate():
                total += len(statement.wires)
            case typed.RepeatGates():
                total += statement.trips * _tuples(statement.statements)
            case typed.Assign() | typed.DrawRandom() if top or _plain(statement):
                continue
            case _:
                return float("inf")
    return total


def _plain(statement: typed.Statement) -> bool:
    """Whether nothing in it has turns or a body of its own."""
    return not any(isinstance(part, typed.CallFunction | typed.Loop | typed.Grad) for part in walk(statement))


def _observed(part: object, qubits: int) -> Iterator[frozenset[int]]:
    """The wires of what a query reads."""
    match part:
        case typed.Expect():
            for term in part.terms:
                yield frozenset(wire for wire, _ in term.paulis)
        case typed.ExpectMatrix() | typed.Probabilities() | typed.Reduced():
            yield frozenset(part.wires)
        case typed.StateVector():
            yield frozenset(range(qubits))


def _cone(statements: Sequence[typed.Statement], wires: frozenset[int]) -> frozenset[int]:
    live = wires
    for statement in reversed(statements):
        if isinstance(statement, typed.ApplyGate):
            for one in reversed(statement.wires):
                if not live.isdisjoint(one):
                    live = live.union(one)
        elif isinstance(statement, typed.RepeatGates):
            for _ in range(statement.trips):
                before, live = live, _cone(statement.statements, live)
                if live == before:
                    break
    return live
