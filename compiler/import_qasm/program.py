"""A whole program: what it declares, and the circuit that it is.

What came before: `nodes.Program`. What leaves: `ast.Module`, one circuit per gate definition and
subroutine, one for the program, and a model of it, named after its file. Invariants: definitions stand
before their use; a program without measurement returns its state, one that measures the probabilities of
what it measures.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Iterator
from itertools import groupby
from typing import Literal

from hqn.compiler.diagnostics import Diagnostic, Sink
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.import_qasm import errors, nodes, tree
from hqn.compiler.import_qasm.body import Body
from hqn.compiler.import_qasm.definitions import gate_circuit, subroutine_circuit
from hqn.compiler.import_qasm.includes import Includes
from hqn.compiler.import_qasm.parse import parse
from hqn.compiler.import_qasm.places import MOST_QUBITS, of_wires
from hqn.compiler.import_qasm.scope import Alias, Bits, Mistake, Opaque, Register, Scope, Symbol, Value, Wire
from hqn.compiler.import_qasm.standard import BUILT_IN, INCLUDES, PRELUDE, PRELUDE_GATES, GateSymbol
from hqn.compiler.source import Source, Span
from hqn.compiler.syntax import ast

MOST_WRITTEN = 200_000
MOST_BITS = 100_000


class Enough(Exception):
    """The program is too long; this is reported."""


def import_module(source: Source, sink: Sink) -> ast.Module:
    """The module of a program; what is wrong with it goes to the sink."""
    return Importer(source, sink).module()


class Importer:
    """The import of one program."""

    def __init__(self, source: Source, sink: Sink) -> None:
        self.source = source
        self.sink = sink
        self.version = 3
        self.items: list[ast.Item] = []
        self.scope = Scope()
        self.params: list[ast.Param] = []
        self.registers: list[Register] = []
        self._standard: dict[str, GateSymbol] = dict(BUILT_IN)
        self._prelude: dict[str, nodes.GateDefinition] = {}
        self._includes = Includes(source, sink)
        self._left = MOST_WRITTEN
        self._written_out: dict[int, nodes.For] = {}
        """By id; kept, so that no other loop gets the id of one that is gone."""

    def module(self) -> ast.Module:
        program = parse(self.source, self.sink)
        self.version, statements = program.version, deque(program.statements)
        del program
        body = Body(self, self.scope, "main")
        with contextlib.suppress(Enough):
            body.statements(_consumed(statements))
        span = self.source.span(0, 0)
        if self.registers and not self.sink.has_errors:
            self._finish(body, span)
        elif not self.items and not self.sink.has_errors:
            self.report(
                errors.NotImportedYet(span=span, what="a program without qubits and without gates of its own")
            )
        return ast.Module(None, tuple(self.items), span=span)

    # --- what bodies need ---

    def report(self, found: Diagnostic | None) -> None:
        if found is not None:
            self.sink.report(found)

    def charge(self, span: Span) -> None:
        """Counts a statement that is written, or a turn of a loop that is written out."""
        self._left -= 1
        if self._left < 0:
            self.report(
                errors.QasmTooLong(span=span, limit=MOST_WRITTEN, what="statements after writing out")
            )
            raise Enough

    def write_out(self, loop: nodes.For) -> None:
        """Remembers that a loop cannot stay one, so that nested loops are tried once each."""
        self._written_out[id(loop)] = loop

    def is_written_out(self, loop: nodes.For) -> bool:
        return id(loop) in self._written_out

    def gate(self, body: Body, statement: nodes.Apply) -> Symbol:
        """What the name of a gate or subroutine means; the program's own definitions come first."""
        name = statement.name
        found = body.scope.find(name) or self._standard.get(name)
        if found is None and name in self._prelude:
            definition = self._prelude.pop(name)
            found = self._standard[name] = gate_circuit(self, definition, Scope(is_function=True))
        return found or body.scope.lookup(name, statement.head)

    # --- declarations ---

    def declare(self, body: Body, statement: nodes.Statement) -> None:
        """A declaration outside of all blocks; an alias may stand anywhere."""
        if isinstance(statement, nodes.Alias):
            self._alias(body, statement)
            return
        if body.blocks or body.kind != "main":
            what = "a definition or an include inside of a block"
            raise Mistake(errors.NotImportedYet(span=statement.span, what=what))
        match statement:
            case nodes.Include():
                self._include(body, statement)
            case nodes.Declaration():
                self._declaration(body, statement)
            case nodes.GateDefinition(body=None):
                self.scope.declare(statement.name, Opaque(), statement.span)
            case nodes.GateDefinition():
                self.scope.declare(
                    statement.name, gate_circuit(self, statement, self._function()), statement.span
                )
            case nodes.Subroutine():
                symbol = subroutine_circuit(self, statement, self._function())
                self.scope.declare(statement.name, symbol, statement.span)

    def _function(self) -> Scope:
        return Scope(outer=self.scope, is_function=True)

    def _alias(self, body: Body, statement: nodes.Alias) -> None:
        place = body.places.place(statement.value)
        if place.wires is None:
            what = "an alias of qubits that are not known here"
            raise Mistake(errors.NotImportedYet(span=statement.span, what=what))
        body.scope.declare(statement.name, Alias(place.wires, place.is_single), statement.span)

    def _include(self, body: Body, statement: nodes.Include) -> None:
        if statement.path in INCLUDES:
            self._standard |= INCLUDES[statement.path]
            if statement.path == "qelib1.inc":
                self._read_prelude()
            return
        source = self._includes.open(statement.path, statement.span)
        body.statements(parse(source, self.sink, self.version).statements)
        self._includes.close()

    def _read_prelude(self) -> None:
        program = parse(Source("qelib1.inc", PRELUDE), self.sink)
        for one in program.statements:
            if isinstance(one, nodes.GateDefinition) and one.name in PRELUDE_GATES - self._standard.keys():
                self._prelude[one.name] = one

    def _declaration(self, body: Body, statement: nodes.Declaration) -> None:
        kind, role, span = statement.type.kind, statement.role, statement.span
        if kind == "qubit" and not role:
            self._register(body, statement)
        elif kind == "bit" and statement.value is None and role in ("", "output"):
            size = self._size(body, statement.type, "a bit")
            self.scope.declare(statement.name, Bits(statement.name, size), span)
        elif role == "input":
            self._input(body, statement)
        elif role == "output" or kind in ("bit", "qubit", "complex"):
            what = f"{role or 'a value'} of type `{kind}`"
            raise Mistake(errors.NotImportedYet(span=span, what=what))
        else:
            self._constant(body, statement)

    def _size(self, body: Body, type_: nodes.Type, what: str) -> int | None:
        """The size of a register, None for a single qubit or bit."""
        size = None if type_.size is None else body.values.known(type_.size, "a known size")
        if size is not None and size < 1:
            raise Mistake(errors.QasmNumber(span=type_.span, reason=f"a register has {what} or more"))
        if size is not None and size > MOST_BITS:
            raise Mistake(errors.QasmTooLong(span=type_.span, limit=MOST_BITS, what="bits of one register"))
        return size

    def _register(self, body: Body, statement: nodes.Declaration) -> None:
        size = self._size(body, statement.type, "a qubit")
        if sum(one.count for one in self.registers) + (size or 1) > MOST_QUBITS:
            raise Mistake(errors.QasmTooLong(span=statement.span, limit=MOST_QUBITS, what="qubits"))
        span = statement.span
        register = Register(self.scope.fresh(statement.name), size, statement.name)
        self.scope.declare(statement.name, register, span)
        self.registers.append(register)
        shape = None if size is None else tree.integer(span, size)
        body.write(ast.Qubits((tree.ident(span, register.name),), (shape,), span=span))

    def _input(self, body: Body, statement: nodes.Declaration) -> None:
        kind, span = statement.type.kind, statement.span
        element = statement.type.element if kind == "array" else kind
        if element not in ("float", "angle") or (statement.type.size is None and kind == "array"):
            what = f"an input of type `{element}`"
            raise Mistake(errors.NotImportedYet(span=span, what=what))
        name = self.scope.fresh(statement.name)
        length = None
        if kind == "array" and statement.type.size is not None:
            length = body.values.known(statement.type.size, "a known size")
        value = Value(tree.name(span, name), "float" if length is None else "array", length=length)
        self.scope.declare(statement.name, value, span)
        shape = () if length is None else (tree.integer(span, length),)
        type_ = tree.tensor_type(span, "angle", *shape)
        self.params.append(ast.Param(tree.ident(span, name), type_, span=span))

    def _constant(self, body: Body, statement: nodes.Declaration) -> None:
        """Whole numbers stand where they are used; others get their name in hqn, too."""
        value, span = body.classical(statement), statement.span
        if value.kind in ("float", "array") and not isinstance(value.expr, ast.Name):
            name = self.scope.fresh(statement.name)
            body.write(tree.bind(span, name, value.expr))
            value = Value(
                tree.name(span, name), value.kind, value.number, elements=value.elements,
                length=value.length, is_integral=value.is_integral,
            )  # fmt: skip
        self.scope.declare(statement.name, value, span)

    # --- the circuit of the program ---

    def _finish(self, body: Body, span: Span) -> None:
        """The circuit, and the model that makes it a program."""
        name = self.scope.fresh(os.path.splitext(os.path.basename(self.source.name))[0].strip("<>"))
        inner = self.scope.fresh(f"{name}_circuit")
        result, query = self._result(body, span)
        statements = [*body.finished(), ast.Return(query, span=span)]
        self.items.append(self._definition("circuit", inner, result, statements))
        given = [tree.name(span, param.name.name) for param in self.params]
        called = ast.Return(tree.call(span, inner, *given), span=span)
        doc = f"Imported from {visible(os.path.basename(self.source.name))}"
        self.items.append(self._definition("model", name, result, [called], doc))

    def _definition(
        self,
        kind: Literal["circuit", "model"],
        name: str,
        result: ast.TypeExpr,
        statements: list[ast.Statement],
        doc: str | None = None,
    ) -> ast.Definition:
        span, params = self.source.span(0, 0), tuple(self.params)
        block = tree.block(span, statements)
        return ast.Definition(kind, tree.ident(span, name), (), params, result, (), block, doc=doc, span=span)

    def _result(self, body: Body, span: Span) -> tuple[ast.TypeExpr, ast.Expr]:
        if not body.measured:
            whole = [tree.name(span, register.name) for register in self.registers]
            size = _states(span, sum(register.count for register in self.registers))
            if body.measurements.is_mixed:
                return tree.tensor_type(span, "c64", size, size), tree.call(span, "density", *whole)
            return tree.tensor_type(span, "c64", size), tree.call(span, "state", *whole)
        parts = [part for register in self.registers for part in _measured(body, register, span)]
        size = _states(span, len(body.measured))
        return tree.tensor_type(span, "f32", size), tree.call(span, "probs", *parts)


def _consumed(statements: deque[nodes.Statement]) -> Iterator[nodes.Statement]:
    """Each statement once: the tree of a long program goes while that of hqn grows."""
    while statements:
        yield statements.popleft()


def _states(span: Span, qubits: int) -> ast.Expr:
    if qubits <= 10:
        return tree.integer(span, 2**qubits)
    return tree.binary(span, "**", tree.integer(span, 2), tree.integer(span, min(qubits, 62)))


def _measured(body: Body, register: Register, span: Span) -> list[ast.Expr]:
    """The measured qubits of a register, neighbours together."""
    numbers = [number for number in range(register.count) if (register, number) in body.measured]
    found: list[ast.Expr] = []
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        wires: list[Wire] = [(register, number) for _, number in run]
        place = of_wires(span, wires, is_single=len(wires) == 1)
        assert place.expr is not None
        found.append(place.expr)
    return found
