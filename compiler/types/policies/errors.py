"""What can be wrong with policies: HQN0601 to HQN0629."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.diagnostics.helping import WithNearest
from hqn.compiler.source import Span


class SelectsNothing(WithNearest):
    code = "HQN0601"
    title = "a selector that matches nothing"
    label = "nothing of {where} is called `{pattern}`"

    pattern: str
    where: str


class RulesClash(Diagnostic):
    code = "HQN0602"
    title = "two rules that contradict each other"
    label = "{role} of `{path}` is {second} here"

    role: str
    path: str
    second: str
    first: str
    other: Span

    def notes(self) -> Iterator[Note]:
        yield Note(f"and {self.first} here, by a rule that is just as specific", self.other)

    def helps(self) -> Iterator[str]:
        yield f"say which by a rule of its own: `rule {self.path} …`"


class DeadRule(Diagnostic):
    code = "HQN0603"
    title = "a rule without effect"
    label = "more specific rules decide everything that this one says"

    others: tuple[Span, ...] = ()

    def notes(self) -> Iterator[Note]:
        for span in self.others[:3]:
            yield Note("this one wins", span)

    def helps(self) -> Iterator[str]:
        yield "leave it out, or make it more specific: default < kind < glob < exact path"


class RoleDoesNotApply(Diagnostic):
    code = "HQN0604"
    title = "a role that does not apply"
    label = "nothing that is selected here has the role `{role}`"

    role: str
    meaning: str
    have: tuple[str, ...] = ()

    def notes(self) -> Iterator[Note]:
        yield Note(f"`{self.role}` are {self.meaning}")

    def helps(self) -> Iterator[str]:
        if self.have:
            yield f"here are {', '.join(f'`{role}`' for role in self.have)}"


class UnknownPolicyWord(WithNearest):
    code = "HQN0605"
    title = "unknown word in a policy or execution profile"
    label = "`{word}` is no {what}"

    word: str
    what: str


class WrongSpec(Diagnostic):
    """A dtype or option that a role cannot have, or a number out of its range."""

    code = "HQN0606"
    title = "a quantizer that does not fit its role"
    label = "{why}"

    why: str
    example: str

    def helps(self) -> Iterator[str]:
        yield f"write `{self.example}`"


class GroupsDoNotFit(Diagnostic):
    code = "HQN0607"
    title = "groups that do not divide an axis"
    label = "groups of {size}, but the last axis of `{path}` has {length} elements"

    size: int
    path: str
    length: int

    def helps(self) -> Iterator[str]:
        divisors = [n for n in range(2, self.length + 1) if self.length % n == 0]
        if divisors:
            near = min(divisors, key=lambda n: abs(n - self.size))
            yield f"`group({near})` divides it; or give this weight a rule of its own"


class CalibrationMissing(Diagnostic):
    code = "HQN0608"
    title = "activations without calibration"
    label = "the range of activations comes from data, and the policy names none"

    def helps(self) -> Iterator[str]:
        yield "add a line such as `calibrate on d8.train[512]`"


class CalibrationDiffers(Diagnostic):
    code = "HQN0609"
    title = "calibration data that does not fit the model"
    label = "`{model}` takes {wanted}, a sample of `{data}` is {found}"

    model: str
    wanted: str
    data: str
    found: str

    def helps(self) -> Iterator[str]:
        yield "the first fields of a sample are the inputs of the model, in order"


class SaidTwice(Diagnostic):
    code = "HQN0610"
    title = "a policy that says something twice"
    label = "a policy has one `{what}` line"

    what: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the first one", self.first)


class NotAModel(WithNearest):
    code = "HQN0611"
    title = "a policy on what is no model"
    label = "`{name}` is no model of this file"

    name: str

    def helps(self) -> Iterator[str]:
        yield from super().helps()
        yield "a policy is put on a model: `policy edge for digits { … }`, `let q = digits under edge`"


class WrongPolicyStatics(Diagnostic):
    code = "HQN0612"
    title = "numbers of a policy that do not fit"
    label = "{why}"

    why: str

    def helps(self) -> Iterator[str]:
        yield "give every number that the policy declares, in order or by name: `net under w[4]`"


class NotAPolicy(WithNearest):
    code = "HQN0613"
    title = "neither a policy nor an execution profile"
    label = "`{name}` is no policy and no execution profile"

    name: str

    def helps(self) -> Iterator[str]:
        yield from super().helps()
        if not self.nearest:
            yield "declare it first: `policy edge { default w int8 }` or `execute lab { default shots 64 }`"


class OtherModel(Diagnostic):
    code = "HQN0614"
    title = "a policy of another model"
    label = "`{policy}` is a policy for `{wanted}`, not for `{model}`"

    policy: str
    wanted: str
    model: str
    declared: Span

    def notes(self) -> Iterator[Note]:
        yield Note("its model is named here", self.declared)
