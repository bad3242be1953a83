"""Typed statements to operations.

What came before: statements in the order of the text. What leaves: operations, and locals bound in the
scope. Invariant: order is kept; a draw is named by its local, so that its key depends on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir.hqn import DrawOp
from hqn.compiler.ir.instances import SetStateOp
from hqn.compiler.ir.tensors import lower_type
from hqn.compiler.lower import circuit
from hqn.compiler.lower.expr import lower_all, lower_expr, lower_one
from hqn.compiler.lower.scope import Scope
from hqn.compiler.types import typed


def lower_statements(scope: Scope, statements: Iterable[typed.Statement]) -> None:
    """All statements of a block."""
    for statement in statements:
        lowering = _LOWERINGS.get(type(statement))
        if lowering is None:
            raise InternalError(
                "lower", f"no operation stands for {type(statement).__name__}", statement.span
            )
        lowering(scope, statement)


def _assign(scope: Scope, statement: typed.Assign) -> None:
    scope.bind(statement.local, lower_expr(scope, statement.value))
    scope.sources[statement.local] = statement


def _set_state(scope: Scope, statement: typed.SetState) -> None:
    value = lower_one(scope, statement.value)
    scope.effects.sets_state = True
    scope.add(SetStateOp(statement.slot, value, scope.turns(statement.turns)), statement.span)


def _draw(scope: Scope, statement: typed.DrawRandom) -> None:
    args = lower_all(scope, statement.args)
    (type_,) = lower_type(statement.local.type)
    scope.effects.draws = True
    op = DrawOp(statement.distribution, args, statement.per, statement.local.name, type_)
    scope.bind(statement.local, [scope.add(op, statement.span).result])


def _repeat(scope: Scope, statement: typed.RepeatGates) -> None:
    circuit.lower_repeat(scope, statement, lower_statements)


_LOWERINGS: dict[type[typed.Statement], Callable[[Scope, Any], None]] = {
    typed.Assign: _assign,
    typed.SetState: _set_state,
    typed.DrawRandom: _draw,
    typed.ApplyGate: circuit.lower_gate,
    typed.ApplyCircuit: circuit.lower_apply,
    typed.Measure: circuit.lower_measure,
    typed.QubitOperation: circuit.lower_operation,
    typed.Postselect: circuit.lower_postselect,
    typed.RepeatGates: _repeat,
}
