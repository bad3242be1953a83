"""`hqn check`: everything that can be wrong with a model, found before anything runs."""

from __future__ import annotations

from hqn.compiler.commands.arguments import Arguments, Commands, add_command, add_file, add_memory
from hqn.compiler.diagnostics import Sink
from hqn.compiler.files import read_source
from hqn.compiler.outcome import Outcome, Say

TEXT = """Find every mistake without running anything.

Names, sizes, types, qubit use, weights and policies are checked; nothing heavy is loaded.
Exit code 0 means that the model is right, 1 that it is not."""
EXAMPLES = """  hqn check digits.hqn
  hqn check digits.hqn --tree         the instance tree: every weight, its path and shape
  hqn check digits.hqn --json         for editors and scripts
  cat digits.hqn | hqn check -"""


def add(commands: Commands) -> None:
    parser = add_command(commands, "check", perform, TEXT, EXAMPLES)
    add_file(parser, many=True)
    add_memory(parser)
    parser.add_argument("--tree", action="store_true", help="print the instance tree")


def perform(args: Arguments, sink: Sink, say: Say) -> Outcome:
    lines: list[str] = []
    trees: dict[str, object] = {}
    for path in args.files:
        source = read_source(path, sink)
        if source is None:
            continue
        from hqn.compiler import driver  # only once there is something to check

        checked = driver.check(source, sink)
        if checked is None or sink.has_errors:
            continue
        lines.append(checked.tree_text() if args.tree else checked.summary())
        trees[checked.source.name] = checked.tree_data()
    return Outcome("\n".join(lines), {"trees": trees} if args.tree else {})
