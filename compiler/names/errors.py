"""What can be wrong with names and modules: HQN02xx."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.diagnostics.helping import WithNearest
from hqn.compiler.source import Span


class UnknownName(Diagnostic):
    code = "HQN0201"
    title = "unknown name"
    label = "`{name}` is not defined here"

    name: str
    nearest: str | None = None
    importable: str | None = None
    example: str | None = None
    """Of a gate that is called like a function, the statement that applies it."""

    def helps(self) -> Iterator[str]:
        if self.example:
            yield f"a gate stands in front of its qubits: `{self.example}`"
        elif self.importable:
            yield f"add `use {self.importable}.{{{self.name}}}` at the top of the file"
        elif self.nearest:
            yield f"did you mean `{self.nearest}`?"


class DefinedTwice(Diagnostic):
    code = "HQN0202"
    title = "one name defined twice"
    label = "`{name}` is already defined"

    name: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the first definition", self.first)

    def helps(self) -> Iterator[str]:
        yield "rename one of the two"


class NameBoundTwice(Diagnostic):
    code = "HQN0203"
    title = "a value bound twice"
    label = "`{name}` already has a value in this block"

    name: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note("its first value", self.first)

    def helps(self) -> Iterator[str]:
        yield "values never change; choose another name, or carry a value through a loop: `scan … carry (…)`"


class ModuleNotFound(WithNearest):
    code = "HQN0204"
    title = "module not found"
    label = "there is no module `{module}`"

    module: str
    looked: str

    def notes(self) -> Iterator[Note]:
        yield Note(f"looked for {self.looked}")


class NotInModule(WithNearest):
    code = "HQN0205"
    title = "name not found in the module"
    label = "`{module}` defines no `{name}`"

    name: str
    module: str


class CircularImport(Diagnostic):
    code = "HQN0206"
    title = "files that use each other"
    label = "this closes the circle {circle}"

    circle: str

    def helps(self) -> Iterator[str]:
        yield "move what both need into a third file"


class Recursion(Diagnostic):
    code = "HQN0207"
    title = "a definition that calls itself"
    label = "this call closes the circle {circle}"

    circle: str
    defined: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the circle begins here", self.defined)

    def helps(self) -> Iterator[str]:
        yield "there is no recursion; say repetition with `repeat` or `scan`"


class ModuleRefused(Diagnostic):
    code = "HQN0208"
    title = "module cannot be used"
    label = "`{module}`: {reason}"

    module: str
    reason: str

    def helps(self) -> Iterator[str]:
        yield "`use std.name.{…}` is the library, `use local.name.{…}` one beside the main file or below it"


class TooManyFiles(Diagnostic):
    code = "HQN0209"
    title = "too many imported files"
    label = "this would be file number {count}"

    count: int
    limit: int

    def notes(self) -> Iterator[Note]:
        yield Note(f"the limit is {self.limit} files")


class WrongKindOfName(Diagnostic):
    code = "HQN0210"
    title = "a name of another kind"
    label = "`{name}` is {found}, and {wanted} is needed here"

    name: str
    found: str
    wanted: str
    defined: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.defined:
            yield Note(f"`{self.name}` is defined here", self.defined)


class BodyMissing(Diagnostic):
    code = "HQN0211"
    title = "a definition without a body"
    label = "`{name}` has a signature only"

    name: str

    def helps(self) -> Iterator[str]:
        yield "write what it computes in `{ … }`; only the primitives of `std.prim` have no body"
