"""What can be wrong with the weights that a call is given (HQN0346 to HQN0348), and with values that are read
inside of it (HQN0380, HQN0381).
"""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.diagnostics.helping import WithNearest
from hqn.compiler.source import Span


class UnknownSlot(WithNearest):
    code = "HQN0346"
    title = "no such weight"
    label = "`{name}` is {what} of `{owner}`"
    offer = "it has"

    name: str
    what: str
    owner: str

    def helps(self) -> Iterator[str]:
        yield from super().helps()
        if not self.nearest and not self.choices:
            yield f"`{self.owner}` has no weights"


class SlotBoundTwice(Diagnostic):
    code = "HQN0347"
    title = "a weight given twice"
    label = "`{path}` has a value already"

    path: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the first one", self.first)


class NothingToBind(Diagnostic):
    code = "HQN0348"
    title = "no call to give weights to"
    label = "{found}"

    found: str

    def helps(self) -> Iterator[str]:
        yield "`with {path = value}` stands behind one call of a layer or circuit: `net(x) with {w = e}`"


class UnknownTap(WithNearest):
    code = "HQN0380"
    title = "no such value inside a call"
    label = "in `{owner}`, `{name}` is {what}"
    offer = "it has"

    name: str
    what: str
    owner: str


class UnclearTap(Diagnostic):
    code = "HQN0381"
    title = "not clear which call is read"
    label = "{why}"

    why: str
    hint: str
    calls: tuple[Span, ...] = ()

    def notes(self) -> Iterator[Note]:
        for span in self.calls:
            yield Note("called here", span)

    def helps(self) -> Iterator[str]:
        yield self.hint
