"""Choices by measured bits: `if b { … }`, `if bs == 2 { … } else { … }`.

What came before: a condition in which measured bits occur, and statements elaborated under it. What leaves:
the same statements, each gate under bits that must read 1 (`if`) or 0 (`unless`). Invariant: the patterns of
bits that stand for a condition exclude each other, so that one gate per pattern acts at most once.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import replace

from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.bodies.elaborate import elaborate_block, elaborate_size
from hqn.compiler.types.circuits import usage
from hqn.compiler.types.circuits.bits import BitsBinding
from hqn.compiler.types.circuits.measurement_errors import BadCondition, NotUnderBit
from hqn.compiler.types.circuits.qubits import circuit_state
from hqn.compiler.types.scope import Scope

Pattern = tuple[typed.GateModifier, ...]
Reading = Callable[[dict[int, int]], int]
"""The value of an expression for values of the bits."""

MOST_BITS = 10
_COMPARED = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def tells_of_bits(scope: Scope, condition: ast.Expr) -> bool:
    """Whether measured bits occur in a condition."""
    return any(_bits_of(scope, node) is not None for node in ast.walk(condition))


def _bits_of(scope: Scope, node: ast.Node) -> BitsBinding | None:
    binding = scope.lookup(node.name) if isinstance(node, ast.Name) else None
    return binding if isinstance(binding, BitsBinding) else None


def choose(scope: Scope, choice: ast.If, branch: Callable[[Scope, ast.Block | ast.If], None]) -> None:
    """A choice by measured bits; `branch` elaborates a block, or the choice behind `else if`."""
    reader = _Reader(scope)
    reading = reader.truth(choice.condition)
    if reading is None:
        reading = _false
        scope.frame.failed = True
    for block, wanted in ((choice.then, True), (choice.otherwise, False)):
        if block is not None:
            _guarded(scope, choice, reader.patterns(reading, wanted), block, branch)


def _guarded(
    scope: Scope,
    choice: ast.If,
    patterns: list[Pattern],
    block: ast.Block | ast.If,
    branch: Callable[[Scope, ast.Block | ast.If], None],
) -> None:
    state, inner = circuit_state(scope.frame).usage, scope.inner()
    with usage.under(state, choice.condition.span):
        branch(inner, block)
    for statement in inner.statements:
        scope.statements.extend(_under(scope, statement, patterns, choice))


def _under(
    scope: Scope, statement: typed.Statement, patterns: list[Pattern], choice: ast.If
) -> Iterator[typed.Statement]:
    match statement:
        case typed.ApplyCircuit() if not statement.function.unitary:
            what = f"`{statement.function.definition}`, which measures, resets or discards,"
            scope.report(NotUnderBit(span=statement.span, what=what, condition=choice.condition.span))
        case typed.ApplyGate() | typed.ApplyCircuit():
            for pattern in patterns:
                yield replace(statement, modifiers=(*pattern, *statement.modifiers))
        case typed.RepeatGates():
            inside = [one for inner in statement.statements for one in _under(scope, inner, patterns, choice)]
            yield replace(statement, statements=tuple(inside))
        case _:
            yield statement


def elaborate_branch(scope: Scope, block: ast.Block) -> None:
    """A block of a choice, whose own qubits are gone when it ends."""
    with usage.block(scope, circuit_state(scope.frame).usage, "branch"):
        elaborate_block(scope, block)


def _false(_: dict[int, int]) -> int:
    return 0


class _Reader:
    """Reads a condition; `bits` are those that occur in it."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.bits: dict[int, None] = {}

    def patterns(self, reading: Reading, wanted: bool) -> list[Pattern]:
        """What the bits may be where the condition holds (or does not)."""
        if len(self.bits) > MOST_BITS:
            return []
        return list(_split(reading, wanted, tuple(self.bits), {}))

    def truth(self, expr: ast.Expr) -> Reading | None:
        """A condition; None where that is reported."""
        match expr:
            case ast.Unary(op="not"):
                inner = self.truth(expr.operand)
                return inner and (lambda bits: not inner(bits))
            case ast.Binary(op="and" | "or"):
                return self._joined(expr)
            case ast.Binary(op=op) if op in _COMPARED and tells_of_bits(self.scope, expr):
                return self._compared(expr)
            case _ if not tells_of_bits(self.scope, expr):
                known = check_static.condition(self.scope, expr)
                return lambda _: bool(known)
        number = self._number(expr)
        if number is None or number[1] == 1:
            return number and number[0]
        self._refuse(expr, f"`{expr.span.text}` has {number[1]} bits; compare it with a number")
        return None

    def _joined(self, expr: ast.Binary) -> Reading | None:
        left, right = self.truth(expr.left), self.truth(expr.right)
        if left is None or right is None:
            return None
        if expr.op == "and":
            return lambda bits: left(bits) and right(bits)
        return lambda bits: left(bits) or right(bits)

    def _compared(self, expr: ast.Binary) -> Reading | None:
        left, right = self._number(expr.left), self._number(expr.right)
        if left is None or right is None:
            return None
        self._in_reach(expr, left, right)
        compare, (one, _), (other, _) = _COMPARED[expr.op], left, right
        return lambda bits: compare(one(bits), other(bits))

    def _in_reach(self, expr: ast.Binary, left: tuple[Reading, int], right: tuple[Reading, int]) -> None:
        """Bits are compared for equality with a number that they can read."""
        bits, number = max(left[1], right[1]), (left if not left[1] else right)
        if not self.scope.concrete or expr.op not in ("==", "!=") or number[1]:
            return
        value = number[0]({})
        if not 0 <= value < 2**bits:
            read = f"{bits} bits read 0 to {2**bits - 1}" if bits > 1 else "a bit reads 0 or 1"
            self._refuse(expr, f"{read}, and never {value}")

    def _number(self, expr: ast.Expr) -> tuple[Reading, int] | None:
        """Bits as a number with how many they are, the first the most significant; or a known number."""
        if not tells_of_bits(self.scope, expr):
            known = elaborate_size(self.scope, expr)
            return (lambda _: known if isinstance(known, int) else 0), 0
        found = self._bits(expr)
        if found is None:
            return None
        self.bits |= dict.fromkeys(found)
        if len(self.bits) > MOST_BITS:
            self._refuse(expr, f"a condition reads at most {MOST_BITS} bits")
            return None
        return (lambda bits: int("".join(str(bits[bit]) for bit in found) or "0", 2)), max(len(found), 1)

    def _bits(self, expr: ast.Expr) -> tuple[int, ...] | None:
        if (binding := _bits_of(self.scope, expr)) is not None:
            return binding.bits
        inner = _bits_of(self.scope, expr.value) if isinstance(expr, ast.Subscript) else None
        if inner is None or inner.single or not isinstance(expr, ast.Subscript) or len(expr.items) != 1:
            self._refuse(expr, "this is neither a bit nor a comparison of bits with a number")
            return None
        place = elaborate_size(self.scope, expr.items[0].value)
        if not isinstance(place, int) or not isinstance(inner.count, int):
            return ()
        if not -inner.count <= place < inner.count:
            self._refuse(expr, f"{inner.count} bits were measured, so there is no bit {place}")
            return None
        return inner.bits[place : place + 1 or None] if inner.bits else ()

    def _refuse(self, expr: ast.Expr, why: str) -> None:
        self.scope.report(BadCondition(span=expr.span, why=why))


def _split(reading: Reading, wanted: bool, bits: tuple[int, ...], known: dict[int, int]) -> Iterator[Pattern]:
    """Patterns of the bits not yet known under which the reading is as wanted; one bit is fixed at a time."""
    outcomes = {bool(reading({**known, **rest})) for rest in _all(bits)}
    if wanted not in outcomes:
        return
    if outcomes == {wanted}:
        yield ()
        return
    first, *others = bits
    for value, kind in ((1, "if"), (0, "unless")):
        for pattern in _split(reading, wanted, tuple(others), {**known, first: value}):
            yield (typed.GateModifier(kind, first), *pattern)  # type: ignore[arg-type]


def _all(bits: tuple[int, ...]) -> Iterator[dict[int, int]]:
    for number in range(1 << len(bits)):
        yield {bit: number >> place & 1 for place, bit in enumerate(bits)}
