"""The command line: words in, text and an exit code out.

What came before: the shell. What leaves: results on standard output, messages on standard error (one
JSON document on standard output under `--json`), and an exit code: 0 fine, 1 the model is wrong, 2 the
command is wrong, 70 hqn is wrong, 130 interrupted. Invariant: no traceback, and `hqn check` imports only
the standard library, lark and our own front end.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Sequence
from typing import cast

import hqn
from hqn.compiler import memory
from hqn.compiler.commands import check, compile, draw, explain, fmt, import_, plan, run, version
from hqn.compiler.commands.arguments import Arguments, Commands, Parser
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all, to_json
from hqn.compiler.diagnostics.style import paragraph, wants_color
from hqn.compiler.files.errors import CommandMistake
from hqn.compiler.outcome import Outcome

OK, WRONG_MODEL, WRONG_COMMAND, WRONG_HQN, INTERRUPTED = 0, 1, 2, 70, 130
COLLECT_AFTER = 100_000
"""Trees of large files are many objects without cycles, which the collector would walk again and again."""
COMMANDS = (check, run, compile, plan, draw, import_, fmt, explain, version)
TEXT = "hqn: one file says a hybrid quantum-classical network; check it, train it, export it."
FIRST_STEPS = """first steps:
  hqn check examples/digits.hqn       is the model right?
  hqn run examples/digits.hqn         train it
  hqn explain HQN0304                 what an error code means

`hqn COMMAND --help` shows a command's options with examples.
exit codes: 0 fine, 1 the model is wrong, 2 the command is wrong, 130 interrupted"""


def build_parser() -> Parser:
    """The whole command line; every command's module adds its own part."""
    parser = Parser(
        prog="hqn",
        description=TEXT,
        epilog=FIRST_STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"hqn {hqn.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(cast(Commands, commands))
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Perform one command; never raises, whatever happens behind it."""
    _survive_odd_terminals()
    gc.set_threshold(COLLECT_AFTER)
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        args = build_parser().parse_args(words or ["--help"])
    except SystemExit as stop:
        return int(stop.code or 0) if words else WRONG_COMMAND
    try:
        return _perform(args)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has enough: `hqn compile … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return OK
    except Exception as error:
        return _stopped(error, args)


def _perform(args: Arguments) -> int:
    sink = Sink()
    with memory.limited(getattr(args, "memory", None)):
        outcome = args.perform(args, sink, _silence if args.json else _progress)
    if args.json:
        _print_json(outcome, sink)
    else:
        if outcome.text:
            print(outcome.text, flush=True)
        sys.stderr.write(render_all(sink, wants_color(sys.stderr)))
    return _exit_code(outcome, sink)


def _exit_code(outcome: Outcome, sink: Sink) -> int:
    errors = [found for found in sink.all if found.level == "error"]
    if any(not isinstance(found, CommandMistake) for found in errors):
        return WRONG_MODEL
    if errors:
        return WRONG_COMMAND
    return WRONG_MODEL if outcome.failed else OK


def _print_json(outcome: Outcome, sink: Sink) -> None:
    document = {"version": 1, "diagnostics": to_json(sink.all), "result": outcome.data}
    print(json.dumps(document, indent=2, ensure_ascii=False), flush=True)


def _progress(line: str) -> None:
    """Progress is not a result: it goes to standard error, so that results can be piped."""
    print(line, file=sys.stderr, flush=True)


def _silence(line: str) -> None:
    """Programs read results only."""


def _stopped(error: Exception, args: Arguments) -> int:
    """A mistake that shows at run time carries its code and its words; anything else is ours.

    The class is looked up and not imported: importing the run time costs seconds.
    """
    errors = sys.modules.get("hqn.runtime.errors")
    if errors is None or not isinstance(error, errors.HqnRuntimeError):
        return _crash(error, args)
    if args.json:
        found = {"code": error.code, "level": "error", "title": error.title, "message": error.message}
        found |= {"span": None, "notes": [], "helps": [error.help] if error.help else []}
        print(json.dumps({"version": 1, "diagnostics": [found], "result": None}, indent=2), flush=True)
    else:
        lines = (line for text in str(error).split("\n") for line in paragraph(text))
        sys.stderr.write("\n".join(lines) + "\n")
    return int(error.exit_code)


def _crash(error: Exception, args: Arguments) -> int:
    from hqn.compiler import crash

    if os.environ.get(crash.DEBUG):
        raise error
    if args.json:
        print(json.dumps({"version": 1, "internal_error": crash.report(error)}, indent=2))
    sys.stderr.write(crash.describe(error, wants_color(sys.stderr)))
    return WRONG_HQN


def _survive_odd_terminals() -> None:
    """A terminal that cannot show a character shows its escape; it never stops a command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
