"""`hqn draw`: pictures of circuits and of whole models."""

from __future__ import annotations

import os
import shutil

from hqn.compiler.commands.arguments import Arguments, Commands, add_command, add_file, add_force
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.files import read_source, write_text
from hqn.compiler.files.errors import OutputExists
from hqn.compiler.outcome import DrawRequest, Outcome, Say

TEXT = """Draw circuits and models.

Circuits: gates with their parameters by path, loops as frames. Models: layers with their numbers
of parameters, shapes between them. Text on the screen; with -o, one SVG page."""
EXAMPLES = """  hqn draw digits.hqn
  hqn draw digits.hqn --circuit vqc
  hqn draw digits.hqn --model digits -o digits.svg"""
DEFAULT_WIDTH = 110


def add(commands: Commands) -> None:
    parser = add_command(commands, "draw", perform, TEXT, EXAMPLES)
    add_file(parser)
    parser.add_argument("--circuit", metavar="NAME", help="only this circuit: vqc, or by path: digits.vqc")
    parser.add_argument("--model", metavar="NAME", help="only this model; with --circuit, only of its own")
    parser.add_argument(
        "--policy", metavar="NAME", help="with the bits that a policy of the file leaves: edge"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write SVG to a file; no text on the screen")
    parser.add_argument("--svg", action="store_true", help="print SVG instead of text")
    add_force(parser)


def perform(args: Arguments, sink: Sink, say: Say) -> Outcome:
    source = read_source(args.file, sink)
    if source is None or _refused(args, sink):
        return Outcome()
    from hqn.compiler import driver

    to_file = args.output not in (None, "-")
    request = DrawRequest(
        svg=args.svg or args.output is not None,
        circuit=args.circuit,
        model=args.model,
        policy=args.policy,
        width=shutil.get_terminal_size((DEFAULT_WIDTH, 24)).columns,
        title=os.path.basename(source.name),
    )
    drawn = driver.draw(source, request, sink)
    if drawn is None or sink.has_errors:
        return Outcome()
    if not to_file:
        return Outcome(drawn.rstrip("\n"), {"text": drawn})
    written = [args.output] if write_text(args.output, drawn, sink, force=args.force) else []
    return Outcome("\n".join(f"wrote {visible(path)}" for path in written), {"files": written})


def _refused(args: Arguments, sink: Sink) -> bool:
    """An output in the way is said before the work, not after it."""
    if args.output in (None, "-") or args.force or not os.path.isfile(args.output):
        return False
    sink.report(OutputExists(path=visible(args.output)))
    return True
