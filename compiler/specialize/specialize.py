"""A model under a policy or an execution profile as a program of its own.

What came before: `Built` with the resolved policies and profiles in it. What leaves: `Built`, whose model is
the quantized or executed one, for any emitter: JAX text with integer arithmetic or shots, OpenQASM with
angles on the grid. Invariants: slots and their paths stay, so that a checkpoint fits, and calibrated scales
and zero points are further slots of the model; the given program is not changed.
"""

from __future__ import annotations

from dataclasses import replace

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir.module import Built
from hqn.compiler.passes import run_passes
from hqn.compiler.passes.apply_execution import Executed, ExecutionCopier, find_execution
from hqn.compiler.passes.apply_policy import PolicyCopier, Treated, find_policy

CLEANING = ("share_common", "fold_constants", "eliminate_dead")


def specialize(built: Built, policy: str, model: str) -> Built:
    """The program with `model` under `policy` (a name with its numbers, `w[2]`) in the place of `model`.

    Raises InternalError where there is no such policy on that model.
    """
    found = find_policy(built, policy, model)
    if found is None:
        raise InternalError("specialize", f"there is no policy {policy} on model {model}")
    copy = built.with_module(built.module.clone())
    copier, entry = PolicyCopier(copy), built.entry(model)
    treated = Treated(policy=found, path=model, on_integers=found.lower == "integer")
    evaluation = copier.copy(entry.evaluation, treated)
    training = copier.copy(entry.training, replace(treated, on_integers=False))
    return _with_entry(copy, model, evaluation, training)


def execute(built: Built, execution: str, model: str) -> Built:
    """The program with `model` under an execution profile (with its numbers, `lab(1024)`) in its place.

    Raises InternalError where there is no such profile on that model.
    """
    found = find_execution(built, execution, model)
    if found is None:
        raise InternalError("specialize", f"there is no execution profile {execution} on model {model}")
    copy = built.with_module(built.module.clone())
    copier, entry = ExecutionCopier(copy), built.entry(model)
    executed = Executed(path=model, profile=found)
    names = (copier.copy(name, executed) for name in (entry.evaluation, entry.training))
    return _with_entry(copy, model, *names)


def _with_entry(built: Built, model: str, evaluation: str, training: str) -> Built:
    entry = built.entry(model)
    own = replace(entry, evaluation=evaluation, training=training)
    entries = tuple(own if one.name == model else one for one in built.entries)
    roots = (built.roots - {entry.evaluation, entry.training}) | {evaluation, training}
    return run_passes(replace(built, entries=entries, roots=roots), CLEANING)
