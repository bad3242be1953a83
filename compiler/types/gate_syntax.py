"""The parts of a gate statement: what is applied, with which brackets, arguments and modifiers.

What came before: `ctrl(2) @ entangle[3](w) q, r`. What leaves: its `Head` and `Modifiers`. Invariant: a
modifier's number is a whole number, in an instance an int.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import circuit_errors as errors
from hqn.compiler.types import typed
from hqn.compiler.types.elaborate import elaborate_size
from hqn.compiler.types.scope import Scope

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
    arguments: tuple[ast.Argument, ...] = ()
    brackets: ast.Subscript | None = None
    if isinstance(callee, ast.Call):
        callee, arguments = callee.callee, callee.arguments
    if isinstance(callee, ast.Subscript):
        callee, brackets = callee.value, callee
    return Head(callee.name, callee.span, brackets, arguments) if isinstance(callee, ast.Name) else None


@dataclass(frozen=True, slots=True)
class Modifiers:
    """Modifiers as written, outermost first, and how many control qubits they add.

    `controls` is None where a modifier is reported, or its number is not known yet.
    """

    typed: tuple[typed.GateModifier, ...]
    controls: int | None


def read_modifiers(scope: Scope, written: tuple[ast.Modifier, ...]) -> Modifiers:
    """The modifiers of a gate."""
    read = [_modifier(scope, modifier) for modifier in written]
    known = tuple(modifier for modifier in read if modifier is not None)
    controls = sum(modifier.value for modifier in known if modifier.kind in ("ctrl", "negctrl"))
    return Modifiers(known, controls if len(known) == len(read) else None)


def _modifier(scope: Scope, modifier: ast.Modifier) -> typed.GateModifier | None:
    if modifier.argument is None:
        if modifier.kind == "pow":
            return _refuse(scope, modifier.span, "`pow` needs an exponent")
        return typed.GateModifier(modifier.kind)
    if modifier.kind == "inv":
        return _refuse(scope, modifier.span, "`inv` takes no number")
    if isinstance(modifier.argument, ast.Float):
        return _refuse(scope, modifier.argument.span, f"`{modifier.kind}` takes a whole number")
    value = elaborate_size(scope, modifier.argument)
    if not isinstance(value, int):
        return None
    if modifier.kind != "pow" and not 1 <= value <= _MOST_CONTROLS:
        why = f"`{modifier.kind}` takes from 1 to {_MOST_CONTROLS} controls, and this is {value}"
        return _refuse(scope, modifier.argument.span, why)
    return typed.GateModifier(modifier.kind, value)


def _refuse(scope: Scope, span: Span, why: str) -> None:
    scope.report(errors.BadModifier(span=span, why=why))
