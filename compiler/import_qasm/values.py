"""Classical expressions of OpenQASM as expressions of hqn.

What came before: `nodes.Expr`. What leaves: `Value`. Invariants: whole numbers that are known become numbers,
angles stay as they were written; division of whole numbers truncates in OpenQASM 3 and is exact in 2.0.
"""

from __future__ import annotations

from dataclasses import replace

from hqn.compiler.import_qasm import errors, nodes, tree
from hqn.compiler.import_qasm.arithmetic import COMPARISONS, FUNCTIONS
from hqn.compiler.import_qasm.operations import (
    comparison,
    function,
    is_fraction,
    logic,
    negated,
    real_operation,
    truncated,
    whole,
)
from hqn.compiler.import_qasm.results import (
    CONSTANTS,
    KINDS,
    above,
    as_float,
    constant,
    from_outside,
    integer,
    literal,
    real,
    refuse,
    wrong_kind,
)
from hqn.compiler.import_qasm.scope import Bits, Lost, Mistake, NeedsNumbers, Scope, Value
from hqn.compiler.syntax import ast


class Values:
    """Translates expressions in one scope. `version` is the program's."""

    def __init__(self, scope: Scope, version: int) -> None:
        self.scope = scope
        self.version = version

    # --- what is wanted ---

    def angle(self, expr: nodes.Expr) -> Value:
        """A number that hqn takes as a float."""
        return as_float(self.value(expr), expr.span)

    def whole(self, expr: nodes.Expr, what: str = "a whole number") -> Value:
        value = self.value(expr)
        if value.kind == "float" and isinstance(value.number, float) and value.number.is_integer():
            return integer(expr.span, int(value.number))
        if value.kind != "int":
            wrong_kind(expr.span, KINDS[value.kind], what)
        return value

    def known(self, expr: nodes.Expr, what: str) -> int:
        """A whole number that is known while importing."""
        value = self.whole(expr, what)
        if not isinstance(value.number, int):
            raise NeedsNumbers(errors.QasmKind(span=expr.span, found="not known here", wanted=what))
        return value.number

    def condition(self, expr: nodes.Expr) -> Value:
        value = self.value(expr)
        if value.kind != "bool":
            wrong_kind(expr.span, KINDS[value.kind], "a truth value")
        return value

    # --- by form ---

    def value(self, expr: nodes.Expr) -> Value:
        """The value of an expression; raises `Mistake` or `NeedsNumbers`."""
        match expr:
            case nodes.Literal():
                return literal(expr)
            case nodes.Name():
                return self._name(expr)
            case nodes.Unary():
                return self._unary(expr)
            case nodes.Binary():
                return self._binary(expr)
            case nodes.Call():
                return self._call(expr)
            case nodes.Index():
                return self._element(expr)
            case nodes.Braces():
                return self._array(expr)
        return wrong_kind(expr.span, "a range", "a value")

    def _name(self, expr: nodes.Name) -> Value:
        symbol = self.scope.find(expr.name)
        if symbol is None and expr.name in CONSTANTS:
            return constant(expr.span, expr.name)
        symbol = self.scope.lookup(expr.name, expr.span)
        if isinstance(symbol, Lost):
            raise Mistake(None)
        if isinstance(symbol, Bits):
            what = "what depends on measured bits"
            refuse(errors.NotImportedYet(span=expr.span, what=what))
        if not isinstance(symbol, Value):
            wrong_kind(expr.span, f"`{expr.name}`, which is no value", "a value")
        if self.scope.is_outside(expr.name):
            return from_outside(symbol, expr)
        if isinstance(symbol.expr, ast.Name):
            return replace(symbol, expr=tree.name(expr.span, symbol.expr.name))  # messages point here
        return symbol

    def _unary(self, expr: nodes.Unary) -> Value:
        value = self.value(expr.operand)
        if expr.op == "+" and value.kind in ("int", "float"):
            return value
        if expr.op == "!" and value.kind == "bool":
            opposite = None if value.number is None else not value.number
            return above(Value(tree.unary(expr.span, "not", value.expr), "bool", opposite), expr.span, value)
        if expr.op == "-" and value.kind in ("int", "float"):
            return negated(expr, value)
        return refuse(errors.NotImportedYet(span=expr.span, what=f"`{expr.op}` of {KINDS[value.kind]}"))

    def _binary(self, expr: nodes.Binary) -> Value:
        left, right = self.value(expr.left), self.value(expr.right)
        kinds = {left.kind, right.kind}
        if expr.op in ("&&", "||") and kinds == {"bool"}:
            return logic(expr, left, right)
        if expr.op in COMPARISONS and kinds <= {"int", "float"}:
            return comparison(expr, left, right)
        exact = self.version == 2 and expr.op in ("/", "**")
        if kinds == {"int"} and not exact and not is_fraction(expr.op, right):
            return whole(expr, left, right)
        if kinds <= {"int", "float"} and expr.op in ("+", "-", "*", "/", "**", "%"):
            return real_operation(expr, left, right)
        found = " and ".join(KINDS[one] for one in sorted(kinds))
        return refuse(errors.NotImportedYet(span=expr.span, what=f"`{expr.op}` of {found}"))

    def _call(self, expr: nodes.Call) -> Value:
        args = [self.value(arg) for arg in expr.args]
        if expr.name in ("pow", "mod") and len(args) == 2:
            op = "**" if expr.name == "pow" else "%"
            return self._binary(nodes.Binary(expr.span, expr.depth, op, *expr.args))
        if expr.name in ("float", "angle") and len(args) == 1:
            return as_float(args[0], expr.span)
        if expr.name in ("int", "uint") and len(args) == 1:
            return truncated(args[0], expr.span)
        if expr.name not in FUNCTIONS:
            found = self.scope.find(expr.name)
            if found is None:
                refuse(errors.QasmUnknownName(span=expr.span, name=expr.name))
            refuse(errors.NotImportedYet(span=expr.span, what=f"the value of `{expr.name}(…)`"))
        if len(args) != 1:
            given = f"{len(args)} {'is' if len(args) == 1 else 'are'}"
            refuse(errors.QasmCount(span=expr.span, name=expr.name, takes="1 argument", given=given))
        return function(expr, as_float(args[0], expr.args[0].span))

    def _element(self, expr: nodes.Index) -> Value:
        """`w[i]`."""
        array = self.value(expr.value)
        if array.kind != "array" or array.length is None or len(expr.items) != 1:
            wrong_kind(expr.value.span, KINDS[array.kind], "an array of one dimension")
        index = self.whole(expr.items[0])
        place = index.number
        if isinstance(place, int):
            size = f"{array.length} elements"
            if not -array.length <= place < array.length:
                shown = expr.value.span.text
                refuse(errors.QasmRange(span=expr.items[0].span, index=place, register=shown, size=size))
            place %= array.length
            index = integer(expr.items[0].span, place)
        if array.elements is not None and (array.is_integral or not isinstance(array.expr, ast.Name)):
            if not isinstance(place, int):
                wanted = "an index that is a number"
                span = expr.items[0].span
                raise NeedsNumbers(errors.QasmKind(span=span, found="not known here", wanted=wanted))
            known = array.elements[place]
            return integer(expr.span, int(known)) if array.is_integral else real(expr.span, known)
        if index.least is None or index.least < 0:
            what = "an index that may be negative"
            raise NeedsNumbers(errors.NotImportedYet(span=expr.span, what=what))
        number = None if array.elements is None or not isinstance(place, int) else array.elements[place]
        element = Value(tree.subscript(expr.span, array.expr, index.expr), "float", number)
        return above(element, expr.span, index)

    def _array(self, expr: nodes.Braces) -> Value:
        if not expr.items:
            wrong_kind(expr.span, "nothing", "an element or more")
        items = [self.value(item) for item in expr.items]
        is_integral = all(item.kind == "int" for item in items)
        floats = [as_float(item, one.span) for item, one in zip(items, expr.items, strict=True)]
        numbers = tuple(float(item.number) for item in floats if item.number is not None)
        array = Value(
            ast.Array(tuple(item.expr for item in floats), span=expr.span),
            "array",
            elements=numbers if len(numbers) == len(floats) else None,
            length=len(floats),
            is_integral=is_integral and len(numbers) == len(floats),
        )
        return above(array, expr.span, *floats, most=100_000)
