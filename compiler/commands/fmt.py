"""`hqn fmt`: the one style of hqn text."""

from __future__ import annotations

from hqn.compiler.commands.arguments import Arguments, Commands, add_command, add_file
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.files import read_source, write_text
from hqn.compiler.files.read import STDIN
from hqn.compiler.outcome import Outcome, Say

TEXT = """Put files into the one style of hqn.

The meaning stays, no comment is lost, and there are no options.
Files are rewritten in place; standard input goes to standard output."""
EXAMPLES = """  hqn fmt digits.hqn
  hqn fmt --check models/*.hqn        exit code 1 if a file would change
  hqn fmt - < digits.hqn"""


def add(commands: Commands) -> None:
    parser = add_command(commands, "fmt", perform, TEXT, EXAMPLES)
    add_file(parser, many=True)
    parser.add_argument("--check", action="store_true", help="change nothing, only say what would change")


def perform(args: Arguments, sink: Sink, say: Say) -> Outcome:
    texts: list[str] = []
    changed: list[str] = []
    for path in args.files:
        before, after = _formatted(path, sink)
        if path == STDIN and after is not None and not args.check:
            texts.append(after.rstrip("\n"))
        elif after is not None and after != before:
            changed += _settle(path, after, args.check, sink)
    words = "would change" if args.check else "formatted"
    texts += [f"{words}: {visible(path)}" for path in changed]
    return Outcome("\n".join(texts), {"changed": changed}, failed=args.check and bool(changed))


def _formatted(path: str, sink: Sink) -> tuple[str, str | None]:
    """A file's text and its formatted text; None for the latter where the file has mistakes."""
    source, own = read_source(path, sink), Sink()
    if source is None:
        return "", None
    from hqn.compiler.syntax.format import format_module

    text = format_module(source, own)
    for found in own.all:
        sink.report(found)
    return source.text, None if own.has_errors else text


def _settle(path: str, text: str, check: bool, sink: Sink) -> list[str]:
    return [path] if check or write_text(path, text, sink, force=True) else []
