"""Profiles as they are asked for from outside of a file: `--policy 'w[3]'`, `model.under("lab(7)")`.

What came before: a checked file, and the text of a profile with its numbers. What leaves: that policy or
execution profile on a model. Invariant: any numbers that the profile takes may be asked for, whether the file
uses them or not, and are checked as behind an `under` of a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hqn.compiler.diagnostics import Sink
from hqn.compiler.names.deep import deep_stack
from hqn.compiler.syntax import ast
from hqn.compiler.types.execution.check_execution import asked_execution
from hqn.compiler.types.execution.specs import Execution
from hqn.compiler.types.instances import InstanceTree
from hqn.compiler.types.policies.check_policy import asked_policy
from hqn.compiler.types.policies.specs import Policy
from hqn.compiler.types.scope import Session
from hqn.compiler.types.typed import Program

Profile = Policy | Execution
KINDS: dict[str, type[Profile]] = {"policy": Policy, "execution profile": Execution}


@dataclass(frozen=True, slots=True)
class Under:
    """What a model is under: of each kind of profile at most one."""

    policy: Policy | None = None
    execution: Execution | None = None

    def also(self, profile: Profile) -> Under:
        """With this one, in the place of one of its kind."""
        if isinstance(profile, Policy):
            return replace(self, policy=profile)
        return replace(self, execution=profile)


def declared(session: Session) -> dict[str, tuple[type[Profile], str]]:
    """The profiles of the main file: name -> kind, and name with its numbers, `lab(n)`."""
    found: dict[str, tuple[type[Profile], str]] = {}
    for name, named in session.resolved.root.own.items():
        item = named.item
        if isinstance(item, ast.Policy):
            statics = ", ".join(one.name.name for one in item.statics)
            found[name] = Policy, f"{name}[{statics}]" if statics else name
        elif isinstance(item, ast.Profile):
            params = ", ".join(one.name.name for one in item.params)
            found[name] = Execution, f"{name}({params})" if params else name
    return found


def bare(text: str) -> str:
    """The name in `lab(7)` and `w[3]`."""
    return text.partition("(")[0].partition("[")[0].strip()


def said(program: Program, kind: type[Profile], text: str) -> Sequence[Profile]:
    """Where the file itself puts a profile, with these numbers or, by its bare name, with any."""
    known: tuple[Profile, ...] = program.policies if kind is Policy else program.executions
    return [one for one in known if text in (one.name, bare(one.name))]


def ask(
    session: Session, program: Program, tree: InstanceTree, model: str, profile: ast.Expr, sink: Sink
) -> Profile | None:
    """A declared profile, with its numbers, on a model; None after a mistake."""
    named = session.resolved.root.own[bare(profile.span.text)]
    entry = next(one for one in program.entries if one.name == model)
    root = next(node for node in tree.roots if node.path == model)
    asking = replace(session, sink=sink)
    with deep_stack():
        if isinstance(named.item, ast.Policy):
            return asked_policy(asking, named, profile, entry, root)
        return asked_execution(asking, named, profile, entry, root)
