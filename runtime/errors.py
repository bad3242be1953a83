"""Mistakes that show only at run time: a wrong array, a foreign checkpoint, a loss that is not a number.

What came before: anything of the run time. What leaves: one exception type per situation with a code, a
message and a help, for people and programs alike. Invariant: a user's mistake is never any other exception.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar


class HqnRuntimeError(Exception):
    """Base of every coded error at run time. `message` says what is wrong, `help` what to do."""

    code: ClassVar[str]
    title: ClassVar[str]
    template: ClassVar[str]
    advice: ClassVar[str | None] = None
    exit_code: ClassVar[int] = 1

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not re.fullmatch(r"HQN08\d\d", cls.code):
            raise TypeError(f"{cls.__name__}.code must look like HQN0801, not {cls.code!r}")

    def __init__(self, **fields: object) -> None:
        self.fields = fields
        self.result: Any = None
        """What a run had reached, where one was stopped."""
        self.message = self.template.format_map(fields)
        self.help = self.advice.format_map(fields) if self.advice else None
        super().__init__(self.message)

    def __str__(self) -> str:
        text = f"error[{self.code}]: {self.message}"
        return f"{text}\n  help: {self.help}" if self.help else text


class WrongInputShape(HqnRuntimeError):
    code = "HQN0801"
    title = "an input has the wrong shape"
    template = "`{name}` of `{model}` has shape {found}; one sample is {expected}"
    advice = "give an array whose last axes are {expected}; any axes before them are the batch"


class WrongInputType(HqnRuntimeError):
    code = "HQN0802"
    title = "an input has the wrong element type"
    template = "`{name}` of `{model}` holds {found}; it takes {expected}"
    advice = "convert it first: `{name}.astype({dtype!r})`"


class WrongInputCount(HqnRuntimeError):
    code = "HQN0803"
    title = "wrong number of inputs"
    template = "`{model}` takes {expected} ({names}); {found} were given"


class UnequalBatches(HqnRuntimeError):
    code = "HQN0804"
    title = "inputs have different batch shapes"
    template = "the inputs of `{model}` have the batch shapes {batches}; all must be equal"


class WrongVersion(HqnRuntimeError):
    code = "HQN0805"
    title = "an emitted module is for another version"
    template = "`{name}` was emitted for run-time interface {found}; this is interface {expected}"
    advice = "compile the .hqn file again"


class ForbiddenModule(HqnRuntimeError):
    code = "HQN0806"
    title = "a module holds more than hqn emits"
    template = "`{name}`, line {line}: {what} does not occur in emitted modules, so it is not run"
    advice = "compile the .hqn file again, or import a module that you changed by hand as ordinary Python"


class UnknownEntry(HqnRuntimeError):
    code = "HQN0807"
    title = "no model, run or data of this name"
    template = "there is no {kind} `{name}`; there are {known}"


class NotACheckpoint(HqnRuntimeError):
    code = "HQN0811"
    title = "not a checkpoint, or a damaged one"
    template = "`{path}` cannot be read as a checkpoint: {reason}"
    advice = "restore it from a copy, or run the training again"


class ForeignCheckpoint(HqnRuntimeError):
    code = "HQN0812"
    title = "a checkpoint of something else"
    template = "`{path}` does not belong to {what}: {reason}"
    advice = 'if slots were renamed, say so in the .hqn file: `renamed "old" -> "new"`'


class WrongSlotShape(HqnRuntimeError):
    code = "HQN0813"
    title = "a checkpoint's slot has another shape or element type"
    template = "`{slot}` is {found} in `{path}`; {what} needs {expected}"
    advice = "compile the checkpoint's own .hqn file, or train again"


class NotFinite(HqnRuntimeError):
    code = "HQN0821"
    title = "the loss is not a number"
    template = "run `{run}`, seed {seed}: the loss became {value} at step {step} (epoch {epoch})"
    advice = "{kept}; a smaller learning rate or `|> clip(1)` after the optimiser often helps"


class Interrupted(HqnRuntimeError):
    code = "HQN0822"
    title = "interrupted"
    template = "run `{run}` was interrupted after step {step} (epoch {epoch}); {kept}"
    exit_code = 130


class OutputExists(HqnRuntimeError):
    code = "HQN0823"
    title = "output exists"
    template = "`{path}` exists already and is left as it is"
    advice = "choose another place, or say --force to replace it"
    exit_code = 2


class AssertFailed(HqnRuntimeError):
    code = "HQN0824"
    title = "an assertion of a run does not hold"
    template = "{place}: `{text}` does not hold: {values}"


class CannotWrite(HqnRuntimeError):
    code = "HQN0825"
    title = "output cannot be written"
    template = "`{path}` cannot be written: {reason}"
    exit_code = 2


class NoSuchResult(HqnRuntimeError):
    code = "HQN0826"
    title = "a run needs another run's result"
    template = "run `{run}` starts from `{needed}`, of which there is no result"
    advice = "run `{needed}` first"


class GradientDiffers(HqnRuntimeError):
    code = "HQN0827"
    title = "two methods give two gradients"
    template = (
        "run `{run}`: `{first}` and `{second}` differ for `{slot}` "
        "by {difference:.2g} times its norm{noise}{others}"
    )
    advice = (
        "`ste`, `stop`, quantizers and kinks such as that of relu at 0 differ by their nature; "
        "otherwise a derivative is wrong"
    )


class NoGradient(HqnRuntimeError):
    code = "HQN0828"
    title = "a run without a gradient"
    template = "run `{run}` minimises nothing, so there is no gradient to check"


class BeyondMemory(HqnRuntimeError):
    code = "HQN0829"
    title = "more than the memory allowed"
    template = "{what} takes {needed}; the limit is {limit}"
    advice = "a smaller batch takes less; `--memory`, or the variable HQN_MEMORY, allows more"


class NoSuchData(HqnRuntimeError):
    code = "HQN0831"
    title = "data cannot be loaded"
    template = "data `{name}` cannot be loaded: {reason}"


class DataMismatch(HqnRuntimeError):
    code = "HQN0832"
    title = "data is not what was checked"
    template = "data `{name}`: {reason}"


class WhichModel(HqnRuntimeError):
    code = "HQN0833"
    title = "which model of a run"
    template = "{what}"


class NotExportable(HqnRuntimeError):
    code = "HQN0834"
    title = "a model that cannot be exported"
    template = "`{model}` comes from an emitted module, which does not hold its circuits"
    advice = "load the `.hqn` file with `hqn.load` and export from there"
