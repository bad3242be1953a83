"""`hqn run`: performs the runs of a file: trains, measures, saves."""

from __future__ import annotations

import argparse

from hqn.compiler.commands.arguments import (
    Arguments,
    Commands,
    add_command,
    add_file,
    add_force,
    add_memory,
    comma_list,
)
from hqn.compiler.diagnostics import Sink
from hqn.compiler.files import read_source
from hqn.compiler.outcome import Outcome, RunRequest, Say

TEXT = """Train, measure and save.

Each run leaves a checkpoint, the JAX module that ran, the circuits as OpenQASM 3 and a summary.
Ctrl-C keeps the last checkpoint."""
EXAMPLES = """  hqn run digits.hqn
  hqn run digits.hqn fit --out build --force
  hqn run digits.hqn --seed 3 --precision f64
  hqn run digits.hqn fit --check-gradient"""
METHODS = ("own", "reverse", "finite_difference")


def add(commands: Commands) -> None:
    parser = add_command(commands, "run", perform, TEXT, EXAMPLES)
    add_file(parser)
    add_memory(parser)
    parser.add_argument("name", metavar="NAME", nargs="?", help="the run to perform (all of the file)")
    parser.add_argument("--out", metavar="DIR", default="build", help="files go to DIR/NAME (build)")
    parser.add_argument("--seed", type=int, metavar="N", help="use this seed instead of the file's")
    parser.add_argument("--precision", choices=("f32", "f64"), help="of all numbers (the file's own)")
    parser.add_argument(
        "--check-gradient",
        metavar="METHODS",
        nargs="?",
        const=METHODS[0] + "," + METHODS[2],
        type=_methods,
        help=f"train nothing; compare the first gradient by two of {', '.join(METHODS)} (the first and last)",
    )
    add_force(parser)


def _methods(text: str) -> tuple[str, ...]:
    found = comma_list(text)
    if len(found) != 2 or found[0] == found[1] or not {*found} <= {*METHODS}:
        raise argparse.ArgumentTypeError(f"{text!r} is not two of {', '.join(METHODS)}, with a comma between")
    return found


def perform(args: Arguments, sink: Sink, say: Say) -> Outcome:
    source = read_source(args.file, sink)
    if source is None:
        return Outcome()
    from hqn.compiler import api

    request = RunRequest(
        name=args.name,
        out=args.out,
        force=args.force,
        seed=args.seed,
        precision=args.precision,
        show=say,
    )
    if args.check_gradient:
        return api.check_gradients(source, request, args.check_gradient, sink)
    return api.perform_runs(source, request, sink)
