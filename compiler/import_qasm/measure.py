"""Measurement, reset, and gates under measured bits.

What came before: statements with measured bits, in a program whose loops around them are turned. What leaves:
statements of hqn, where a measured qubit is gone until it is reset. A measurement whose qubit and bit nobody
uses later writes nothing: the program's result reads that qubit. Any other becomes `b = measure q`,
`reset q`, `if b { x q }`, after which the qubit reads what was measured. Invariant: a bit of hqn is written
once; a bit of OpenQASM that is measured anew is another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hqn.compiler.import_qasm import errors, nodes, tree
from hqn.compiler.import_qasm.places import of_wires
from hqn.compiler.import_qasm.scope import Bits, Mistake, Scope, Wire
from hqn.compiler.import_qasm.values import Values
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast

Bit = tuple[Bits, int]
Condition = ast.Expr | bool


@dataclass(slots=True)
class Measured:
    """The measurement of one qubit, in its place among what is written; `is_used` says whether it stays."""

    span: Span
    wire: Wire
    name: str
    is_used: bool = False

    def statements(self) -> Iterator[ast.Statement]:
        if not self.is_used:
            return
        span, qubit = self.span, of_wires(self.span, (self.wire,), is_single=True).expr
        assert qubit is not None
        bit = tree.name(span, self.name)
        value = ast.Application(tree.name(span, "measure"), (qubit,), span=span)
        yield ast.Bind((tree.ident(span, self.name),), value, span=span)
        yield ast.QubitOp("reset", (qubit,), span=span)
        flip = ast.Gate((), tree.name(span, "x"), (qubit,), None, span=span)
        yield ast.Evaluate(ast.If(bit, tree.block(span, [flip]), None, span=span), span=span)


class Measurements:
    """What is measured in one circuit so far."""

    def __init__(self) -> None:
        self.bits: dict[Bit, Measured] = {}
        self.last: dict[Wire, Measured] = {}
        """Qubits that nothing has happened to since."""
        self.is_mixed = False

    def measure(
        self, span: Span, wires: Iterable[Wire], bits: list[Bit] | None, scope: Scope
    ) -> list[Measured]:
        """Measurements to be written; `bits` None forgets what was read."""
        found = []
        for place, wire in enumerate(wires):
            into = bits[place] if bits is not None else None
            one = Measured(span, wire, scope.fresh(_name(into)))
            self.touch([wire])
            self.last[wire] = one
            if into is not None:
                self.bits[into] = one
            found.append(one)
        return found

    def touch(self, wires: Iterable[Wire]) -> None:
        """Something happens to these qubits, so that measurements of them are no longer the last."""
        for wire in wires:
            if wire in self.last:
                self._use(self.last.pop(wire))

    def read(self, bit: Bit) -> Condition:
        """A bit in a condition; one that nothing was written into reads 0."""
        one = self.bits.get(bit)
        if one is None:
            return False
        self._use(one)
        return tree.name(one.span, one.name)

    def _use(self, one: Measured) -> None:
        one.is_used = self.is_mixed = True


def _name(bit: Bit | None) -> str:
    if bit is None:
        return "b"
    bits, number = bit
    return bits.name if bits.size is None else f"{bits.name}_{number}"


def bits_of(values: Values, target: nodes.Expr) -> list[Bit]:
    """The bits that a name or an element stands for."""
    name = target.value if isinstance(target, nodes.Index) else target
    symbol = values.scope.lookup(name.name, name.span) if isinstance(name, nodes.Name) else None
    if not isinstance(symbol, Bits):
        raise Mistake(errors.QasmKind(span=target.span, found="no bit", wanted="a bit or a register of bits"))
    if not isinstance(target, nodes.Index):
        return [(symbol, number) for number in range(symbol.size or 1)]
    if (
        len(target.items) != 1
        or isinstance(target.items[0], nodes.Range | nodes.Braces)
        or symbol.size is None
    ):
        raise Mistake(
            errors.NotImportedYet(span=target.span, what="bits that are no single one or a register")
        )
    number = values.known(target.items[0], "an index")
    if not -symbol.size <= number < symbol.size:
        size = f"{symbol.size} bit{'s' if symbol.size != 1 else ''}"
        raise Mistake(
            errors.QasmRange(span=target.items[0].span, index=number, register=symbol.name, size=size)
        )
    return [(symbol, number % symbol.size)]


def mentions_bits(values: Values, expr: nodes.Expr) -> bool:
    """Whether a condition reads measured bits."""
    match expr:
        case nodes.Name():
            return isinstance(values.scope.find(expr.name), Bits)
        case nodes.Index():
            return mentions_bits(values, expr.value)
        case nodes.Unary():
            return mentions_bits(values, expr.operand)
        case nodes.Binary():
            return mentions_bits(values, expr.left) or mentions_bits(values, expr.right)
        case nodes.Call():
            return any(mentions_bits(values, arg) for arg in expr.args)
    return False


def condition(values: Values, measured: Measurements, expr: nodes.Expr) -> Condition:
    """A condition on measured bits; known where no bit that it needs was measured."""
    match expr:
        case nodes.Unary(op="!" | "~"):
            return _negated(expr.span, condition(values, measured, expr.operand))
        case nodes.Binary(op="&&" | "||"):
            sides = [condition(values, measured, one) for one in (expr.left, expr.right)]
            return _joined(expr.span, "and" if expr.op == "&&" else "or", sides)
        case nodes.Binary(op="==" | "!="):
            found = _equals(values, measured, expr)
            return found if expr.op == "==" else _negated(expr.span, found)
        case nodes.Name() | nodes.Index() if mentions_bits(values, expr):
            bits = bits_of(values, expr)
            return _joined(expr.span, "or", [measured.read(bit) for bit in bits])
        case nodes.Call(name="bool" | "bit", args=(arg,)) if mentions_bits(values, expr):
            return condition(values, measured, arg)
    if not mentions_bits(values, expr):
        known = values.condition(expr)
        return bool(known.number) if known.number is not None else known.expr
    raise Mistake(errors.NotImportedYet(span=expr.span, what="this condition on measured bits"))


def _equals(values: Values, measured: Measurements, expr: nodes.Binary) -> Condition:
    """Bits beside a number, of which the first bit is the least significant, or beside a truth value."""
    left, right = (expr.left, expr.right) if mentions_bits(values, expr.left) else (expr.right, expr.left)
    if mentions_bits(values, right):
        raise Mistake(errors.NotImportedYet(span=expr.span, what="comparing measured bits with each other"))
    if isinstance(left, nodes.Call):
        left = left.args[0]
    if not isinstance(left, nodes.Name | nodes.Index):
        side, wanted = condition(values, measured, left), bool(values.value(right).number)
        return side if wanted else _negated(expr.span, side)
    number = values.value(right).number
    if number is None:
        raise Mistake(
            errors.NotImportedYet(span=right.span, what="comparing measured bits with what is not known")
        )
    bits = bits_of(values, left)
    read = [measured.read(bit) for bit in bits]
    wanted_bits = [bool(int(number) >> place & 1) for place in range(len(bits))]
    if int(number) >> len(bits):
        return False
    sides = [one if on else _negated(expr.span, one) for one, on in zip(read, wanted_bits, strict=True)]
    return _joined(expr.span, "and", sides)


def _negated(span: Span, side: Condition) -> Condition:
    if isinstance(side, bool):
        return not side
    return side.operand if isinstance(side, ast.Unary) else tree.unary(span, "not", side)


def _joined(span: Span, op: str, sides: list[Condition]) -> Condition:
    neutral = op == "and"
    if any(side is (not neutral) for side in sides):
        return not neutral
    found: Condition = neutral
    for side in sides:
        if not isinstance(side, bool):
            found = side if isinstance(found, bool) else tree.binary(span, op, found, side)
    return found
