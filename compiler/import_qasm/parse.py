"""The statements of OpenQASM 2.0 and 3.

What came before: a `Source`. What leaves: `nodes.Program`; after mistakes it lacks the broken statements.
Invariants: no text makes it raise; time is linear in the text; what has no meaning in hqn is reported where
it stands and skipped whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from hqn.compiler.diagnostics import Diagnostic, Sink
from hqn.compiler.import_qasm import errors, nodes
from hqn.compiler.import_qasm.reader import Broken, Reader
from hqn.compiler.source import Source

MOST_STATEMENTS = 200_000
MOST_ERRORS = 100
DEEPEST_BLOCKS = 20

_TYPES = frozenset(["qubit", "bit", "int", "uint", "float", "angle", "bool", "array", "complex"])
_MODIFIERS = frozenset(["ctrl", "negctrl", "inv", "pow"])
_NO_MEANING = {
    "defcal": "a calibration", "cal": "a calibration", "defcalgrammar": "a calibration",
    "duration": "a duration", "stretch": "a duration", "delay": "a delay",
    "box": "a box of timing", "durationof": "a duration",
    "while": "`while`, a loop without a known end,", "extern": "an external function",
}  # fmt: skip
_NOT_YET = {
    "switch": "`switch`", "return": "`return`", "break": "`break`", "continue": "`continue`", "end": "`end`",
    "complex": "a complex number",
    "mutable": "an array as an argument", "readonly": "an array as an argument",
}  # fmt: skip


class _Enough(Exception):
    """Too many statements or mistakes; the rest is not read."""


def parse(source: Source, sink: Sink, version: int = 3) -> nodes.Program:
    """The tree of a program; what is wrong with it goes to the sink. `version`: where it names none."""
    return Parser(source, sink, version).program()


class Parser(Reader):
    """Reads one program. Every statement is a method that returns what it stands for."""

    def __init__(self, source: Source, sink: Sink, version: int) -> None:
        super().__init__(source, sink)
        self.version = version
        self._count = 0
        self._errors = 0
        self._blocks = 0
        self._rules: dict[str, Callable[[int], list[nodes.Statement]]] = {
            "include": self._include, "qreg": self._old_register, "creg": self._old_register,
            "let": self._alias,
            "const": self._declared, "input": self._declared, "output": self._declared,
            "gate": self._gate, "opaque": self._gate, "def": self._subroutine,
            "measure": self._measure, "reset": self._reset,
            "barrier": self._barrier, "if": self._if, "for": self._for, "nop": self._nop,
            **dict.fromkeys(_TYPES, self._declared), **dict.fromkeys(_MODIFIERS, self._apply),
        }  # fmt: skip

    def program(self) -> nodes.Program:
        found: list[nodes.Statement] = []
        try:
            self._version()
            while self.token.kind != "end":
                if self.at("}"):
                    self._stray()
                    continue
                found += self._statement()
        except _Enough:
            return nodes.Program(self.version, ())
        return nodes.Program(self.version, tuple(found))

    def _stray(self) -> None:
        """A `}` that closes nothing; behind a mistake it belongs to what was skipped."""
        if not self._errors:
            self._recover(self.refuse, "a statement")
        self.advance()

    def _version(self) -> None:
        if not self.take("OPENQASM"):
            return
        number = self.advance()
        self.version = 2 if number.text.split(".")[0] == "2" else 3
        if number.text not in ("2", "2.0", "3", "3.0", "3.1"):
            self.sink.report(errors.QasmVersion(span=self.span(number.start), found=str(number)))
            raise _Enough
        if not self.take(";"):
            self._recover(self.need, ";")

    # --- one statement, and how to go on behind a broken one ---

    def _statement(self) -> list[nodes.Statement]:
        self._count += 1
        if self._count > MOST_STATEMENTS:
            span = self.source.span(self.token.start, self.token.end)
            self.sink.report(errors.QasmTooLong(span=span, limit=MOST_STATEMENTS, what="statements"))
            raise _Enough
        return self._recover(self._one) or []

    def _recover(self, read: Callable[..., object], *args: object) -> list[nodes.Statement] | None:
        start, blocks = self.token.start, self._blocks
        try:
            found = read(*args)
        except Broken:
            self._errors += 1
            if self._errors >= MOST_ERRORS:
                raise _Enough from None
            self._levels, self._blocks = 0, blocks
            self._skip(start)
            return None
        return found if isinstance(found, list) else None

    def _skip(self, start: int) -> None:
        """Behind the broken statement: its `;`, its block, or before the `}` around it."""
        depth = 0
        if self.last.text == ";" and self.last.start >= start:
            return
        while self.token.kind != "end":
            if self.at("}") and depth == 0:
                return
            depth += self.at("{") - self.at("}")
            token = self.advance()
            if depth == 0 and token.text in (";", "}"):
                return

    def _one(self) -> list[nodes.Statement]:
        token = self.token
        if (token.kind == "mark" and token.text == "@") or token.text in ("#", "pragma"):
            return self._rest_of_line()
        if token.kind != "name":
            self.refuse("a statement")
        rule = self._rules.get(token.text)
        if rule is not None:
            return rule(token.start)
        if token.text in _NO_MEANING:
            self._refuse_statement(errors.NoMeaning, _NO_MEANING[token.text])
        if token.text in _NOT_YET:
            self._refuse_statement(errors.NotImportedYet, _NOT_YET[token.text])
        return self._apply(token.start)

    def _refuse_statement(self, kind: Callable[..., Diagnostic], what: str) -> NoReturn:
        token = self.advance()
        self.fail(kind(span=self.span(token.start), what=what))

    def _rest_of_line(self) -> list[nodes.Statement]:
        """Annotations and pragmas are hints for other tools."""
        end = self.source.text.find("\n", self.token.start)
        self.jump(end if end >= 0 else len(self.source.text))
        return []

    def _nop(self, start: int) -> list[nodes.Statement]:
        self.advance()
        self.need(";")
        return []

    # --- declarations ---

    def _include(self, start: int) -> list[nodes.Statement]:
        self.advance()
        if self.token.kind != "string":
            self.refuse("the name of a file in quotes")
        path = self.advance().text[1:-1]
        span = self.span(self.last.start)
        self.need(";")
        return [nodes.Include(span, path)]

    def _old_register(self, start: int) -> list[nodes.Statement]:
        """`qreg q[4];`: as `qubit[4] q;`."""
        kind = "qubit" if self.advance().text == "qreg" else "bit"
        name = self.need_name()
        size = self._size()
        self.need(";")
        span = self.source.span(name.start, name.end)
        return [nodes.Declaration(span, "", nodes.Type(span, kind, size), name.text, None)]

    def _size(self) -> nodes.Expr | None:
        if not self.take("["):
            return None
        size = self.expression()
        self.need("]")
        return size

    def _type(self) -> nodes.Type:
        token = self.advance()
        if token.text in _NO_MEANING:
            self.fail(errors.NoMeaning(span=self.span(token.start), what=_NO_MEANING[token.text]))
        if token.text in _NOT_YET:
            self.fail(errors.NotImportedYet(span=self.span(token.start), what=_NOT_YET[token.text]))
        if token.text not in _TYPES:
            self.fail(errors.QasmSyntax(span=self.span(token.start), found=str(token), wanted="a type"))
        if token.text == "array":
            return self._array(token.start)
        size = self._size()
        return nodes.Type(self.span(token.start), token.text, size)

    def _array(self, start: int) -> nodes.Type:
        self.need("[")
        element = self._type()
        self.need(",")
        size = self.expression()
        if self.at(","):
            what = "an array of more than one dimension"
            self.fail(errors.NotImportedYet(span=self.span(start), what=what))
        self.need("]")
        return nodes.Type(self.span(start), "array", size, element.kind)

    def _declared(self, start: int) -> list[nodes.Statement]:
        role = self.advance().text if self.at("const", "input", "output") else ""
        kind = self._type()
        name = self.need_name()
        span = self.source.span(name.start, name.end)
        after: list[nodes.Statement] = []
        value = None
        if self.take("="):
            if self.at("measure"):
                target = nodes.Name(span, 1, name.text)
                after = self._measure(self.token.start, target, ends=False)
            else:
                value = self.item()
        self.need(";")
        return [nodes.Declaration(span, role, kind, name.text, value), *after]

    def _alias(self, start: int) -> list[nodes.Statement]:
        self.advance()
        name = self.need_name()
        span = self.source.span(name.start, name.end)
        self.need("=")
        value = self.expression()
        self.need(";")
        return [nodes.Alias(span, name.text, value)]

    # --- definitions ---

    def _gate(self, start: int) -> list[nodes.Statement]:
        """`gate name(a, b) q, r { … }`; an `opaque` one has no body."""
        is_opaque = self.advance().text == "opaque"
        name = self.need_name()
        span = self.source.span(name.start, name.end)
        params = self._names("angle", ")") if self.take("(") else ()
        qubits = self._names("qubit", ";" if is_opaque else "{")
        if not qubits:
            self.fail(errors.QasmCount(span=span, name=name.text, takes="1 qubit or more", given="none is"))
        body = None if is_opaque else self._block()
        return [nodes.GateDefinition(span, name.text, params, qubits, body)]

    def _names(self, kind: str, end: str) -> tuple[nodes.Param, ...]:
        """Names up to `end`, which is taken, unless a block begins with it."""
        found: list[nodes.Param] = []
        while not self.at(end):
            name = self.need_name()
            span = self.span(name.start)
            found.append(nodes.Param(span, name.text, nodes.Type(span, kind)))
            if not self.at(end):
                self.need(",", before=end)
        if end != "{":
            self.advance()
        return tuple(found)

    def _subroutine(self, start: int) -> list[nodes.Statement]:
        self.advance()
        name = self.need_name()
        span = self.source.span(name.start, name.end)
        self.need("(")
        params: list[nodes.Param] = []
        while not self.take(")"):
            kind = self._type()
            own = self.need_name()
            params.append(nodes.Param(self.span(own.start), own.text, kind))
            if not self.at(")"):
                self.need(",", before=")")
        result = self._type() if self.take("->") else None
        return [nodes.Subroutine(span, name.text, tuple(params), result, self._block())]

    # --- blocks ---

    def _block(self) -> tuple[nodes.Statement, ...]:
        """`{ … }`, or a single statement."""
        self._blocks += 1
        if self._blocks > DEEPEST_BLOCKS:
            span = self.source.span(self.token.start, self.token.end)
            self.sink.report(errors.QasmTooDeep(span=span, limit=DEEPEST_BLOCKS))
            raise _Enough
        found: list[nodes.Statement] = []
        if self.take("{"):
            while not self.at("}"):
                if self.token.kind == "end":
                    self.refuse("`}`")
                found += self._statement()
            self.advance()
        else:
            found += self._statement()
        self._blocks -= 1
        return tuple(found)

    def _if(self, start: int) -> list[nodes.Statement]:
        self.advance()
        span = self.span(start)
        self.need("(")
        condition = self.expression()
        self.need(")")
        then = self._block()
        otherwise = self._block() if self.take("else") else ()
        return [nodes.If(span, condition, then, otherwise)]

    def _for(self, start: int) -> list[nodes.Statement]:
        self.advance()
        if self.token.text in _TYPES:
            self._type()
        name = self.need_name()
        span = self.source.span(name.start, name.end)
        self.need("in")
        if self.take("["):
            domain = self.item()
            self.need("]")
        else:
            domain = self.expression()
        return [nodes.For(span, name.text, domain, self._block())]

    # --- what acts on qubits ---

    def _apply(self, start: int) -> list[nodes.Statement]:
        modifiers: list[nodes.Modifier] = []
        while self.at(*_MODIFIERS):
            kind = self.advance()
            argument = self._parenthesised()
            modifiers.append(nodes.Modifier(self.span(kind.start), kind.text, argument))
            self.need("@")
        name = self.need_name()
        head = self.span(name.start)
        if (not modifiers and self.at("[", "=")) or self.token.text in _ASSIGNING:
            return self._assign(name.text, start)
        args = self.expressions(")") if self.take("(") else ()
        if self.at("["):
            self.fail(errors.NoMeaning(span=head, what="a gate with a duration"))
        operands = self._operands()
        return [nodes.Apply(self.span(start), tuple(modifiers), name.text, head, args, operands)]

    def _parenthesised(self) -> nodes.Expr | None:
        if not self.take("("):
            return None
        found = self.expression()
        self.need(")")
        return found

    def _operands(self) -> tuple[nodes.Expr, ...]:
        """A list up to and with `;`."""
        found: list[nodes.Expr] = []
        while not self.take(";"):
            found.append(self.expression())
            if not self.at(";"):
                self.need(",", before=";")
        return tuple(found)

    def _assign(self, name: str, start: int) -> list[nodes.Statement]:
        target: nodes.Expr = nodes.Name(self.span(start), 1, name)
        while self.take("["):
            items = self.expressions("]")
            target = nodes.Index(self.span(start), self._above(start, target, *items), target, items)
        span = self.span(start)
        if self.token.text not in _ASSIGNING:
            self.refuse("`=`")
        self.advance()
        if self.at("measure"):
            return self._measure(self.token.start, target)
        self.expression()
        self.need(";")
        return [nodes.Assign(span, name)]

    def _measure(
        self, start: int, target: nodes.Expr | None = None, ends: bool = True
    ) -> list[nodes.Statement]:
        self.advance()
        source = self.expression()
        span = self.span(start)
        if self.take("->"):
            target = self.expression()
        if ends:
            self.need(";")
        return [nodes.Measure(span, source, target)]

    def _reset(self, start: int) -> list[nodes.Statement]:
        self.advance()
        span, operands = self.span(start), self._operands()
        if not operands:
            self.fail(errors.QasmCount(span=span, name="reset", takes="1 qubit or more", given="none is"))
        return [nodes.Reset(span, operands)]

    def _barrier(self, start: int) -> list[nodes.Statement]:
        self.advance()
        span = self.span(start)
        return [nodes.Barrier(span, self._operands())]


_ASSIGNING = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "~=", "<<=", ">>="])
