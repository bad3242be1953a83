"""What can be wrong with execution profiles: HQN0630 to HQN0639."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.source import Span


class WrongExecution(Diagnostic):
    """A field with the wrong number or kind of values, or two fields that cannot be had together."""

    code = "HQN0630"
    title = "an execution that cannot be"
    label = "{why}"

    why: str
    example: str

    def helps(self) -> Iterator[str]:
        yield f"write `{self.example}`"


class NoShiftRule(Diagnostic):
    code = "HQN0631"
    title = "no parameter shift for this circuit"
    label = "`{path}` has {what}, for which no rule of parameter shift holds"

    path: str
    what: str
    place: Span

    def notes(self) -> Iterator[Note]:
        yield Note("it stands here", self.place)

    def helps(self) -> Iterator[str]:
        yield "`finite_difference` and `spsa` take any circuit; so does `reverse`, without shots"
        yield "`evolve[steps](H, t)` is made of gates that have rules, and `evolve(H, t)` of commuting terms"


class NotMeasurable(Diagnostic):
    code = "HQN0632"
    title = "a result that shots cannot give"
    label = "`{path}` asks for {what}, which no number of shots estimates"

    path: str
    what: str
    place: Span

    def notes(self) -> Iterator[Note]:
        yield Note("it stands here", self.place)

    def helps(self) -> Iterator[str]:
        yield "give this circuit a rule without shots, or ask for `expect` or `probs`"
