"""The expressions of OpenQASM, and how tokens are taken.

What came before: a text. What leaves: `nodes.Expr`. Invariants: a mistake is reported once and raises
`Broken`, which the statement around it catches; nothing nests deeper than `nodes.DEEPEST`.
"""

from __future__ import annotations

import re
from typing import NoReturn

from hqn.compiler.diagnostics import Diagnostic, Sink
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.import_qasm import errors, nodes
from hqn.compiler.import_qasm.tokens import Token, token_at
from hqn.compiler.source import Source, Span

_BINDING = {
    "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, "<=": 7, ">": 7, ">=": 7,
    "<<": 8, ">>": 8, "+": 9, "-": 9, "++": 9, "*": 10, "/": 10, "%": 10, "**": 12,
}  # fmt: skip
"""How tightly an operator binds; `**` binds to the right, and tighter than a sign on its left."""

_SIGN = 11
_SIGNS = ("-", "+", "!", "~")
_BASES = {"0x": 16, "0b": 2, "0o": 8}
_LARGEST = 2**63
_ELEMENT = re.compile(r"\[(0|[1-9][0-9]{0,8})\]")


class Broken(Exception):
    """A statement that cannot be read; what is wrong is reported."""


class Reader:
    """One text and a place in it."""

    def __init__(self, source: Source, sink: Sink) -> None:
        self.source = source
        self.sink = sink
        self.version = 3
        self.token = token_at(source.text, 0)
        self.last = Token("end", "", 0, 0)
        """The token before `token`."""
        self._levels = 0

    # --- tokens ---

    def advance(self) -> Token:
        self.last = self.token
        self.token = token_at(self.source.text, self.token.end)
        return self.last

    def jump(self, position: int) -> None:
        self.token = token_at(self.source.text, position)

    def at(self, *texts: str) -> bool:
        return self.token.text in texts and self.token.kind != "string"

    def take(self, text: str) -> bool:
        if not self.at(text):
            return False
        self.advance()
        return True

    def need(self, text: str, *, before: str = "") -> Token:
        """The next token, which must be `text`; `before` is what could stand instead of it."""
        if self.at(text):
            return self.advance()
        return self.refuse(f"`{text}` or `{before}`" if before else f"`{text}`")

    def need_name(self) -> Token:
        return self.advance() if self.token.kind == "name" else self.refuse("a name")

    def span(self, start: int) -> Span:
        """From an offset to the end of the last token."""
        return self.source.span(start, max(start, self.last.end))

    def refuse(self, wanted: str) -> NoReturn:
        found = str(self.token) if len(self.token.text) <= 40 else "this"
        span = self.source.span(self.token.start, self.token.end)
        if self.token.kind == "end":
            span = self.source.span(self.last.start, self.last.end)
        self.fail(errors.QasmSyntax(span=span, found=visible(found), wanted=wanted))

    def fail(self, found: Diagnostic) -> NoReturn:
        self.sink.report(found)
        raise Broken

    # --- expressions ---

    def expression(self, binding: int = 0) -> nodes.Expr:
        """Everything that binds tighter than `binding`."""
        self._levels += 1
        if self._levels > nodes.DEEPEST:
            self._too_deep(self.token.start)
        start = self.token.start
        left = self._operand()
        while (tightness := self._tightness()) > binding:
            op = self.advance().text
            right = self.expression(tightness - (tightness == _BINDING["**"]))
            op = "**" if op == "^" and self.version == 2 else op
            left = nodes.Binary(self.span(start), self._above(start, left, right), op, left, right)
        self._levels -= 1
        return left

    def expressions(self, end: str) -> tuple[nodes.Expr, ...]:
        """A list up to and with its closing bracket; a last comma is allowed."""
        found: list[nodes.Expr] = []
        while not self.take(end):
            found.append(self.item())
            if not self.at(end):
                self.need(",", before=end)
        return tuple(found)

    def item(self) -> nodes.Expr:
        """An expression, a range `a:b`, `a:s:b`, or a set in braces."""
        start = self.token.start
        first = None if self.at(":") else self.expression()
        if first is not None and not self.at(":"):
            return first
        self.need(":")
        second = None if self.at("]", ",", ":") else self.expression()
        third = None
        if self.take(":"):
            third = None if self.at("]", ",") else self.expression()
            step, stop = second, third
        else:
            step, stop = None, second
        return nodes.Range(self.span(start), self._above(start, first, step, stop), first, step, stop)

    def _tightness(self) -> int:
        if self.token.kind != "mark":
            return 0
        if self.version == 2 and self.at("^"):
            return _BINDING["**"]
        return _BINDING.get(self.token.text, 0)

    def _operand(self) -> nodes.Expr:
        start = self.token.start
        if self.at(*_SIGNS) and self.token.kind == "mark":
            op = self.advance().text
            operand = self.expression(_SIGN - 1)
            return nodes.Unary(self.span(start), self._above(start, operand), op, operand)
        found = self._element() or self._atom()
        while self.at("["):
            self.advance()
            items = self.expressions("]")
            found = nodes.Index(self.span(start), self._above(start, found, *items), found, items)
        return found

    def _element(self) -> nodes.Expr | None:
        """`q[3]` at once: long programs consist of little else."""
        token = self.token
        match = _ELEMENT.match(self.source.text, token.end) if token.kind == "name" else None
        if match is None or token.text in _NO_REGISTERS:
            return None
        source, digits, end = self.source, match[1], match.end()
        self.jump(end)
        self.last = Token("mark", "]", end - 1, end)
        index = nodes.Literal(Span(source, *match.span(1)), 1, int(digits), digits)
        register = nodes.Name(Span(source, token.start, token.end), 1, token.text)
        return nodes.Index(Span(source, token.start, end), 2, register, (index,))

    def _atom(self) -> nodes.Expr:
        start, kind = self.token.start, self.token.kind
        if kind in ("int", "float"):
            return self._number()
        if kind == "name":
            return self._named()
        if kind in ("time", "hardware"):
            self._refuse_atom()
        if self.take("("):
            inner = self.expression()
            self.need(")")
            return inner
        if self.take("{"):
            items = self.expressions("}")
            return nodes.Braces(self.span(start), self._above(start, *items), items)
        return self.refuse("an expression")

    def _number(self) -> nodes.Literal:
        token = self.advance()
        span, digits = self.span(token.start), token.text.replace("_", "")
        if token.kind == "float":
            return nodes.Literal(span, 1, float(digits), digits)
        if len(digits) > 66:
            self.fail(errors.QasmNumber(span=span, reason="this whole number is not below 2 ** 63"))
        base = _BASES.get(digits[:2].lower(), 10)
        try:
            value = int(digits, base)
        except ValueError:
            self.fail(errors.QasmNumber(span=span, reason=f"`{token.text}` is no number"))
        if value >= _LARGEST:
            self.fail(errors.QasmNumber(span=span, reason="this whole number is not below 2 ** 63"))
        return nodes.Literal(span, 1, value, str(value))

    def _named(self) -> nodes.Expr:
        token = self.advance()
        if token.text in ("true", "false"):
            return nodes.Literal(self.span(token.start), 1, token.text == "true", token.text)
        if token.text == "measure":
            what = "a measurement inside of an expression"
            self.fail(errors.NotImportedYet(span=self.span(token.start), what=what))
        if self.at("[") and token.text in CASTS:
            self.advance()
            self.expressions("]")
        if not self.take("("):
            return nodes.Name(self.span(token.start), 1, token.text)
        args = self.expressions(")")
        return nodes.Call(self.span(token.start), self._above(token.start, *args), token.text, args)

    def _refuse_atom(self) -> NoReturn:
        token = self.advance()
        span = self.span(token.start)
        if token.text.endswith("im"):
            self.fail(errors.NotImportedYet(span=span, what="a complex number"))
        if token.kind == "time":
            self.fail(errors.NoMeaning(span=span, what="a duration"))
        help_ = "declare a register of qubits"
        self.fail(errors.NotImportedYet(span=span, what="a qubit of the hardware", help=help_))

    def _above(self, start: int, *below: nodes.Expr | None) -> int:
        depth = 1 + max((one.depth for one in below if one is not None), default=0)
        if depth > nodes.DEEPEST:
            self._too_deep(start)
        return depth

    def _too_deep(self, start: int) -> NoReturn:
        self.fail(errors.QasmTooDeep(span=self.source.span(start, self.token.end), limit=nodes.DEEPEST))


CASTS = frozenset(["int", "uint", "float", "angle", "bool", "bit"])
"""Types that may be written before a value in parentheses."""
_NO_REGISTERS = CASTS | {"true", "false", "measure"}
