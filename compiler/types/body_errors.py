"""What can be wrong with the structure of bodies, calls and instances: HQN0330 to HQN0369."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.diagnostics.helping import WithHint
from hqn.compiler.source import Span


class NotCallable(WithHint):
    code = "HQN0330"
    title = "this cannot be called"
    label = "{found} cannot be called"

    found: str


class NotAValue(WithHint):
    code = "HQN0331"
    title = "not a value"
    label = "{found}"

    found: str


class RepeatedCall(Diagnostic):
    code = "HQN0332"
    title = "two instances of one name"
    label = "this `{name}` has weights of its own, but no name of its own"

    name: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note(f"the first `{self.name}` here", self.first)

    def helps(self) -> Iterator[str]:
        yield (
            f"name one of the two: `{self.name}… as second`; to use the same weights twice, write "
            f"`let shared = {self.name}…` and call `shared`"
        )


class LabelTaken(Diagnostic):
    code = "HQN0333"
    title = "a path used twice"
    label = "`{name}` is already a name in this body's paths"

    name: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the first one", self.first)

    def helps(self) -> Iterator[str]:
        yield "weights, states and instances of one body share one set of names; choose another one"


class LabelOnValue(Diagnostic):
    code = "HQN0334"
    title = "a label on something that creates nothing"
    label = "{found}, so `as {name}` names nothing"

    found: str
    name: str

    def helps(self) -> Iterator[str]:
        yield "`as` stands behind the call of a layer or circuit"


class InstanceShapesDiffer(Diagnostic):
    code = "HQN0335"
    title = "one instance used at two sizes"
    label = "here the weights of `{name}` would have other shapes"

    name: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the first call fixes them", self.first)

    def helps(self) -> Iterator[str]:
        yield "calls of one `let` instance share its weights; create a second instance for other sizes"


class ReturnMissing(Diagnostic):
    code = "HQN0336"
    title = "nothing is returned"
    label = "`{name}` is declared to return {wanted}, and has no `return`"

    name: str
    wanted: str


class Misplaced(WithHint):
    code = "HQN0337"
    title = "a statement out of place"
    label = "{why}"

    why: str


class CarryChanges(Diagnostic):
    code = "HQN0338"
    title = "a carry that changes its type"
    label = "the next `{name}` is {found}, but it starts as {wanted}"

    name: str
    found: str
    wanted: str
    start: Span

    def notes(self) -> Iterator[Note]:
        yield Note(f"`{self.name}` starts here", self.start)

    def helps(self) -> Iterator[str]:
        yield "a loop gives its carry the same shape and type in every turn"


class UnknownCarry(Diagnostic):
    code = "HQN0339"
    title = "`next` of something that does not change"
    label = "`{name}` is neither a state nor a carry of this loop"

    name: str

    def helps(self) -> Iterator[str]:
        yield f"declare it: `state {self.name}: … = zeros`, or `scan … carry ({self.name} = …)`"


class BadLoop(WithHint):
    code = "HQN0340"
    title = "this loop says too little"
    label = "{why}"

    why: str


class YieldChanges(Diagnostic):
    code = "HQN0350"
    title = "turns that give different shapes"
    label = "turn {turn} gives {found}, and turn 0 gives {first}"

    turn: int
    found: str
    first: str

    def helps(self) -> Iterator[str]:
        yield "what the turns give is stacked: reduce it in the turn, or bring it to one shape with `pad_to`"


class StateIsLifted(Diagnostic):
    code = "HQN0341"
    title = "a layer with state is lifted"
    label = "`{callee}` keeps a state or statistics and would run over {batch} samples within one"

    callee: str
    batch: str
    declared: Span

    def notes(self) -> Iterator[Note]:
        yield Note(f"`{self.callee}` is defined here", self.declared)

    def helps(self) -> Iterator[str]:
        yield "declare the parameter with all leading axes, `x: f32[..s, c]`"


class ModelIsOpen(Diagnostic):
    code = "HQN0342"
    title = "a model with open sizes"
    label = "`{name}` has no number here"

    name: str

    def helps(self) -> Iterator[str]:
        yield "a model is compiled as it stands: its parameters have numbers as sizes, its statics defaults"


class NestedTooDeeply(Diagnostic):
    code = "HQN0343"
    title = "calls nested too deeply"
    label = "`{callee}` would be level {depth} of calls"

    callee: str
    depth: int
    limit: int

    def notes(self) -> Iterator[Note]:
        yield Note(f"the limit is {self.limit}")


class UnknownDistribution(Diagnostic):
    code = "HQN0344"
    title = "not a distribution"
    label = "{why}"

    why: str

    def helps(self) -> Iterator[str]:
        yield "draw from `bernoulli(p)`, `uniform(lo, hi)` or `normal(s)`, `per sample`, `step` or `run`"


class SlotNotMet(Diagnostic):
    code = "HQN0345"
    title = "a layer that does not fit its place"
    label = "`{layer}` gives {found} here, but `{slot}` is declared to give {wanted}"

    slot: str
    layer: str
    found: str
    wanted: str
    declared: Span
    given: Span | None = None

    def notes(self) -> Iterator[Note]:
        yield Note(f"`{self.slot}` is declared here", self.declared)
        if self.given:
            yield Note(f"`{self.layer}` is given here", self.given)
