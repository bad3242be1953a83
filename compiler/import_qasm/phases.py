"""`gphase`, which hqn has no word for.

What came before: `ctrl @ gphase(t) q;`. What leaves: gates of hqn that equal it exactly. Invariant: without
a control it is written where somebody may add one, in gate definitions, and nowhere else: the phase of a
whole state has no meaning. Identities: with a control, gphase(t) is p(t) of the last control; and gphase(t)
= p(2t) rz(-2t), diag(e^it, 1) = p(t) rz(-2t) on any qubit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from hqn.compiler.import_qasm import errors, nodes
from hqn.compiler.import_qasm.modifiers import CONTROLS, number_of_controls
from hqn.compiler.import_qasm.scope import Mistake

if TYPE_CHECKING:
    from hqn.compiler.import_qasm.body import Body


def phase_gates(body: Body, statement: nodes.Apply) -> Iterator[nodes.Apply]:
    """The standard gates that a statement `gphase` stands for."""
    if len(statement.args) != 1:
        given = f"{len(statement.args)} {'is' if len(statement.args) == 1 else 'are'}"
        raise Mistake(errors.QasmCount(span=statement.head, name="gphase", takes="1 parameter", given=given))
    places = [place for place, one in enumerate(statement.modifiers) if one.kind in CONTROLS]
    if not places:
        yield from _without_control(body, statement)
        return
    last = places[-1]
    control, outer = statement.modifiers[last], statement.modifiers[:last]
    count = number_of_controls(body.values, control)
    if count > 1:
        fewer = nodes.Literal(control.span, 1, count - 1, str(count - 1))
        outer = (*outer, replace(control, argument=fewer))
    angle = _turned(statement.args[0], statement.modifiers[last + 1 :])
    plain = replace(statement, modifiers=outer)
    yield replace(plain, name="p", args=(angle,))
    if control.kind == "negctrl":
        yield replace(plain, name="rz", args=(_times(angle, -2),))


def _without_control(body: Body, statement: nodes.Apply) -> Iterator[nodes.Apply]:
    angle = _turned(statement.args[0], statement.modifiers)
    body.values.angle(angle)
    if statement.operands:
        given = f"{len(statement.operands)} {'is' if len(statement.operands) == 1 else 'are'}"
        raise Mistake(errors.QasmCount(span=statement.head, name="gphase", takes="no qubits", given=given))
    if body.kind != "gate" or body.first is None:
        return
    qubit = nodes.Name(statement.span, 1, body.first.shown)
    plain = replace(statement, modifiers=(), operands=(qubit,))
    yield replace(plain, name="p", args=(_times(angle, 2),))
    yield replace(plain, name="rz", args=(_times(angle, -2),))


def _turned(angle: nodes.Expr, modifiers: tuple[nodes.Modifier, ...]) -> nodes.Expr:
    """The angle under `inv` and `pow`, which multiply it."""
    for modifier in reversed(modifiers):
        if modifier.kind == "inv":
            angle = nodes.Unary(angle.span, angle.depth, "-", angle)
        elif modifier.argument is not None:
            angle = nodes.Binary(angle.span, angle.depth, "*", modifier.argument, angle)
    return angle


def _times(angle: nodes.Expr, factor: int) -> nodes.Expr:
    match angle:
        case nodes.Binary(op="/", left=half, right=nodes.Literal(value=2)):
            return half if factor == 2 else nodes.Unary(angle.span, angle.depth, "-", half)
    number = nodes.Literal(angle.span, 1, float(factor), f"{float(factor)}")
    return nodes.Binary(angle.span, angle.depth, "*", number, angle)
