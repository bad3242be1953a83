"""The parts of a gate statement: what is applied, with which brackets, arguments and modifiers.

What came before: `ctrl(2) @ entangle[3](w) q, r`. What leaves: its `Head` and `Modifiers`. Invariant: a
modifier's number is a whole number, in an instance an int; exponents may be floats.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr, elaborate_size
from hqn.compiler.types.bodies.elementwise import elementwise
from hqn.compiler.types.bodies.literals import literal, promote
from hqn.compiler.types.circuits import errors
from hqn.compiler.types.model import DType, TensorType
from hqn.compiler.types.scope import AliasBinding, Scope, SlotBinding, StaticBinding, ValueBinding
from hqn.compiler.types.typed.expressions import Expr

_MOST_CONTROLS = 64


@dataclass(frozen=True, slots=True)
class Head:
    """`name[brackets](arguments)`; `brackets` is the subscript, or None where none is written."""

    name: str
    span: Span
    brackets: ast.Subscript | None
    arguments: tuple[ast.Argument, ...]


def read_head(callee: ast.Expr) -> Head | None:
    """The parts of what is applied; None where it is no name with brackets and arguments."""
    call = callee if isinstance(callee, ast.Call) else None
    head = call.callee if call else callee
    brackets = head if isinstance(head, ast.Subscript) else None
    name = brackets.value if brackets else head
    if not isinstance(name, ast.Name):
        return None
    return Head(name.name, name.span, brackets, call.arguments if call else ())


@dataclass(frozen=True, slots=True)
class Modifiers:
    """Modifiers as written, outermost first, and how many control qubits they add.

    `controls` is None where a modifier is reported, or its number is not known yet. Where an exponent is a
    float, `exponent` is the product of all, signs of `inv` included, and `typed` has controls alone.
    """

    typed: tuple[typed.GateModifier, ...]
    controls: int | None
    exponent: Expr | None = None


def read_modifiers(scope: Scope, written: tuple[ast.Modifier, ...]) -> Modifiers:
    """The modifiers of a gate."""
    reals = [one for one in written if one.kind == "pow" and one.argument and _is_real(scope, one.argument)]
    whole = [_modifier(scope, modifier) for modifier in written if modifier not in reals]
    known = tuple(modifier for modifier in whole if modifier is not None)
    controls = sum(modifier.value for modifier in known if modifier.kind in ("ctrl", "negctrl"))
    found = Modifiers(known, controls if len(known) == len(whole) else None)
    return _with_reals(scope, found, reals) if reals else found


def _is_real(scope: Scope, expr: ast.Expr) -> bool:
    """Whether an exponent is a float, known or computed, rather than a size."""
    return any(isinstance(node, ast.Float | ast.Call) or _names_real(scope, node) for node in ast.walk(expr))


def _names_real(scope: Scope, node: ast.Node) -> bool:
    binding = scope.lookup(node.name) if isinstance(node, ast.Name) else None
    if isinstance(binding, StaticBinding):
        return isinstance(binding.value, float)
    return isinstance(binding, ValueBinding | SlotBinding | AliasBinding)


def _with_reals(scope: Scope, whole: Modifiers, reals: list[ast.Modifier]) -> Modifiers:
    """All exponents as one factor of angles."""
    number = TensorType(DType.F32)
    factors = [promote(elaborate_expr(scope, one.argument, number), number) for one in reals if one.argument]
    sign = 1.0
    for modifier in whole.typed:
        sign *= {"pow": float(modifier.value), "inv": -1.0}.get(modifier.kind, 1.0)
    exponent, *others = factors
    for factor in (*others, *([literal(sign, exponent.span)] if sign != 1 else ())):
        exponent = elementwise(scope, "mul", (exponent, factor), exponent.span)
    controls = tuple(one for one in whole.typed if one.kind in ("ctrl", "negctrl"))
    return Modifiers(controls, whole.controls, exponent)


def _modifier(scope: Scope, modifier: ast.Modifier) -> typed.GateModifier | None:
    if modifier.argument is None:
        if modifier.kind == "pow":
            _refuse(scope, modifier.span, "`pow` needs an exponent")
            return None
        return typed.GateModifier(modifier.kind)
    if modifier.kind == "inv":
        _refuse(scope, modifier.span, "`inv` takes no number")
        return None
    if isinstance(modifier.argument, ast.Float):
        _refuse(scope, modifier.argument.span, f"`{modifier.kind}` takes a whole number")
        return None
    value = elaborate_size(scope, modifier.argument)
    if not isinstance(value, int):
        return None
    if modifier.kind != "pow" and not 1 <= value <= _MOST_CONTROLS:
        why = f"`{modifier.kind}` takes from 1 to {_MOST_CONTROLS} controls, and this is {value}"
        _refuse(scope, modifier.argument.span, why)
        return None
    return typed.GateModifier(modifier.kind, value)


def _refuse(scope: Scope, span: Span, why: str) -> None:
    scope.report(errors.BadModifier(span=span, why=why))
