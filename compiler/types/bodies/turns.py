"""Ranges of loops, sums and products that are known while checking.

What came before: `a..b step c` as syntax. What leaves: `Turns`, and one block per turn in which the variable
is a number. Invariant: in a definition there is one block; its variable is a symbol for every turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies.elaborate import elaborate_size
from hqn.compiler.types.body_errors import BadLoop
from hqn.compiler.types.circuits.qubits import circuit_state
from hqn.compiler.types.circuits.wires import number_in_slice
from hqn.compiler.types.errors import BadSize
from hqn.compiler.types.limits import allow_turns
from hqn.compiler.types.scope import Scope, StaticBinding
from hqn.compiler.types.sizes import Dim


@dataclass(frozen=True, slots=True)
class Turns:
    """What a loop runs over: `first, first + step, …`, or the slices of a value along its first axis."""

    trips: Dim
    first: Dim = 0
    step: Dim = 1
    value: typed.Expr | None = None

    def at(self, turn: Dim) -> Dim:
        """The variable's value in a turn."""
        return sizes.add(self.first, sizes.mul(self.step, turn))

    @property
    def last(self) -> Dim:
        return self.at(sizes.sub(self.trips, 1))


def count_turns(scope: Scope, count: ast.Expr) -> Turns:
    """`repeat 3 { … }`."""
    return Turns(_not_negative(elaborate_size(scope, count)))


def range_turns(scope: Scope, domain: ast.Range) -> Turns | None:
    """`a..b step c` with b, which a loop needs; None where it is reported."""
    if domain.start is None or domain.stop is None:
        scope.report(BadSize(span=domain.span, why="a loop needs both ends of its range: `0..n`"))
        return None
    first, stop = elaborate_size(scope, domain.start), elaborate_size(scope, domain.stop)
    step = elaborate_size(scope, domain.step) if domain.step else 1
    if isinstance(step, int) and step < 1:
        scope.report(BadSize(span=domain.span, why=f"a step is at least 1, and this is {step}"))
        return None
    return Turns(_not_negative(number_in_slice(first, stop, step)), first, step)


def _not_negative(trips: Dim) -> Dim:
    return max(trips, 0) if isinstance(trips, int) else trips


def bind_symbol(scope: Scope, inner: Scope, variable: ast.Ident, turns: Turns) -> sizes.Symbol:
    """In a definition: the variable as a symbol between the ends of its range; see `forget_symbol`."""
    symbol = sizes.Symbol(variable.name, owner=variable.span.start + 1, static=True)
    circuit_state(scope.frame).ends[symbol] = (turns.first, turns.last)
    bind_number(inner, variable, sizes.of_atom(symbol))
    return symbol


def forget_symbol(scope: Scope, symbol: sizes.Symbol) -> None:
    circuit_state(scope.frame).ends.pop(symbol, None)


def bind_number(inner: Scope, variable: ast.Ident, value: Dim) -> None:
    inner.bind(variable, StaticBinding(span=variable.span, value=value))


Allow = Callable[[Scope, Span, int], bool]


def each_turn(
    scope: Scope, binders: tuple[ast.Binder, ...], span: Span, allow: Allow = allow_turns
) -> Iterator[Scope]:
    """The blocks of `sum(i in …, j in …)` or `prod(…)`, the last variable fastest; none where reported.

    `allow` is asked before a range is expanded, and reports where it refuses.
    """
    if not binders:
        yield scope
        return
    binder, *rest = binders
    turns = range_of(scope, binder)
    if turns is None or binder.variable is None:
        return
    if scope.concrete and isinstance(turns.trips, int):
        for turn in range(turns.trips if allow(scope, span, turns.trips) else 0):
            inner = scope.replay()
            bind_number(inner, binder.variable, turns.at(turn))
            yield from each_turn(inner, tuple(rest), span, allow)
        return
    inner = scope.replay()
    symbol = bind_symbol(scope, inner, binder.variable, turns)
    yield from each_turn(inner, tuple(rest), span, allow)
    forget_symbol(scope, symbol)


def range_of(scope: Scope, binder: ast.Binder) -> Turns | None:
    """What the variable of a sum of observables, or of factors, runs over; None where it is reported."""
    if isinstance(binder.domain, ast.Range):
        return range_turns(scope, binder.domain)
    why = "here the variable of a sum or product is a number: it runs over a range, `0..n`"
    scope.report(BadLoop(span=binder.domain.span, why=why))
    return None
