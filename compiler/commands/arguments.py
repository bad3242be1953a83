"""The parser of the command line, and the arguments that several commands share.

What came before: words from the shell. What leaves: a namespace whose `perform` is the command.
Invariant: every mistake in the words themselves ends here, with exit code 2 and a hint.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from typing import NoReturn, Protocol

from hqn.compiler import memory
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.files.read import nearest
from hqn.compiler.outcome import Outcome, Say

Arguments = argparse.Namespace
Perform = Callable[[Arguments, Sink, Say], Outcome]


class Commands(Protocol):
    """What `add_subparsers` returns, as far as it is used."""

    def add_parser(self, name: str, **options: object) -> Parser: ...


class Parser(argparse.ArgumentParser):
    """Argparse, with messages as short as the rest of hqn and no way to break a line in them."""

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"error: {visible(message)}\n{_guess(message)}")
        sys.stderr.write(f"  = help: `{self.prog} --help` shows how it is used\n")
        raise SystemExit(2)


def _guess(message: str) -> str:
    """What a mistyped choice was meant to be; argparse gives both in its message."""
    asked, *choices = re.findall(r"'([^']*)'", message) if "invalid choice" in message else [""]
    found = nearest(asked, choices)
    return f"  = help: did you mean `{found}`?\n" if found else ""


def add_command(commands: Commands, name: str, perform: Perform, text: str, examples: str) -> Parser:
    """A command whose help is one sentence, its arguments and examples that work."""
    sentence = text.split("\n", 1)[0]
    parser = commands.add_parser(
        name,
        help=sentence,
        description=text,
        epilog=f"examples:\n{examples.rstrip()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(perform=perform, command=name)
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    return parser


def add_file(parser: Parser, *, many: bool = False) -> None:
    if many:
        parser.add_argument("files", metavar="FILE", nargs="+", help="a .hqn file; - is standard input")
    else:
        parser.add_argument("file", metavar="FILE", help="a .hqn file; - is standard input")


def add_force(parser: Parser) -> None:
    parser.add_argument("--force", action="store_true", help="replace files that exist already")


def add_memory(parser: Parser) -> None:
    """The limit that planning keeps; a wrong value of the variable is a mistake in the words too."""
    parser.add_argument(
        "--memory",
        type=_memory,
        default=os.environ.get(memory.VARIABLE) or None,
        metavar="BYTES",
        help=f"the limit, like 500MiB (the variable {memory.VARIABLE}, else {memory.DEFAULT} or less)",
    )


def _memory(text: str) -> int:
    try:
        return memory.parse_bytes(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None


def comma_list(text: str) -> tuple[str, ...]:
    """`a,b` as words; blanks around them do not matter."""
    return tuple(word for word in (part.strip() for part in text.split(",")) if word)
