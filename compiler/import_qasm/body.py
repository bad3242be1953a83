"""The statements of one circuit: the program's own, a gate's, or a subroutine's.

What came before: `nodes.Statement`s and a scope. What leaves: statements of hqn in `Body.written`.
Invariants: a statement with a mistake is reported once and leaves nothing behind; a loop that hqn can say
stays a loop; the number of statements written is limited, also where loops are written out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Set
from typing import TYPE_CHECKING

from hqn.compiler.import_qasm import errors, nodes, tree
from hqn.compiler.import_qasm.fold import fold
from hqn.compiler.import_qasm.gates import apply
from hqn.compiler.import_qasm.measure import Measured, Measurements, bits_of, condition, mentions_bits
from hqn.compiler.import_qasm.places import Place, Places, after, of_wires
from hqn.compiler.import_qasm.results import as_float, integer
from hqn.compiler.import_qasm.scope import Lost, Mistake, NeedsNumbers, Register, Scope, Value, Wire
from hqn.compiler.import_qasm.values import Values
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast

if TYPE_CHECKING:
    from hqn.compiler.import_qasm.program import Importer

MOST_TURNS = 10**6
"""As many as hqn allows."""


class Body:
    """What is written of one circuit. `kind` is "main", "gate" or "subroutine"."""

    def __init__(self, importer: Importer, scope: Scope, kind: str) -> None:
        self.importer = importer
        self.scope = scope
        self.kind = kind
        self.written: list[ast.Statement | Measured] = []
        self.loops = 0
        """Loops around the present statement that stay loops."""
        self.blocks = 0
        self.under_bits = 0
        self.touched: set[Wire] = set()
        """Qubits that may have left |0>."""
        self.measurements = Measurements()
        self.first: Register | None = None
        """A qubit of the gate, for phases."""

    @property
    def values(self) -> Values:
        return Values(self.scope, self.importer.version)

    @property
    def places(self) -> Places:
        return Places(self.values)

    @property
    def measured(self) -> Set[Wire]:
        """Qubits whose measurement is the last that happens to them."""
        return self.measurements.last.keys()

    def touch(self, wires: Collection[Wire]) -> None:
        """Something happens to these qubits."""
        self.touched.update(wires)
        self.measurements.touch(wires)

    def finished(self, scope: Scope | None = None) -> list[ast.Statement]:
        """What is written, with the measurements that something depends on, repetitions in loops."""
        found: list[ast.Statement] = []
        for one in self.written:
            found += one.statements() if isinstance(one, Measured) else [one]
        return fold(found, scope or self.scope)

    def statements(self, statements: Iterable[nodes.Statement]) -> None:
        """Each statement by itself: a mistake in one does not hide those of the next."""
        for statement in statements:
            try:
                self._one(statement)
            except Mistake as mistake:
                self.importer.report(mistake.found)
                self._lose(statement)
            except NeedsNumbers as need:
                if self.loops:
                    raise
                self.importer.report(need.otherwise)
                self._lose(statement)

    def write(self, statement: ast.Statement) -> None:
        self.importer.charge(statement.span)
        self.written.append(statement)

    def _lose(self, statement: nodes.Statement) -> None:
        """What a broken declaration was to declare is no second mistake."""
        match statement:
            case nodes.Declaration() | nodes.Alias() | nodes.GateDefinition() | nodes.Subroutine():
                self.scope.symbols.setdefault(statement.name, (Lost(), statement.span))

    def _one(self, statement: nodes.Statement) -> None:
        match statement:
            case nodes.Apply():
                apply(self, statement)
            case nodes.For():
                self._for(statement)
            case nodes.If():
                self._if(statement)
            case nodes.Barrier():
                for operand in statement.operands:
                    self.places.place(operand)
            case nodes.Measure():
                self._measure(statement)
            case nodes.Reset():
                self._reset(statement)
            case nodes.Assign():
                self._assign(statement)
            case nodes.Declaration() if self.kind != "main" or self.blocks:
                self._local(statement)
            case _:
                self.importer.declare(self, statement)

    # --- names ---

    def _local(self, statement: nodes.Declaration) -> None:
        """A value inside of a block: uses of it become what it stands for."""
        if statement.type.kind in ("qubit", "bit") or statement.role in ("input", "output"):
            what = "a declaration like this inside of a block"
            raise Mistake(errors.NotImportedYet(span=statement.span, what=what))
        value = self.classical(statement)
        self.scope.declare(statement.name, value, statement.span)

    def classical(self, statement: nodes.Declaration) -> Value:
        """The value of `const int n = 3`, `float t = pi / 2`."""
        kind = statement.type.kind
        if statement.value is None:
            what = f"`{statement.name}`, a variable without a value,"
            raise Mistake(errors.NotImportedYet(span=statement.span, what=what))
        if kind in ("int", "uint"):
            value = self.values.value(statement.value)
            return value if value.kind == "int" else self.values.whole(statement.value)
        if kind in ("float", "angle"):
            return as_float(self.values.value(statement.value), statement.value.span)
        value = self.values.value(statement.value)
        if kind != value.kind:
            wanted = f"a value of type `{kind}`"
            raise Mistake(errors.QasmKind(span=statement.value.span, found="something else", wanted=wanted))
        if value.kind == "array" and statement.type.size is not None:
            self._check_length(statement.type.size, value, statement.value.span)
        if value.kind == "array" and statement.type.element not in ("int", "uint"):
            return Value(value.expr, "array", elements=value.elements, length=value.length, nodes=value.nodes)
        return value

    def _check_length(self, size: nodes.Expr, array: Value, span: Span) -> None:
        wanted = self.values.known(size, "a known size")
        if array.length != wanted:
            found = f"an array of {array.length}"
            raise Mistake(errors.QasmKind(span=span, found=found, wanted=f"an array of {wanted}"))

    def _assign(self, statement: nodes.Assign) -> None:
        self.scope.lookup(statement.name, statement.span)
        what = "assigning to a variable"
        help_ = "declare a constant of another name, or write the loop's variable into the expression"
        raise Mistake(errors.NotImportedYet(span=statement.span, what=what, help=help_))

    # --- measurement ---

    def _measure(self, statement: nodes.Measure) -> None:
        place = self.places.place(statement.source)
        self._refuse_in_definition(statement.span, "a measurement")
        if self.loops or place.wires is None:
            what = "measuring a qubit that is not known here"
            raise NeedsNumbers(errors.NotImportedYet(span=statement.span, what=what))
        if self.under_bits:
            what = "a measurement under a measured bit"
            raise Mistake(errors.NotImportedYet(span=statement.span, what=what))
        bits = None if statement.target is None else bits_of(self.values, statement.target)
        if bits is not None and len(bits) != len(place.wires):
            found, wanted = f"{len(bits)} bits", f"{len(place.wires)} bits, one for each qubit"
            raise Mistake(errors.QasmKind(span=statement.span, found=found, wanted=wanted))
        for one in self.measurements.measure(statement.span, place.wires, bits, self.importer.scope):
            for _ in range(3):
                self.importer.charge(statement.span)
            self.written.append(one)

    def _reset(self, statement: nodes.Reset) -> None:
        """Resetting fresh qubits does nothing."""
        self._refuse_in_definition(statement.span, "`reset`")
        for operand in statement.operands:
            place = self.places.place(operand)
            wires = place.wires or [(one, number) for one in place.registers for number in range(one.count)]
            if not self.loops and not (self.touched | self.measured).isdisjoint(wires):
                self.measurements.is_mixed = True
            elif not self.loops:
                continue
            self.touch(wires)
            for part in _parts(place):
                self.write(ast.QubitOp("reset", (part,), span=statement.span))

    def _refuse_in_definition(self, span: Span, what: str) -> None:
        if self.kind != "main":
            what = f"{what} inside of a gate or subroutine"
            raise Mistake(errors.NotImportedYet(span=span, what=what))

    # --- choices and loops ---

    def block(self, statements: Iterable[nodes.Statement], scope: Scope) -> None:
        """The statements of a block in its own scope."""
        outside, self.scope = self.scope, scope
        self.blocks += 1
        try:
            self.statements(statements)
        finally:
            self.scope = outside
            self.blocks -= 1

    def inner(self, statements: Iterable[nodes.Statement], scope: Scope) -> list[ast.Statement]:
        """What the block writes, taken by itself."""
        outside, self.written = self.written, []
        try:
            self.block(statements, scope)
            return self.finished(scope)
        finally:
            self.written = outside

    def _within(self) -> Scope:
        return Scope(outer=self.scope)

    def _if(self, statement: nodes.If) -> None:
        if mentions_bits(self.values, statement.condition):
            self._if_measured(statement)
            return
        condition = self.values.condition(statement.condition)
        if condition.number is not None:
            self.block(statement.then if condition.number else statement.otherwise, self._within())
            return
        span = statement.span
        then = self.inner(statement.then, self._within())
        otherwise = self.inner(statement.otherwise, self._within())
        if then or otherwise:
            rest = tree.block(span, otherwise) if otherwise else None
            choice = ast.If(condition.expr, tree.block(span, then), rest, span=span)
            self.write(ast.Evaluate(choice, span=span))

    def _if_measured(self, statement: nodes.If) -> None:
        """Gates under measured bits; known where no bit was measured."""
        if self.loops:
            what = "measured bits in a loop"
            raise NeedsNumbers(errors.NotImportedYet(span=statement.span, what=what))
        found = condition(self.values, self.measurements, statement.condition)
        if isinstance(found, bool):
            self.block(statement.then if found else statement.otherwise, self._within())
            return
        span, self.under_bits = statement.span, self.under_bits + 1
        try:
            then = self.inner(statement.then, self._within())
            otherwise = self.inner(statement.otherwise, self._within())
        finally:
            self.under_bits -= 1
        if not then:
            then, otherwise, found = otherwise, [], tree.unary(span, "not", found)
        if then:
            rest = tree.block(span, otherwise) if otherwise else None
            self.write(ast.Evaluate(ast.If(found, tree.block(span, then), rest, span=span), span=span))

    def _for(self, statement: nodes.For) -> None:
        domain = statement.domain
        if isinstance(domain, nodes.Braces):
            values = [self.values.value(item) for item in domain.items]
            self._write_out(statement, values)
        elif isinstance(domain, nodes.Range):
            self._range(statement, domain)
        else:
            what = "a loop over anything but a range or a set"
            raise Mistake(errors.NotImportedYet(span=domain.span, what=what))

    def _range(self, statement: nodes.For, domain: nodes.Range) -> None:
        if domain.start is None or domain.stop is None:
            raise Mistake(errors.QasmKind(span=domain.span, found="a range without an end", wanted="`[a:b]`"))
        start, stop = self.values.whole(domain.start), self.values.whole(domain.stop)
        step = self.values.known(domain.step, "a step") if domain.step else 1
        if step == 0:
            raise Mistake(errors.QasmNumber(span=domain.span, reason="a step of 0"))
        known = _turns(domain.span, start, step, stop)
        if known is not None and not known:
            return
        if (step > 0 or known is not None) and not self.importer.is_written_out(statement):
            if self._stays(statement, start, step, stop, known):
                return
            self.importer.write_out(statement)
        if known is None:
            what = "this loop, whose turns are not known here,"
            raise NeedsNumbers(errors.NotImportedYet(span=statement.span, what=what))
        self._write_out(statement, _numbers(domain.span, known))

    def _stays(self, statement: nodes.For, start: Value, step: int, stop: Value, known: range | None) -> bool:
        """Writes the loop as a loop; False, and nothing is written, where hqn needs its turns one by one."""
        span = statement.span
        scope = self._within()
        name = scope.fresh(statement.variable)
        variable: ast.Expr = tree.name(span, name)
        least, most = start.least, stop.most
        if step < 0 and known is not None:
            down = tree.binary(span, "*", tree.integer(span, -step), variable) if step < -1 else variable
            variable = tree.binary(span, "-", tree.integer(span, known[0]), down)
            least, most, turns = known[-1], known[0], tree.integer(span, len(known))
            domain = ast.Range(tree.integer(span, 0), turns, None, span=span)
        else:
            by = tree.integer(span, step) if step > 1 else None
            domain = ast.Range(start.expr, after(span, stop), by, span=span)
        scope.declare(statement.variable, Value(variable, "int", None, least, most=most), span)
        touched, self.loops = set(self.touched), self.loops + 1
        try:
            written = self.inner(statement.body, scope)
        except NeedsNumbers:
            self.touched = touched
            return False
        finally:
            self.loops -= 1
        if written:
            self.write(tree.repeat(span, name, domain, written))
        return True

    def _write_out(self, statement: nodes.For, values: Iterable[Value]) -> None:
        for value in values:
            self.importer.charge(statement.span)
            scope = self._within()
            scope.declare(statement.variable, value, statement.span)
            self.block(statement.body, scope)


def _parts(place: Place) -> list[ast.Expr]:
    """A place as one operand, or qubit by qubit."""
    if place.expr is not None:
        return [place.expr]
    singles = [of_wires(place.span, (wire,), is_single=True).expr for wire in place.wires or ()]
    return [one for one in singles if one is not None]


def _turns(span: Span, start: Value, step: int, stop: Value) -> range | None:
    """What a loop runs over, where that is known."""
    if not isinstance(start.number, int) or not isinstance(stop.number, int):
        return None
    if (stop.number - start.number) // step >= MOST_TURNS:
        raise Mistake(errors.QasmTooLong(span=span, limit=MOST_TURNS, what="turns of one loop"))
    return range(start.number, stop.number + (1 if step > 0 else -1), step)


def _numbers(span: Span, turns: range) -> Iterator[Value]:
    for number in turns:
        yield integer(span, number)
