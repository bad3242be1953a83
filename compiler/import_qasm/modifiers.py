"""`ctrl`, `negctrl`, `inv` and `pow` before a gate.

What came before: `nodes.Modifier`s. What leaves: modifiers of hqn, outermost first. Invariant: a
fraction is the exponent of a fixed gate alone, whose principal power both languages mean by it.
"""

from __future__ import annotations

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

Written = Sequence[nodes.Modifier]


def modifiers(values: Values, written: Written, symbol: GateSymbol) -> tuple[ast.Modifier, ...]:
    """Modifiers of hqn before a gate; raises `Mistake` where one has no form there."""
    is_fixed = not (symbol.is_circuit or symbol.params or symbol.more or symbol.modifiers)
    innermost = written[-1] if written and is_fixed else None
    return tuple(_modifier(values, one, one is innermost) for one in written)


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


def _modifier(values: Values, modifier: nodes.Modifier, takes_fraction: bool) -> ast.Modifier:
    span = modifier.span
    if modifier.argument is None and modifier.kind == "pow":
        raise Mistake(errors.QasmKind(span=span, found="`pow` alone", wanted="`pow(k)`"))
    if modifier.argument is None:
        return ast.Modifier(modifier.kind, None, span=span)  # type: ignore[arg-type]
    if modifier.kind == "inv":
        raise Mistake(errors.QasmKind(span=span, found="`inv` with a number", wanted="`inv`"))
    argument = _exponent(values, modifier, takes_fraction) if modifier.kind == "pow" else None
    if argument is None:
        argument = tree.integer(modifier.argument.span, number_of_controls(values, modifier))
    return ast.Modifier(modifier.kind, argument, span=span)  # type: ignore[arg-type]


def _exponent(values: Values, modifier: nodes.Modifier, takes_fraction: bool) -> ast.Expr:
    power = _power(values, modifier)
    if power.kind == "int":
        return power.expr
    if isinstance(power.number, float) and power.number.is_integer():
        return integer(modifier.span, int(power.number)).expr
    if takes_fraction and isinstance(power.number, float):
        return tree.floating(modifier.span, power.number)
    what = "a power that is not a whole number, but of a fixed gate,"
    raise Mistake(errors.NotImportedYet(span=modifier.span, what=what))


def _power(values: Values, modifier: nodes.Modifier) -> Value:
    """`pow(1/2)` means one half: the specification defines `sx` by it."""
    assert modifier.argument is not None
    return Values(values.scope, version=2).value(modifier.argument)
