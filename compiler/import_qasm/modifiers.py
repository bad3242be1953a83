"""`ctrl`, `negctrl`, `inv` and `pow` before a gate.

What came before: `nodes.Modifier`s. What leaves: modifiers of hqn, outermost first. Invariant: hqn's
exponents are whole; a fraction is taken where the power of the gate is a gate: z to the r is p(r pi), x to
the 1/2 is sx.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from hqn.compiler.import_qasm import errors, nodes, tree
from hqn.compiler.import_qasm.results import integer
from hqn.compiler.import_qasm.scope import Mistake, Value
from hqn.compiler.import_qasm.standard import GateSymbol
from hqn.compiler.import_qasm.values import Values
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast

MOST_CONTROLS = 64
CONTROLS = ("ctrl", "negctrl")

_PHASES = {"z": 1.0, "s": 0.5, "sdg": -0.5, "t": 0.25, "tdg": -0.25}
"""Phase of |1> in units of pi."""

Written = Sequence[nodes.Modifier]
Fraction = tuple[tuple[ast.Modifier, ...], ast.Expr]


def modifiers(values: Values, written: Written) -> tuple[ast.Modifier, ...]:
    """Modifiers of hqn; raises `Mistake` where one has no form there."""
    return tuple(_modifier(values, one) for one in written)


def modifiers_of(span: Span, symbol: GateSymbol) -> Iterator[ast.Modifier]:
    """Those that belong to the gate's name: `ctrl(3) @` of c3x."""
    for kind, count in symbol.modifiers:
        argument = tree.integer(span, count) if count > 1 else None
        yield ast.Modifier(kind, argument, span=span)  # type: ignore[arg-type]


def count_controls(values: Values, written: Written) -> int:
    return sum(number_of_controls(values, one) for one in written if one.kind in CONTROLS)


def number_of_controls(values: Values, modifier: nodes.Modifier) -> int:
    if modifier.argument is None:
        return 1
    number = values.known(modifier.argument, "a number of controls")
    if not 1 <= number <= MOST_CONTROLS:
        reason = f"from 1 to {MOST_CONTROLS} controls are possible"
        raise Mistake(errors.QasmNumber(span=modifier.argument.span, reason=reason))
    return number


def _modifier(values: Values, modifier: nodes.Modifier) -> ast.Modifier:
    span = modifier.span
    if modifier.argument is None and modifier.kind == "pow":
        raise Mistake(errors.QasmKind(span=span, found="`pow` alone", wanted="`pow(k)`"))
    if modifier.argument is None:
        return ast.Modifier(modifier.kind, None, span=span)  # type: ignore[arg-type]
    if modifier.kind == "inv":
        raise Mistake(errors.QasmKind(span=span, found="`inv` with a number", wanted="`inv`"))
    argument = _exponent(values, modifier) if modifier.kind == "pow" else None
    if argument is None:
        argument = tree.integer(modifier.argument.span, number_of_controls(values, modifier))
    return ast.Modifier(modifier.kind, argument, span=span)  # type: ignore[arg-type]


def _exponent(values: Values, modifier: nodes.Modifier) -> ast.Expr:
    power = _power(values, modifier)
    if power.kind == "int":
        return power.expr
    if isinstance(power.number, float) and power.number.is_integer():
        return integer(modifier.span, int(power.number)).expr
    what = "a power that is not a whole number"
    raise Mistake(errors.NotImportedYet(span=modifier.span, what=what))


def _power(values: Values, modifier: nodes.Modifier) -> Value:
    """`pow(1/2)` means one half: the specification defines `sx` by it."""
    assert modifier.argument is not None
    return Values(values.scope, version=2).value(modifier.argument)


def fraction_of(values: Values, statement: nodes.Apply, symbol: GateSymbol) -> Fraction | None:
    """What `… pow(r) @ z` is for an r that is no whole number; None where hqn's own `pow` will do."""
    last = statement.modifiers[-1] if statement.modifiers else None
    if last is None or last.kind != "pow" or last.argument is None or symbol.is_circuit or symbol.modifiers:
        return None
    power = _power(values, last).number
    if not isinstance(power, float) or power.is_integer():
        return None
    outer = modifiers(values, statement.modifiers[:-1])
    if symbol.gate in _PHASES:
        angle = tree.floating(statement.head, power * _PHASES[symbol.gate] * math.pi)
        return outer, tree.call(statement.head, "p", angle)
    if symbol.gate == "x" and abs(power) == 0.5:
        inverse = (ast.Modifier("inv", None, span=last.span),) if power < 0 else ()
        return (*outer, *inverse), tree.name(statement.head, "sx")
    return None
