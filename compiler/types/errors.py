"""What can be wrong with types and sizes of values: HQN0301 to HQN0329. Structure is in `body_errors.py`."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.diagnostics.helping import WithExample, WithHint, WithNearest
from hqn.compiler.source import Span


class SizesDiffer(Diagnostic):
    """An argument against a parameter."""

    code = "HQN0301"
    title = "sizes differ"
    label = "this is {found}, but `{param}` of `{callee}` is {wanted}"

    callee: str
    param: str
    found: str
    wanted: str
    because: tuple[Note, ...] = ()
    declared: Span | None = None

    def notes(self) -> Iterator[Note]:
        yield from self.because
        if self.declared:
            yield Note(f"`{self.param}` of `{self.callee}` is declared here", self.declared)


class ShapesDiffer(Diagnostic):
    """The two sides of an operation."""

    code = "HQN0302"
    title = "shapes differ"
    label = "`{op}` of {left} and {right}"

    op: str
    left: str
    right: str
    ends: tuple[Note, ...] = ()
    hint: str | None = None

    def notes(self) -> Iterator[Note]:
        yield from self.ends

    def helps(self) -> Iterator[str]:
        yield self.hint or (
            "elementwise shapes are equal, or one is a number, or one is the end of the other: [4, 8] goes "
            "with [8]; anything else is a `contract`"
        )


class BatchShapesDiffer(Diagnostic):
    code = "HQN0303"
    title = "leading axes differ"
    label = "`{callee}` is lifted over {first} by one argument and over {second} by another"

    callee: str
    first: str
    second: str
    ends: tuple[Note, ...] = ()

    def notes(self) -> Iterator[Note]:
        yield from self.ends

    def helps(self) -> Iterator[str]:
        yield "axes in front of a parameter's own are a batch, and all batches of one call are equal"


class TypesDiffer(Diagnostic):
    code = "HQN0304"
    title = "wrong type"
    label = "this is {found}, and {wanted} is needed"

    found: str
    wanted: str
    because: tuple[Note, ...] = ()
    cast: str | None = None

    def notes(self) -> Iterator[Note]:
        yield from self.because

    def helps(self) -> Iterator[str]:
        if self.cast:
            yield f"convert it with `{self.cast}(…)`; only whole numbers as written convert by themselves"


class TooFewAxes(Diagnostic):
    code = "HQN0305"
    title = "too few axes"
    label = "this is {found}, but `{param}` of `{callee}` is {wanted}"

    callee: str
    param: str
    found: str
    wanted: str
    declared: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.declared:
            yield Note(f"`{self.param}` is declared here", self.declared)

    def helps(self) -> Iterator[str]:
        yield "more leading axes than declared are a batch, fewer are not filled in"


class WrongArgumentCount(Diagnostic):
    code = "HQN0306"
    title = "wrong number of arguments"
    label = "`{callee}` takes {takes}, and {given} given"

    callee: str
    takes: str
    given: str
    declared: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.declared:
            yield Note(f"`{self.callee}` is defined here", self.declared)


class BadArgument(WithNearest):
    """A named argument or static that does not exist, or is given twice."""

    code = "HQN0307"
    title = "no such argument"
    label = "{why}"

    why: str
    declared: Span | None = None
    inferred: str | None = None

    def notes(self) -> Iterator[Note]:
        if self.declared:
            yield Note("defined here", self.declared)

    def helps(self) -> Iterator[str]:
        yield from super().helps()
        if self.inferred:
            yield f"`{self.inferred}` follows from the arguments and is never given in brackets"


class MissingStatic(Diagnostic):
    code = "HQN0308"
    title = "a static argument is missing"
    label = "`{callee}` needs `{name}`"

    callee: str
    name: str
    declared: Span
    example: str

    def notes(self) -> Iterator[Note]:
        yield Note(f"`{self.name}` is declared here", self.declared)

    def helps(self) -> Iterator[str]:
        yield f"give it in brackets: `{self.example}`"


class SizeNotInferred(Diagnostic):
    code = "HQN0309"
    title = "a size that nothing determines"
    label = "the size `{name}` of `{callee}` follows from no argument"

    callee: str
    name: str
    declared: Span

    def notes(self) -> Iterator[Note]:
        yield Note(f"`{self.name}` is used here", self.declared)

    def helps(self) -> Iterator[str]:
        yield (
            "sizes are found from equations a * x + k == e with one unknown; "
            f"put `{self.name}` in brackets instead"
        )


class BadSize(Diagnostic):
    code = "HQN0310"
    title = "this size does not exist"
    label = "{why}"

    why: str
    because: tuple[Note, ...] = ()

    def notes(self) -> Iterator[Note]:
        yield from self.because


class NotStatic(Diagnostic):
    code = "HQN0311"
    title = "not known before running"
    label = "{found}, but {place} is fixed while checking"

    found: str
    place: str

    def helps(self) -> Iterator[str]:
        yield (
            "brackets, sizes and `if` hold numbers, statics and sizes of parameters; "
            "choose between values with `select`"
        )


class WrongStatic(Diagnostic):
    code = "HQN0312"
    title = "wrong kind of static value"
    label = "this is {found}, and {wanted} is needed"

    found: str
    wanted: str
    declared: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.declared:
            yield Note("declared here", self.declared)


class ConditionFails(Diagnostic):
    code = "HQN0313"
    title = "a `where` condition does not hold"
    label = "`{condition}` is false{values}"

    condition: str
    values: str


class ResultDiffers(Diagnostic):
    code = "HQN0314"
    title = "wrong result"
    label = "this is {found}, but `{name}` returns {wanted}"

    name: str
    found: str
    wanted: str
    declared: Span | None
    because: tuple[Note, ...] = ()

    def notes(self) -> Iterator[Note]:
        if self.declared:
            yield Note("the result as declared", self.declared)
        yield from self.because

    def helps(self) -> Iterator[str]:
        if self.found == "nothing":
            yield "what is called has no `return`; a circuit returns a query of its qubits, `expect(Z(q))`"


class OperandTypes(Diagnostic):
    code = "HQN0315"
    title = "operands of different types"
    label = "`{op}` of {left} and {right}"

    op: str
    left: str
    right: str
    ends: tuple[Note, ...] = ()
    hint: str | None = None

    def notes(self) -> Iterator[Note]:
        yield from self.ends

    def helps(self) -> Iterator[str]:
        yield (
            self.hint
            or "convert one side: `f32(…)`; only whole numbers as written turn into floats by themselves"
        )


class IndexOutOfRange(Diagnostic):
    code = "HQN0316"
    title = "index out of range"
    label = "{index} is not within the {size} elements of this axis"

    index: str
    size: str
    ends: tuple[Note, ...] = ()

    def notes(self) -> Iterator[Note]:
        yield from self.ends

    def helps(self) -> Iterator[str]:
        yield "indices run from 0 up to the size, exclusive; `x[-1]` is the last element, `a..b` leaves out b"


class BadIndex(WithHint):
    code = "HQN0317"
    title = "this does not index"
    label = "{why}"

    why: str


class BadOption(WithExample):
    """A static argument of a primitive."""

    code = "HQN0318"
    title = "wrong option of a primitive"
    label = "{why}"

    why: str


class BadInitialiser(Diagnostic):
    code = "HQN0319"
    title = "not an initialiser"
    label = "{why}"

    why: str
    choices: tuple[str, ...] = ()

    def helps(self) -> Iterator[str]:
        if self.choices:
            yield f"initialisers are {', '.join(self.choices)}"


class UnknownTypeName(WithNearest):
    code = "HQN0320"
    title = "unknown type"
    label = "there is no type `{name}`"

    name: str

    def helps(self) -> Iterator[str]:
        yield from super().helps()
        yield "types are f32, f64, bf16, f16, i8, i32, bool, c64, c128, angle, idx[n], qubit[n]"


class ReshapeCount(Diagnostic):
    code = "HQN0321"
    title = "a reshape that changes the number of elements"
    label = "{found} has {have} elements, {wanted} has {want}"

    found: str
    have: str
    wanted: str
    want: str
