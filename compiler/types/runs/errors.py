"""What can be wrong with runs and data blocks: HQN0351 to HQN0379."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.diagnostics.helping import WithExample, WithHint, WithNearest
from hqn.compiler.source import Span


class _Unknown(WithNearest):
    """Base of reports about a name that is none of a few."""

    name: str


class UnknownDataset(_Unknown):
    code = "HQN0351"
    title = "unknown data set"
    label = "there is no data set `{name}`"


class UnknownStep(_Unknown):
    code = "HQN0352"
    title = "unknown step of a data pipeline"
    label = "`{name}` is no step of a data pipeline"


class BadStep(WithExample):
    """A step whose arguments are wrong, or that does not go with the data before it."""

    code = "HQN0353"
    title = "a step that does not fit"
    label = "{why}"

    why: str


class TooFewSamples(Diagnostic):
    code = "HQN0354"
    title = "more samples than there are"
    label = "{wanted:,} samples of {count:,}"

    wanted: int
    count: int


class UnknownSplit(_Unknown):
    code = "HQN0355"
    title = "unknown split"
    label = "`{data}` has no split `{name}`"

    data: str


class NotData(_Unknown):
    code = "HQN0356"
    title = "not a data block"
    label = "`{name}` is no data block"

    def helps(self) -> Iterator[str]:
        yield from super().helps()
        yield "declare it first: `data d = digits_8x8 |> split(train = 1437, test = 360, seed = 0)`"


class WrongPattern(Diagnostic):
    code = "HQN0357"
    title = "a pattern that does not fit the data"
    label = "{names} for {fields}"

    names: str
    fields: str

    def helps(self) -> Iterator[str]:
        yield "name every field of a sample, in the order of the data block: `data (x, y) in …`"


class NotANumber(WithHint):
    """A tracked, minimised or compared value that is not one number."""

    code = "HQN0358"
    title = "one number is needed"
    label = "this is {found}; {what} is one number"

    found: str
    what: str


class WhichSamples(Diagnostic):
    code = "HQN0359"
    title = "which samples?"
    label = "`{name}` is a sample of `{data}`, and here it is open which one"

    name: str
    data: str

    def helps(self) -> Iterator[str]:
        yield "say over which split: `mean(… on test)`"
        yield "`on` binds tightly, so operators stand in brackets: `mean((net(x) ** 2) on test)`"


class UnknownOptimiser(_Unknown):
    code = "HQN0360"
    title = "unknown optimiser"
    label = "`{name}` is no optimiser"


class BadOptimiser(WithExample):
    code = "HQN0361"
    title = "an optimiser's numbers"
    label = "{why}"

    why: str


class NothingToTrain(WithNearest):
    code = "HQN0362"
    title = "nothing to train"
    label = "{why}"

    why: str


class TrainedTwice(Diagnostic):
    code = "HQN0363"
    title = "a weight in two groups"
    label = "`{path}` is trained by another group too"

    path: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the other group", self.first)


class SettingTwice(Diagnostic):
    code = "HQN0364"
    title = "said twice"
    label = "`{setting}` is said twice"

    setting: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the first time", self.first)


class BadSetting(WithExample):
    """`epochs -3`, `precision f16`, `epochs` without data, neither `epochs` nor `steps`."""

    code = "HQN0365"
    title = "a setting that does not fit"
    label = "{why}"

    why: str


class AssertionFails(Diagnostic):
    code = "HQN0366"
    title = "an assertion does not hold"
    label = "{values}"

    values: str


class UnknownInstance(_Unknown):
    code = "HQN0367"
    title = "no instance of this run"
    label = "`{name}` is no `let` or `weight` of {where}"

    where: str


class OriginDiffers(Diagnostic):
    code = "HQN0368"
    title = "`from` another shape"
    label = "{why}"

    why: str
    origin: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.origin:
            yield Note("it starts from this instance", self.origin)


class RunsInCircle(Diagnostic):
    code = "HQN0369"
    title = "runs that wait for each other"
    label = "{circle}"

    circle: str


class UnknownSeries(_Unknown):
    code = "HQN0370"
    title = "unknown series"
    label = "`{name}` is not tracked by {where}"

    where: str


class NoSuchField(_Unknown):
    code = "HQN0373"
    title = "no field of a sample"
    label = "`{name}` is no field of a sample"


class BadReading(WithExample):
    """An expression over a run's numbers that means nothing there."""

    code = "HQN0371"
    title = "this cannot be read from a run"
    label = "{why}"

    why: str


class UsedInstances(Diagnostic):
    """One instance at two sizes in one run."""

    code = "HQN0372"
    title = "an instance at two sizes"
    label = "`{name}` has weights of {first} here and of {second} elsewhere in the run"

    name: str
    first: str
    second: str


class WrongRunStatics(WithExample):
    """`creep[depth = 1]` of a run without that static, or a run that is asked for with too few values."""

    code = "HQN0374"
    title = "statics of a run that do not fit"
    label = "{why}"

    why: str


class NothingUnder(Diagnostic):
    """`mean(x) under edge`: a profile around an expression without an instance."""

    code = "HQN0375"
    title = "a profile around no instance"
    label = "no instance of a run stands here that could be under `{profile}`"

    profile: str

    def helps(self) -> Iterator[str]:
        yield f"put the instance under it: `(net under {self.profile})(x)`"


class NotSquares(Diagnostic):
    """`ridge` over weights in which the loss is no sum of squares of affine functions."""

    code = "HQN0376"
    title = "no squared error affine in the weights"
    label = "as a function of `{paths}` this is no sum of squares of affine functions"

    paths: str

    def helps(self) -> Iterator[str]:
        yield "`ridge` has a closed form for `mse(net(x), y)` over a last layer that is linear in its weights"
        yield "other losses have `lbfgs`, or an optimiser with steps"
