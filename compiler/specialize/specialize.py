"""A model under a policy or an execution profile as a program of its own.

What came before: `Built`, and a resolved policy or profile on one of its models. What leaves: `Built`, whose
model is the quantized or executed one, for any emitter: JAX text with integer arithmetic or shots, OpenQASM
with angles on the grid. Invariants: slots and their paths stay, so that a checkpoint fits, and calibrated
scales and zero points are further slots of the model; the given program is not changed.
"""

from __future__ import annotations

from dataclasses import replace

from hqn.compiler.ir.module import Built
from hqn.compiler.passes import run_passes
from hqn.compiler.passes.apply_execution import Executed, ExecutionCopier
from hqn.compiler.passes.apply_policy import PolicyCopier, Treated
from hqn.compiler.types.execution.specs import Execution
from hqn.compiler.types.policies.specs import Policy

CLEANING = ("share_common", "fold_constants", "eliminate_dead")


def specialize(built: Built, policy: Policy) -> Built:
    """The program with the model of `policy` under it, in the place of the model."""
    copy = built.with_module(built.module.clone())
    copier, entry = PolicyCopier(copy), built.entry(policy.model)
    treated = Treated(policy=policy, path=policy.model, on_integers=policy.lower == "integer")
    evaluation = copier.copy(entry.evaluation, treated)
    training = copier.copy(entry.training, replace(treated, on_integers=False))
    return _with_entry(copy, policy.model, evaluation, training)


def execute(built: Built, profile: Execution) -> Built:
    """The program with the model of an execution profile under it, in the place of the model."""
    copy = built.with_module(built.module.clone())
    copier, entry = ExecutionCopier(copy), built.entry(profile.model)
    executed = Executed(path=profile.model, profile=profile)
    names = (copier.copy(name, executed) for name in (entry.evaluation, entry.training))
    return _with_entry(copy, profile.model, *names)


def _with_entry(built: Built, model: str, evaluation: str, training: str) -> Built:
    entry = built.entry(model)
    own = replace(entry, evaluation=evaluation, training=training)
    entries = tuple(own if one.name == model else one for one in built.entries)
    roots = (built.roots - {entry.evaluation, entry.training}) | {evaluation, training}
    return run_passes(replace(built, entries=entries, roots=roots), CLEANING)
