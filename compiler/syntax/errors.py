"""What can be wrong with the text itself: HQN01xx."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.diagnostics.helping import WithHint, WithNearest
from hqn.compiler.source import Span


class UnexpectedToken(WithHint):
    code = "HQN0101"
    title = "syntax error"
    label = "expected {expected}, found {found}"

    expected: str
    found: str


class MissingExpression(Diagnostic):
    code = "HQN0102"
    title = "missing expression"
    label = "expected an expression after `{after}`"

    after: str
    found: str
    next_line: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.next_line:
            yield Note(f"after `{self.after}` a statement goes on in the next line", self.next_line)

    def helps(self) -> Iterator[str]:
        yield f"write a value after `{self.after}`, or remove `{self.after}`; found {self.found}"


class UnclosedBracket(Diagnostic):
    code = "HQN0103"
    title = "bracket never closed"
    label = "no `{closer}` closes this `{opener}`"

    opener: str
    closer: str
    wanted: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.wanted:
            yield Note(f"a `{self.closer}` is missing before this", self.wanted)


class UnopenedBracket(Diagnostic):
    code = "HQN0104"
    title = "bracket never opened"
    label = "nothing is open that `{closer}` could close"

    closer: str
    opened: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.opened:
            yield Note(f"the innermost open bracket is this `{self.opened.text}`", self.opened)


class MisspeltKeyword(WithNearest):
    code = "HQN0105"
    title = "unknown statement"
    label = "no {place} begins with `{word}`"

    word: str
    place: str
    hint: str | None = None

    def helps(self) -> Iterator[str]:
        yield from super().helps()
        if self.hint:
            yield self.hint


class AssignedInExpression(Diagnostic):
    code = "HQN0106"
    title = "`=` is no operator"
    label = "`=` gives a name to a value and cannot stand inside an expression"

    def helps(self) -> Iterator[str]:
        yield "to compare, write `==`"


class UnclosedString(Diagnostic):
    code = "HQN0107"
    title = "string without end"
    label = "the string that begins here does not end on its line"

    def helps(self) -> Iterator[str]:
        yield 'close it with `"`; inside a string write `\\"` for a quote and `\\\\` for a backslash'


class UnknownCharacter(WithHint):
    code = "HQN0108"
    title = "unknown character"
    label = "`{text}` has no meaning here"

    text: str


class ForbiddenCharacter(Diagnostic):
    code = "HQN0109"
    title = "invisible character"
    label = "{name} may not stand in a file"

    name: str

    def helps(self) -> Iterator[str]:
        yield "remove it: such characters can make a text look different from what it is"


class NumberTooLarge(Diagnostic):
    code = "HQN0110"
    title = "number too large"
    label = "{what}"

    what: str


class NestedTooDeeply(Diagnostic):
    code = "HQN0111"
    title = "nested too deeply"
    label = "this is more than {limit} levels deep"

    limit: int

    def helps(self) -> Iterator[str]:
        yield "give parts of it a name, `part = …`, or write a long sum as `sum(i in 0..n) …`"


class FileTooLarge(Diagnostic):
    code = "HQN0112"
    title = "file too large"
    label = "the file has {size} characters, at most {limit} are read"

    size: int
    limit: int

    def helps(self) -> Iterator[str]:
        yield "split it into several files and import them with `use local.…`"


class NewerVersion(Diagnostic):
    code = "HQN0113"
    title = "written for a newer hqn"
    label = "this file needs hqn {wanted}, this compiler knows up to {known}"

    wanted: str
    known: str

    def helps(self) -> Iterator[str]:
        yield "install a newer compiler"


class ReservedWord(Diagnostic):
    code = "HQN0114"
    title = "reserved word"
    label = "`{word}` is a word of the language and cannot be a name"

    word: str

    def helps(self) -> Iterator[str]:
        yield f"choose another name, for example `{self.word}_`"


class NotAName(Diagnostic):
    code = "HQN0115"
    title = "not a name"
    label = "{what}"

    what: str
    hint: str

    def helps(self) -> Iterator[str]:
        yield self.hint


class MixedRecord(Diagnostic):
    code = "HQN0116"
    title = "half a record"
    label = "some entries have names and some have none"

    def helps(self) -> Iterator[str]:
        yield "a record names every entry, `(x = a, y = b)`; a tuple none, `(a, b)`"


class MisplacedStatement(Diagnostic):
    code = "HQN0117"
    title = "statement in the wrong place"
    label = "`{word}` cannot stand {here}"

    word: str
    here: str
    there: str

    def helps(self) -> Iterator[str]:
        yield f"`{self.word}` stands {self.there}"


class MissingNewline(Diagnostic):
    code = "HQN0118"
    title = "two statements on one line"
    label = "expected a new line before {found}"

    found: str

    def helps(self) -> Iterator[str]:
        yield "put each statement on a line of its own, or separate them with `;`"


class ChainedComparison(Diagnostic):
    code = "HQN0119"
    title = "chained comparison"
    label = "a comparison cannot be compared again"

    def helps(self) -> Iterator[str]:
        yield "write `a < b and b < c`"


class BadType(Diagnostic):
    code = "HQN0120"
    title = "not a type"
    label = "{what}"

    what: str
    hint: str

    def helps(self) -> Iterator[str]:
        yield self.hint


class UnknownModifier(Diagnostic):
    code = "HQN0121"
    title = "unknown modifier"
    label = "`{word} @` is no modifier of gates"

    word: str

    def helps(self) -> Iterator[str]:
        yield "the modifiers are `ctrl @`, `ctrl(n) @`, `negctrl @`, `inv @` and `pow(k) @`"


class UnknownUnit(Diagnostic):
    code = "HQN0122"
    title = "unknown unit"
    label = "`{unit}` is no unit of memory"

    unit: str

    def helps(self) -> Iterator[str]:
        yield "the units are `B`, `KiB`, `MiB` and `GiB`"


class RepeatedClause(Diagnostic):
    code = "HQN0123"
    title = "clause written twice"
    label = "`{clause}` stands twice"

    clause: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note(f"the first `{self.clause}` is here", self.first)
