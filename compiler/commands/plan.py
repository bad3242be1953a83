"""`hqn plan`: what will be done, what it costs, and why."""

from __future__ import annotations

from hqn.compiler.commands.arguments import Arguments, Commands, add_command, add_file, add_memory
from hqn.compiler.diagnostics import Sink
from hqn.compiler.files import read_source
from hqn.compiler.outcome import Outcome, PlanRequest, Say

TEXT = """Show what will be done, and why.

Circuits: blocks, permutations, loops. Contractions: their order. Policies: which rule won where.
Costs are in time and memory."""
EXAMPLES = """  hqn plan digits.hqn
  hqn plan digits.hqn --policy edge
  hqn plan mps.hqn --contractions"""


def add(commands: Commands) -> None:
    parser = add_command(commands, "plan", perform, TEXT, EXAMPLES)
    add_file(parser)
    add_memory(parser)
    parser.add_argument("--policy", metavar="NAME", help="what a policy does to every weight and value")
    parser.add_argument("--execute", metavar="NAME", help="what an execution profile says of every circuit")
    parser.add_argument("--contractions", action="store_true", help="the order of every contraction")
    parser.add_argument("--execution", action="store_true", help="how every circuit is simulated")
    parser.add_argument("--model", metavar="NAME", help="which model, where a file has several")


def perform(args: Arguments, sink: Sink, say: Say) -> Outcome:
    source = read_source(args.file, sink)
    if source is None:
        return Outcome()
    from hqn.compiler import driver

    chosen = (("contractions", args.contractions), ("execution", args.execution))
    views = tuple(view for view, wanted in chosen if wanted)
    request = PlanRequest(views=views, policy=args.policy, execution=args.execute, model=args.model)  # type: ignore[arg-type]
    text = driver.plan(source, request, sink)
    return Outcome(text or "", {"text": text})
