"""A model under a policy as a program of its own.

What came before: `Built` with the resolved policies in it. What leaves: `Built`, whose model is the
quantized one, for any emitter: JAX text with integer arithmetic, OpenQASM with angles on the grid.
Invariants: slots and their paths stay, so that a checkpoint fits, and calibrated scales and zero points are
further slots of the model; the given program is not changed.
"""

from __future__ import annotations

from dataclasses import replace

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir.module import Built
from hqn.compiler.passes import run_passes
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
    own = replace(entry, evaluation=evaluation, training=training)
    entries = tuple(own if one.name == model else one for one in built.entries)
    roots = (built.roots - {entry.evaluation, entry.training}) | {evaluation, training}
    return run_passes(replace(copy, entries=entries, roots=roots), CLEANING)
