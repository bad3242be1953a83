"""`hqn import`: a program of OpenQASM as an hqn file."""

from __future__ import annotations

import os

from hqn.compiler.commands.arguments import Arguments, Commands, add_command, add_force
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.files import read_source, write_text
from hqn.compiler.files.errors import OutputExists
from hqn.compiler.outcome import Outcome, Say

TEXT = """Turn an OpenQASM 2.0 or 3 program into an hqn file.

Gate definitions and subroutines become circuits, loops stay loops, inputs become parameters. The program
itself is the last circuit: it returns `state(…)`, or `probs(…)` of the qubits that it measures."""
EXAMPLES = """  hqn import bell.qasm -o bell.hqn
  hqn import bell.qasm                the same on the screen
  hqn import - < bell.qasm"""


def add(commands: Commands) -> None:
    parser = add_command(commands, "import", perform, TEXT, EXAMPLES)
    parser.add_argument("file", metavar="FILE", help="an OpenQASM program; - is standard input")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to a file instead of the screen")
    add_force(parser)


def perform(args: Arguments, sink: Sink, say: Say) -> Outcome:
    output = None if args.output == "-" else args.output
    if output and not args.force and os.path.isfile(output):
        sink.report(OutputExists(path=visible(output)))
        return Outcome()
    source = read_source(args.file, sink)
    if source is None:
        return Outcome()
    from hqn.compiler.import_qasm.import_text import import_text

    text = import_text(source, sink)
    if text is None:
        return Outcome()
    if output is None:
        return Outcome(text.rstrip("\n"), {"text": text})
    if not write_text(output, text, sink, force=args.force):
        return Outcome()
    return Outcome(f"wrote {visible(output)}", {"files": [output]})
