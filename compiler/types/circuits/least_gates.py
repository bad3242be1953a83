"""What can be told of a loop in a circuit before it is elaborated: its form, and how many gates it makes.

What came before: the uses of the loop's variable in the text. What leaves: whether the turns are written out,
after how many of them the qubits repeat, and a number of gates that is surely reached. Invariant: nothing
is expanded here.
"""

from __future__ import annotations

from math import lcm

from hqn.compiler.syntax import ast
from hqn.compiler.types.bodies.elaborate import elaborate_size
from hqn.compiler.types.bodies.turns import Turns, count_turns, range_turns
from hqn.compiler.types.circuits.loop_variables import Uses, uses_of
from hqn.compiler.types.scope import AliasBinding, Scope, SlotBinding, StaticBinding, ValueBinding


def variable_uses(scope: Scope, loop: ast.Loop) -> Uses:
    """How the body of a loop uses its variable."""
    variable = loop.binder.variable if loop.binder else None
    if variable is None:
        return Uses()

    def is_value(name: str) -> bool:
        return isinstance(scope.lookup(name), ValueBinding | SlotBinding | AliasBinding)

    return uses_of(variable.name, loop.body, is_value)


def must_be_known(turns: Turns, uses: Uses) -> bool:
    """Whether the body needs the variable as a number; the slices of a value never are."""
    return turns.value is None and (uses.fixed or bool(uses.moduli))


def period_of(scope: Scope, uses: Uses) -> int | None:
    """After how many turns the qubits repeat; None where that is not known outside of the loop."""
    if uses.fixed or uses.as_value:
        return None
    period = 1
    for modulus in uses.moduli:
        if not all(_is_static(scope, node) for node in ast.walk(modulus)):
            return None
        number = elaborate_size(scope, modulus)
        if not isinstance(number, int) or number < 1:
            return None
        period = lcm(period, number)
    return period


def _is_static(scope: Scope, node: ast.Node) -> bool:
    return not isinstance(node, ast.Name) or isinstance(scope.lookup(node.name), StaticBinding)


def least_gates(scope: Scope, block: ast.Block, inside: frozenset[str]) -> int:
    """A number of gates that every elaboration of a block reaches; choices count as none.

    `inside` are the variables of the loops around the block, which have no value yet.
    """
    total = 0
    for statement in block.statements:
        match statement:
            case ast.Gate():
                total += 1
            case ast.Evaluate(value=ast.Loop(kind="repeat") as loop):
                total += _least_in_loop(scope, loop, inside)
    return total


def _least_in_loop(scope: Scope, loop: ast.Loop, inside: frozenset[str]) -> int:
    assert loop.binder is not None
    domain, variable = loop.binder.domain, loop.binder.variable
    nodes = list(ast.walk(domain))
    if any(isinstance(node, ast.Name) and node.name in inside for node in nodes):
        return 0
    if not all(_is_static(scope, node) for node in nodes):
        return 0
    turns = range_turns(scope, domain) if isinstance(domain, ast.Range) else count_turns(scope, domain)
    if turns is None or not isinstance(turns.trips, int):
        return 0
    written = _written(scope, turns.trips, variable_uses(scope, loop), inside)
    return least_gates(scope, loop.body, inside | {variable.name} if variable else inside) * written


def _written(scope: Scope, trips: int, uses: Uses, inside: frozenset[str]) -> int:
    """How many turns of a loop are surely written out."""
    if uses.fixed:
        return trips
    names = (node.name for modulus in uses.moduli for node in ast.walk(modulus) if isinstance(node, ast.Name))
    if not uses.moduli or not inside.isdisjoint(names):
        return min(trips, 1)
    period = period_of(scope, uses)
    return trips if period is None or trips < 2 * period else period + trips % period
