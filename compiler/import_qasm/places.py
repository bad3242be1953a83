"""Qubits of OpenQASM as operands of hqn.

What came before: `nodes.Expr` that stand for qubits. What leaves: `Place`s. Invariants: OpenQASM's ranges
include their end, hqn's do not; where every qubit of a place is known, `wires` lists them in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from hqn.compiler.import_qasm import errors, nodes, tree
from hqn.compiler.import_qasm.scope import Alias, Lost, Mistake, NeedsNumbers, Register, Value, Wire
from hqn.compiler.import_qasm.values import Values
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast

MOST_QUBITS = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """One operand. `expr` is None where hqn cannot write it as one, `wires` where they are not known."""

    span: Span
    expr: ast.Expr | None
    is_single: bool
    wires: tuple[Wire, ...] | None
    registers: frozenset[Register]


class Places:
    """Translates operands in one scope."""

    def __init__(self, values: Values) -> None:
        self._values = values

    def place(self, expr: nodes.Expr) -> Place:
        """What qubits an operand names; raises `Mistake` or `NeedsNumbers`."""
        match expr:
            case nodes.Name():
                return self._named(expr)
            case nodes.Index(items=(item,)):
                return self._indexed(expr, item)
            case nodes.Index():
                self._no_qubit(expr.span, "an index of several dimensions")
            case nodes.Binary(op="++"):
                wires = (*_known(self.place(expr.left)), *_known(self.place(expr.right)))
                if len(wires) > MOST_QUBITS:
                    raise Mistake(errors.QasmTooLong(span=expr.span, limit=MOST_QUBITS, what="qubits"))
                return of_wires(expr.span, wires, is_single=False)
        return self._no_qubit(expr.span, "a value")

    def _no_qubit(self, span: Span, found: str) -> NoReturn:
        raise Mistake(errors.QasmKind(span=span, found=found, wanted="a qubit or a register of qubits"))

    def _named(self, expr: nodes.Name) -> Place:
        symbol = self._values.scope.lookup(expr.name, expr.span)
        if isinstance(symbol, Lost):
            raise Mistake(None)
        if isinstance(symbol, Alias):
            return of_wires(expr.span, symbol.wires, symbol.is_single)
        if not isinstance(symbol, Register):
            self._no_qubit(expr.span, f"`{expr.name}`, which holds no qubits")
        name = tree.name(expr.span, symbol.name)
        return Place(expr.span, name, symbol.size is None, symbol.wires, frozenset([symbol]))

    def _indexed(self, expr: nodes.Index, item: nodes.Expr) -> Place:
        base = self.place(expr.value)
        if base.is_single:
            self._no_qubit(expr.value.span, "a single qubit, which has no index")
        if isinstance(item, nodes.Range):
            return self._slice(expr, base, item)
        if isinstance(item, nodes.Braces):
            return self._chosen(expr, _known(base), item)
        if base.wires is not None and isinstance(item, nodes.Literal) and type(item.value) is int:
            return _nth(expr, item, base.wires, item.value)
        index = self._values.whole(item, "an index")
        if base.wires is not None and isinstance(index.number, int):
            return _nth(expr, item, base.wires, index.number)
        return _element(expr.span, base, index)

    def _chosen(self, expr: nodes.Index, wires: Sequence[Wire], item: nodes.Braces) -> Place:
        """`q[{0, 2}]`."""
        if not item.items:
            self._no_qubit(item.span, "an empty set")
        numbers = [self._values.known(one, "an index") for one in item.items]
        places = [
            _checked(expr, one, number, len(wires)) for one, number in zip(item.items, numbers, strict=True)
        ]
        return of_wires(expr.span, [wires[place] for place in places], is_single=False)

    def _slice(self, expr: nodes.Index, base: Place, item: nodes.Range) -> Place:
        """`q[a:s:b]`, whose end is part of it."""
        written = (item.start, item.step, item.stop)
        ends = [None if one is None else self._values.whole(one, "an index") for one in written]
        numbers = [None if one is None else one.number for one in ends]
        if all(one is None or isinstance(number, int) for one, number in zip(ends, numbers, strict=True)):
            return self._known_slice(expr, item, _known(base), numbers)
        if ends[1] is not None or not isinstance(base.expr, ast.Name):
            wanted = "a slice between known numbers"
            raise NeedsNumbers(errors.QasmKind(span=item.span, found="not known here", wanted=wanted))
        start, stop = ends[0], ends[2]
        first = start.expr if start else tree.integer(item.span, 0)
        last = after(item.span, stop) if stop else tree.integer(item.span, len(_known(base)))
        sliced = tree.subscript(expr.span, base.expr, ast.Range(first, last, None, span=item.span))
        return Place(expr.span, sliced, False, None, base.registers)

    def _known_slice(
        self, expr: nodes.Index, item: nodes.Range, wires: Sequence[Wire], numbers: Sequence[object]
    ) -> Place:
        start, step, stop = (one if isinstance(one, int) else None for one in numbers)
        step = 1 if step is None else step
        if step == 0:
            raise Mistake(errors.QasmNumber(span=item.span, reason="a step of 0"))
        size = len(wires)
        backwards = step < 0
        first = (size - 1 if backwards else 0) if start is None else _checked(expr, item.start, start, size)
        last = (0 if backwards else size - 1) if stop is None else _checked(expr, item.stop, stop, size)
        chosen = range(first, last + (-1 if backwards else 1), step)
        if not chosen:
            raise Mistake(errors.QasmKind(span=item.span, found="an empty slice", wanted="a qubit or more"))
        return of_wires(expr.span, [wires[number] for number in chosen], is_single=False)


def _known(place: Place) -> tuple[Wire, ...]:
    if place.wires is None:
        wanted = "a register whose qubits are known"
        raise NeedsNumbers(errors.QasmKind(span=place.span, found="not known here", wanted=wanted))
    return place.wires


def _nth(expr: nodes.Index, item: nodes.Expr, wires: Sequence[Wire], number: int) -> Place:
    return of_wires(expr.span, (wires[_checked(expr, item, number, len(wires))],), is_single=True)


def _checked(expr: nodes.Index, item: nodes.Expr | None, number: int, size: int) -> int:
    """An index as one from the start."""
    if -size <= number < size:
        return number % size
    span = item.span if item is not None else expr.span
    shown = f"{size} qubit{'s' if size != 1 else ''}"
    raise Mistake(errors.QasmRange(span=span, index=number, register=expr.value.span.text, size=shown))


def of_wires(span: Span, wires: Sequence[Wire], is_single: bool) -> Place:
    """The place of known qubits."""
    registers = frozenset(register for register, _ in wires)
    return Place(span, _written(span, wires, is_single), is_single, tuple(wires), registers)


def _written(span: Span, wires: Sequence[Wire], is_single: bool) -> ast.Expr | None:
    """`q[2]`, `q[0..6 step 2]`, `q`: None where the qubits are no slice of one register going upwards."""
    register, first = wires[0]
    name = tree.name(span, register.name)
    if is_single:
        return name if register.size is None else tree.subscript(span, name, tree.integer(span, first))
    step = stride(wires)
    if step is None or step < 1 or register.size is None:
        return None
    if len(wires) == register.size:
        return name
    start, stop = tree.integer(span, first), tree.integer(span, wires[-1][1] + 1)
    by = tree.integer(span, step) if step > 1 else None
    return tree.subscript(span, name, ast.Range(start, stop, by, span=span))


def stride(wires: Sequence[Wire]) -> int | None:
    """The distance of qubits of one register that are equally far apart; 1 for a single one."""
    if len(wires) == 1:
        return 1
    register, first = wires[0]
    step = wires[1][1] - first
    expected = [(register, first + step * number) for number in range(len(wires))]
    return step if step and list(wires) == expected else None


def _element(span: Span, base: Place, index: Value) -> Place:
    """`q[i]` with the variable of a loop."""
    step = None if base.wires is None else stride(base.wires)
    if base.wires is None or step is None or base.wires[0][0].size is None:
        wanted = "an index that is a number"
        raise NeedsNumbers(errors.QasmKind(span=span, found="not known here", wanted=wanted))
    if index.least is None or index.least < 0:
        what = "an index that may be negative"
        raise NeedsNumbers(errors.NotImportedYet(span=span, what=what))
    register, first = base.wires[0]
    place = scaled(span, index.expr, step, first)
    expr = tree.subscript(span, tree.name(span, register.name), place)
    return Place(span, expr, True, None, base.registers)


def scaled(span: Span, index: ast.Expr, step: int, first: int) -> ast.Expr:
    """first + step * index."""
    if step != 1:
        index = tree.binary(span, "*", tree.integer(span, step), index)
    if first:
        index = tree.binary(span, "+", index, tree.integer(span, first))
    return index


def after(span: Span, value: Value) -> ast.Expr:
    """value + 1, without a `- 1 + 1`."""
    if isinstance(value.number, int):
        return tree.integer(span, value.number + 1)
    match value.expr:
        case ast.Binary(op="-", left=left, right=ast.Int(value=1)):
            return left
        case ast.Binary(op="-", left=left, right=ast.Int(value=more)):
            return tree.binary(span, "-", left, tree.integer(span, more - 1))
    return tree.binary(span, "+", value.expr, tree.integer(span, 1))
