"""What can go wrong with a file or a word on the command line: HQN0189 to HQN0199.

Mistakes in the command itself derive from `CommandMistake` (exit code 2); what is wrong inside a file is
an ordinary diagnostic (exit code 1).
"""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic


class CommandMistake(Diagnostic):
    """The command asks for what is not there or must not be; no file's content is at fault."""

    @property
    def key(self) -> tuple[str, object]:  # type: ignore[override]
        """No span tells two of these apart, their words do."""
        return self.code, self.message


class FileMissing(CommandMistake):
    code = "HQN0190"
    title = "file not found"
    label = "there is no file `{path}`"

    path: str
    nearest: str | None = None

    def helps(self) -> Iterator[str]:
        if self.nearest:
            yield f"did you mean `{self.nearest}`?"


class IsADirectory(CommandMistake):
    code = "HQN0191"
    title = "a file is needed here"
    label = "`{path}` is a directory"

    path: str
    candidates: tuple[str, ...] = ()

    def helps(self) -> Iterator[str]:
        if self.candidates:
            yield "it holds " + ", ".join(f"`{name}`" for name in self.candidates)


class CannotRead(CommandMistake):
    code = "HQN0192"
    title = "file cannot be read"
    label = "`{path}`: {reason}"

    path: str
    reason: str


class NotUtf8(Diagnostic):
    code = "HQN0193"
    title = "file is not UTF-8 text"
    label = "the byte 0x{byte:02x} here starts no UTF-8 character"

    byte: int

    def helps(self) -> Iterator[str]:
        yield "save the file with the encoding UTF-8; if it is no text at all, another file was meant"


class FileTooLarge(Diagnostic):
    code = "HQN0194"
    title = "file is too large"
    label = "`{path}` has {size}, the limit is {limit:,} bytes"

    path: str
    size: str
    limit: int

    def helps(self) -> Iterator[str]:
        yield "keep numbers in data files, and split a long model with `use local.name.{...}`"


class OutputExists(CommandMistake):
    code = "HQN0195"
    title = "output exists already"
    label = "`{path}` would be overwritten"

    path: str

    def helps(self) -> Iterator[str]:
        yield "choose another place, or add `--force` to replace it"


class CannotWrite(CommandMistake):
    code = "HQN0196"
    title = "output cannot be written"
    label = "`{path}`: {reason}"

    path: str
    reason: str


class UnknownCode(CommandMistake):
    code = "HQN0197"
    title = "no such error code"
    label = "`{asked}` is not a code of this version"

    asked: str
    nearest: str | None = None

    def helps(self) -> Iterator[str]:
        if self.nearest:
            yield f"did you mean `{self.nearest}`?"
        yield "`hqn explain` without a code lists all of them"


class UnknownChoice(CommandMistake):
    """A name given on the command line that the file does not define: `--model`, `--policy`, a run."""

    code = "HQN0198"
    title = "the file has no such name"
    label = "there is no {kind} `{asked}`"

    kind: str
    asked: str
    choices: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        return super().message if self.asked else f"this is about a {self.kind}"

    def helps(self) -> Iterator[str]:
        if self.choices:
            yield f"the file defines: {', '.join(self.choices)}"
        else:
            yield f"the file defines no {self.kind}"


class NotValues(CommandMistake):
    """A file of values (`--bind`) that is not one."""

    code = "HQN0199"
    title = "not a file of values"
    label = "`{path}`: {reason}"

    path: str
    reason: str

    def helps(self) -> Iterator[str]:
        yield 'a file of values is JSON with one entry per parameter: {"x": [0.1, 0.2]}'


class NotChosen(CommandMistake):
    """A command that needs one of several things and names none."""

    code = "HQN0189"
    title = "one of several must be named"
    label = "the model `{model}` has {count} circuits, and a program is one circuit"

    model: str
    count: int
    choices: tuple[str, ...]

    def helps(self) -> Iterator[str]:
        yield f"add `--circuit PATH`; there are: {', '.join(self.choices)}"
        yield "`hqn run` writes all of them"
