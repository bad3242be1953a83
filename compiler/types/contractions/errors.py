"""What can be wrong with a `contract` statement: HQN05xx."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.source import Span


class NotAProduct(Diagnostic):
    code = "HQN0501"
    title = "a contraction is one product"
    label = "{why} has no place in a product"

    why: str

    def helps(self) -> Iterator[str]:
        if "does not depend" in self.why and "`sum`" in self.why:
            yield "remove the variable, or use it as an index"
        elif "sum" in self.why:
            yield "write one `contract` per product and add their results"
        elif "sign" in self.why:
            yield "write the sign in front of the statement's right side"
        elif "does not depend" in self.why:
            yield "write it in front of or behind the `prod`, so that it is clear that it stands there once"
        else:
            yield "compute it in a line of its own and multiply by the result"


class IndexRangeConflict(Diagnostic):
    code = "HQN0502"
    title = "one index, two ranges"
    label = "`{index}` runs over {here} here"

    index: str
    here: str
    there: str
    other: Span | None

    def notes(self) -> Iterator[Note]:
        yield Note(f"but over {self.there} here", self.other)

    def helps(self) -> Iterator[str]:
        yield "an index has one range; give the two axes one size, or two indices"


class OutputIndexMissing(Diagnostic):
    code = "HQN0503"
    title = "an index of the result is not on the right side"
    label = "`{index}` occurs in no factor"

    index: str

    def helps(self) -> Iterator[str]:
        yield "every index of the result comes from a factor; multiply by `ones` to repeat along a new axis"


class OutputIndexRepeated(Diagnostic):
    code = "HQN0504"
    title = "an index occurs twice in the result"
    label = "`{index}` is already an axis of the result"

    index: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note("its first occurrence", self.first)

    def helps(self) -> Iterator[str]:
        yield "each index of the result is written once; a diagonal is read, not written"


class IndexWithoutRange(Diagnostic):
    code = "HQN0505"
    title = "an index has no range"
    label = "nothing says over which numbers `{index}` runs"

    index: str
    fitting: str | None = None
    is_output: bool = False

    def notes(self) -> Iterator[Note]:
        yield Note("a range comes from a place where the index stands alone: `x[i]`, not `x[2*i]`")

    def helps(self) -> Iterator[str]:
        size = self.fitting or "n"
        if self.is_output:
            yield f"write `{self.index} < {size}` on the left side"
        else:
            yield f"sum over it with `sum({self.index} in 0..{size}) …`"


class PositionOutOfRange(Diagnostic):
    code = "HQN0506"
    title = "a position leaves its axis"
    label = "this reaches position {reached}, but axis {axis} of {tensor} has {size}"

    reached: str
    axis: int
    tensor: str
    size: str
    ranges: tuple[tuple[str, str, Span | None], ...] = ()

    def notes(self) -> Iterator[Note]:
        for index, size, span in self.ranges:
            yield Note(f"`{index}` runs over {size}, from here", span)


class WrongNumberOfPositions(Diagnostic):
    code = "HQN0507"
    title = "as many positions as axes"
    label = "{tensor} has {axes}, and {positions} are written"

    tensor: str
    axes: str
    positions: str

    def helps(self) -> Iterator[str]:
        yield "in a `contract` every axis has an index: `A[i, j]` for f32[n, m]"


class NotAffine(Diagnostic):
    code = "HQN0508"
    title = "a position is a sum of multiples of indices"
    label = "{why}"

    why: str

    def helps(self) -> Iterator[str]:
        yield "positions look like `i`, `2*i + a`, `i + j - 1`; anything else is computed in a line before"


class IndexNameTaken(Diagnostic):
    code = "HQN0509"
    title = "this name is not an index"
    label = "`{name}` is {what} here, so it cannot be an index"

    name: str
    what: str
    defined: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.defined:
            yield Note(f"`{self.name}` comes from here", self.defined)

    def helps(self) -> Iterator[str]:
        yield "an index is a new name of its own: rename it in this statement"


class FactorNotNumeric(Diagnostic):
    code = "HQN0510"
    title = "a factor is not a number or a tensor of numbers"
    label = "this is {found}"

    found: str


class FactorTypesDiffer(Diagnostic):
    code = "HQN0511"
    title = "the factors have different element types"
    label = "this is {here}"

    here: str
    there: str
    other: Span

    def notes(self) -> Iterator[Note]:
        yield Note(f"the first factor is {self.there}", self.other)

    def helps(self) -> Iterator[str]:
        yield f"convert one of them: `{self.there}(…)`"


class ContractionTooLarge(Diagnostic):
    code = "HQN0512"
    title = "a contraction unrolls to too many factors"
    label = "this product has {factors} factors"

    factors: int
    limit: int

    def notes(self) -> Iterator[Note]:
        yield Note(f"the limit is {self.limit} factors in one statement")


class ResultExceedsMemory(Diagnostic):
    code = "HQN0514"
    title = "a result that is larger than the memory allowed"
    label = "the result alone takes {needed} per sample, {limit} are allowed"

    needed: str
    limit: str

    def helps(self) -> Iterator[str]:
        yield f"allow more: `memory <= {self.needed}`; summed indices are sliced to fit, the result is not"


class IndexEscapes(Diagnostic):
    code = "HQN0513"
    title = "a summed index is used outside of its sum"
    label = "`{index}` belongs to the `sum` and has no value here"

    index: str
    sum_span: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the sum that it belongs to", self.sum_span)
