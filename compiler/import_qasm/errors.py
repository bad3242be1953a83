"""What is wrong with an OpenQASM program, or cannot be said in hqn: HQN0131 to HQN0143."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.source import Span


class QasmSyntax(Diagnostic):
    code = "HQN0131"
    title = "syntax error in OpenQASM"
    label = "{found} cannot stand here; expected: {wanted}"

    found: str
    wanted: str


class QasmVersion(Diagnostic):
    code = "HQN0132"
    title = "unknown version of OpenQASM"
    label = "version {found} is not known"

    found: str

    def helps(self) -> Iterator[str]:
        yield "versions 2.0, 3, 3.0 and 3.1 are; without a version line, 3 is assumed"


class QasmInclude(Diagnostic):
    code = "HQN0133"
    title = "an include that cannot be read"
    label = "`{path}` {reason}"

    path: str
    reason: str

    def helps(self) -> Iterator[str]:
        yield "included are `stdgates.inc`, `qelib1.inc`, and files in the folder of the program or below it"


class QasmUnknownName(Diagnostic):
    code = "HQN0134"
    title = "unknown name in OpenQASM"
    label = "`{name}` is not declared before this place"

    name: str
    nearest: str | None = None
    include: str | None = None

    def helps(self) -> Iterator[str]:
        if self.include:
            yield f'`include "{self.include}";` declares it'
        elif self.nearest:
            yield f"did you mean `{self.nearest}`?"


class QasmDeclaredTwice(Diagnostic):
    code = "HQN0135"
    title = "a name declared twice in OpenQASM"
    label = "`{name}` is declared already"

    name: str
    first: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.first:
            yield Note("the first declaration", self.first)


class QasmCount(Diagnostic):
    code = "HQN0136"
    title = "a wrong number of parameters or qubits"
    label = "`{name}` takes {takes}, and {given} given"

    name: str
    takes: str
    given: str


class QasmKind(Diagnostic):
    code = "HQN0137"
    title = "something else is needed here"
    label = "this is {found}, where {wanted} must stand"

    found: str
    wanted: str


class NoMeaning(Diagnostic):
    code = "HQN0138"
    title = "no meaning in hqn"
    label = "{what} has no meaning in hqn, whose programs are circuits without time"

    what: str


class NotImportedYet(Diagnostic):
    code = "HQN0139"
    title = "not imported yet"
    label = "{what} cannot be imported yet"

    what: str
    help: str | None = None

    def helps(self) -> Iterator[str]:
        if self.help:
            yield self.help


class QasmTooLong(Diagnostic):
    code = "HQN0140"
    title = "an OpenQASM program that is too long"
    label = "here the program exceeds the limit of {limit:,} {what}"

    limit: int
    what: str

    def helps(self) -> Iterator[str]:
        yield "write what repeats as a `for` loop, which stays a loop"


class QasmTooDeep(Diagnostic):
    code = "HQN0141"
    title = "OpenQASM nested too deeply"
    label = "this is nested more than {limit} levels deep"

    limit: int


class QasmNumber(Diagnostic):
    code = "HQN0142"
    title = "a number that is none"
    label = "{reason}"

    reason: str


class QasmRange(Diagnostic):
    code = "HQN0143"
    title = "an index outside of a register"
    label = "the index {index} is outside of `{register}`, which has {size}"

    index: int
    register: str
    size: str
