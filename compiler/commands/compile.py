"""`hqn compile`: a model as text of one stage or target."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

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
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.files import read_source, read_values, write_text
from hqn.compiler.files.errors import FileMissing, OutputExists
from hqn.compiler.outcome import EMITS, CompileRequest, Emitted, Outcome, Say
from hqn.compiler.source import Source

TEXT = """Print a model as JAX, OpenQASM or any stage.

  ast, tree, ir       the syntax tree, the instance tree, the intermediate representation
  jax, stablehlo      the program that runs, as Python and as StableHLO
  qasm3, qasm2        its circuits; with `input` angles, or with those of a checkpoint (--from)"""
EXAMPLES = """  hqn compile digits.hqn --emit jax
  hqn compile digits.hqn --emit qasm3 --circuit 'digits.vqc[0]' --from build/fit -o vqc0.qasm
  hqn compile digits.hqn --emit ir --passes inline_circuits,fold_constants --print-after inline_circuits"""


def add(commands: Commands) -> None:
    parser = add_command(commands, "compile", perform, TEXT, EXAMPLES)
    add_file(parser)
    add_memory(parser)
    parser.add_argument("--emit", choices=EMITS, default="jax", help="what to print (jax)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to a file instead of the screen")
    parser.add_argument("--from", dest="checkpoint", metavar="CHECKPOINT", help="a trained run: build/fit")
    parser.add_argument("--model", metavar="NAME", help="which model or circuit, where a file has several")
    parser.add_argument("--circuit", metavar="PATH", help="which circuit of the model: digits.vqc[0]")
    parser.add_argument(
        "--bind", metavar="FILE", help='values of a circuit\'s parameters, as JSON: {"x": [0.1]}'
    )
    parser.add_argument("--policy", metavar="NAME", help="the model as a policy of the file makes it: edge")
    parser.add_argument(
        "--execute", metavar="NAME", help="the model as an execution profile runs it: 'lab(1024)'"
    )
    parser.add_argument(
        "--flat", action="store_true", help="OpenQASM 3 with loops and sub-circuits written out"
    )
    parser.add_argument("--passes", metavar="LIST", type=comma_list, help="passes to run, in this order")
    parser.add_argument(
        "--print-after", metavar="PASS", type=comma_list, default=(), help="show the ir after a pass"
    )
    add_force(parser)


def perform(args: Arguments, sink: Sink, say: Say) -> Outcome:
    source = read_source(args.file, sink)
    if source is None or _refused(args, sink):
        return Outcome()
    from hqn.compiler import driver

    bound = read_values(args.bind, sink) if args.bind else {}
    trained = bool(args.checkpoint) and _is_there(args.checkpoint, sink)
    values = _trained(source, args, sink, say) if trained else None
    if sink.has_errors:
        return Outcome()
    request = CompileRequest(
        emit=args.emit,
        model=_model(args),
        circuit=args.circuit,
        bound=bound,
        policy=args.policy,
        execution=args.execute,
        is_flat=args.flat,
        passes=args.passes,
        print_after=args.print_after,
        show=say,
    )
    emitted = driver.emit(source, request, sink, values)
    if emitted is None or sink.has_errors:
        return Outcome()
    return _deliver(emitted, args, sink)


def _model(args: Arguments) -> str | None:
    """The model that is asked for; the path of a circuit begins with it."""
    name, dot, _ = (args.circuit or "").partition(".")
    return args.model or (name if dot else None)


def _trained(source: Source, args: Arguments, sink: Sink, say: Say) -> Mapping[str, Any] | None:
    from hqn.compiler import api

    policy = api.policy_of(args.checkpoint)
    if policy is not None and args.policy is None and args.emit.startswith("qasm"):
        path = visible(args.checkpoint)
        advice = f"its own circuits come with --policy '{policy}'"
        say(f"warning: {path} was trained under policy {policy}; {advice}")
    return api.checkpoint_values(source, _model(args), args.checkpoint, sink)


def _is_there(path: str, sink: Sink) -> bool:
    """A checkpoint that is not there is a mistake of the command, a damaged one is not."""
    inside = os.path.join(path, "checkpoint.safetensors")
    wanted = inside if os.path.isdir(path) else path
    if os.path.exists(wanted):
        return True
    sink.report(FileMissing(path=visible(wanted)))
    return False


def _refused(args: Arguments, sink: Sink) -> bool:
    """An output in the way is said before the work, not after it."""
    if args.output in (None, "-") or args.force or not os.path.isfile(args.output):
        return False
    sink.report(OutputExists(path=visible(args.output)))
    return True


def _deliver(emitted: Emitted, args: Arguments, sink: Sink) -> Outcome:
    if args.output in (None, "-"):
        return Outcome(emitted.text.rstrip("\n"), {"text": emitted.text, "beside": dict(emitted.beside)})
    stem = os.path.splitext(args.output)[0]
    files = {args.output: emitted.text} | {stem + suffix: text for suffix, text in emitted.beside.items()}
    written = [path for path, text in files.items() if write_text(path, text, sink, force=args.force)]
    return Outcome("\n".join(f"wrote {visible(path)}" for path in written), {"files": written})
