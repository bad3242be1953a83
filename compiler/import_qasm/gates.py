"""Gates, with their modifiers, and calls of subroutines.

What came before: `nodes.Apply`. What leaves: gate statements of hqn. Invariants: controls come first in
both languages; a gate on registers acts on their qubits in order; where hqn does not spread a circuit over
a register, a loop does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hqn.compiler.import_qasm import errors, nodes, tree
from hqn.compiler.import_qasm.modifiers import count_controls, modifiers, modifiers_of
from hqn.compiler.import_qasm.phases import phase_gates
from hqn.compiler.import_qasm.places import Place, of_wires, scaled, stride
from hqn.compiler.import_qasm.scope import (
    Lost,
    Mistake,
    NeedsNumbers,
    Opaque,
    Scope,
    SubroutineSymbol,
    Value,
)
from hqn.compiler.import_qasm.standard import STDGATES, GateSymbol
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast

if TYPE_CHECKING:
    from hqn.compiler.import_qasm.body import Body


@dataclass(frozen=True, slots=True)
class Applied:
    """What a statement applies, ready to be written on operands."""

    span: Span
    modifiers: tuple[ast.Modifier, ...]
    callee: ast.Expr
    spreads: bool
    """Whether hqn itself acts on every qubit of a register."""


def apply(body: Body, statement: nodes.Apply) -> None:
    """One statement that applies a gate or calls a subroutine."""
    if statement.name == "gphase":
        for part in phase_gates(body, statement):
            _gate(body, part, STDGATES[part.name])
        return
    symbol = body.importer.gate(body, statement)
    if isinstance(symbol, Lost):
        raise Mistake(None)
    if isinstance(symbol, SubroutineSymbol):
        _call(body, statement, symbol)
    elif isinstance(symbol, Opaque):
        what = f"`{statement.name}`, a gate without a definition,"
        raise Mistake(errors.NoMeaning(span=statement.head, what=what))
    elif isinstance(symbol, GateSymbol):
        _gate(body, statement, symbol)
    else:
        found = f"`{statement.name}`, which is no gate"
        raise Mistake(errors.QasmKind(span=statement.head, found=found, wanted="a gate or a subroutine"))


def _gate(body: Body, statement: nodes.Apply, symbol: GateSymbol) -> None:
    args = [body.values.angle(arg) for arg in statement.args]
    _count(statement, symbol.params, len(args), "parameter")
    own = modifiers_of(statement.span, symbol)
    mods = (*modifiers(body.values, statement.modifiers, symbol), *own)
    callee = _callee(statement.head, symbol, args)
    controls = count_controls(body.values, statement.modifiers)
    places = operands(body, statement.operands)
    _count(statement, controls + symbol.qubits, len(places), "qubit")
    write(body, Applied(statement.span, mods, callee, spreads=not symbol.is_circuit), places)


def _callee(span: Span, symbol: GateSymbol, args: Sequence[Value]) -> ast.Expr:
    exprs = [*(arg.expr for arg in args), *(tree.integer(span, number) for number in symbol.more)]
    return tree.call(span, symbol.gate, *exprs) if exprs else tree.name(span, symbol.gate)


def _count(statement: nodes.Apply, takes: int, given: int, what: str) -> None:
    if takes == given:
        return
    wanted = f"{takes} {what}{'s' if takes != 1 else ''}"
    shown = f"{given} {'is' if given == 1 else 'are'}"
    raise Mistake(errors.QasmCount(span=statement.head, name=statement.name, takes=wanted, given=shown))


# --- operands -------------------------------------------------------------------------------------


def operands(body: Body, written: Sequence[nodes.Expr]) -> list[Place]:
    """The operands of a gate."""
    places = [body.places.place(one) for one in written]
    for place in places:
        wires = place.wires or {(register, n) for register in place.registers for n in range(register.count)}
        body.touch(wires)
    return places


def write(body: Body, applied: Applied, places: list[Place]) -> None:
    """The statement, once for single qubits, else for every qubit of its registers."""
    registers = [place for place in places if not place.is_single]
    if not registers or (applied.spreads and _is_one_statement(registers)):
        body.write(_statement(applied, [place.expr for place in places]))
        return
    lengths = {_length(place) for place in registers}
    if len(lengths) > 1:
        here, there = len(registers[-1].wires or ()), len(registers[0].wires or ())
        found = f"a register of {here} beside one of {there}"
        raise Mistake(errors.QasmKind(span=registers[-1].span, found=found, wanted="registers of one length"))
    count = lengths.pop()
    loop = _loop(body, applied, places, count) if count > 1 else None
    if loop is not None:
        body.write(loop)
        return
    for number in range(count):
        body.write(_statement(applied, [_nth(place, number) for place in places]))


def _nth(place: Place, number: int) -> ast.Expr | None:
    if place.is_single or place.wires is None:
        return place.expr
    return of_wires(place.span, (place.wires[number],), is_single=True).expr


def _is_one_statement(registers: Sequence[Place]) -> bool:
    """Whether hqn can name each register as one operand; its checker compares their lengths."""
    return all(place.expr is not None for place in registers)


def _length(place: Place) -> int:
    if place.wires is None:
        wanted = "a register whose qubits are known"
        raise NeedsNumbers(errors.QasmKind(span=place.span, found="not known here", wanted=wanted))
    return len(place.wires)


def _statement(applied: Applied, exprs: Sequence[ast.Expr | None]) -> ast.Gate:
    known = tuple(expr for expr in exprs if expr is not None)
    return ast.Gate(applied.modifiers, applied.callee, known, None, span=applied.span)


def _loop(body: Body, applied: Applied, places: Sequence[Place], count: int) -> ast.Statement | None:
    """`repeat k in 0..n { g q[k], r[k] }`, where every register goes in equal steps."""
    span = applied.span
    variable = Scope(outer=body.scope).fresh("k")
    index, exprs = tree.name(span, variable), []
    for place in places:
        if place.is_single:
            exprs.append(place.expr)
            continue
        step = stride(place.wires or ())
        register, first = (place.wires or ())[0]
        if step is None or step < 1 or register.size is None:
            return None
        at = scaled(place.span, index, step, first)
        exprs.append(tree.subscript(place.span, tree.name(place.span, register.name), at))
    domain = ast.Range(tree.integer(span, 0), tree.integer(span, count), None, span=span)
    return tree.repeat(span, variable, domain, [_statement(applied, exprs)])


# --- subroutines ----------------------------------------------------------------------------------


def _call(body: Body, statement: nodes.Apply, symbol: SubroutineSymbol) -> None:
    """`sub(q[0], r, t);` as `sub(t) q[0], r`, whole numbers in brackets."""
    if statement.modifiers or statement.operands:
        found = f"`{statement.name}`, a subroutine"
        raise Mistake(errors.QasmKind(span=statement.head, found=found, wanted="a gate"))
    _count(statement, len(symbol.params), len(statement.args), "argument")
    statics: list[ast.Expr] = []
    angles: list[ast.Expr] = []
    given: list[Place] = []
    for (kind, size), arg in zip(symbol.params, statement.args, strict=True):
        if kind == "qubit":
            given.append(_argument(body, arg, size))
        elif kind == "int":
            statics.append(body.values.whole(arg).expr)
        else:
            angles.append(body.values.angle(arg).expr)
    callee: ast.Expr = tree.name(statement.head, symbol.circuit)
    if statics:
        callee = tree.subscript(statement.head, callee, *statics)
    if angles:
        callee = ast.Call(callee, tuple(tree.argument(one) for one in angles), span=statement.head)
    body.write(_statement(Applied(statement.span, (), callee, spreads=False), [one.expr for one in given]))


def _argument(body: Body, arg: nodes.Expr, size: int | None) -> Place:
    """Qubits given to a subroutine: as many as it declares."""
    place = operands(body, [arg])[0]
    if place.wires is not None and len(place.wires) != (size or 1):
        wanted = f"a register of {size}" if size else "one qubit"
        found = f"a register of {len(place.wires)}" if not place.is_single else "one qubit"
        raise Mistake(errors.QasmKind(span=arg.span, found=found, wanted=wanted))
    if place.wires is not None and place.is_single != (size is None):
        place = of_wires(arg.span, place.wires, is_single=size is None)
    if place.expr is None:
        what = "qubits that are no slice of one register, given to a subroutine,"
        raise Mistake(errors.NotImportedYet(span=arg.span, what=what))
    return place
