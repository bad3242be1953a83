"""Policies become operations: copies of the functions of every instance that a run has `under` a policy.

What came before: lowered runs whose `let`s name policies, and the resolved policies. What leaves: the same
program, where those instances call functions of their own, quantized as the policy's table says, and each
such `let` with what calibration needs. Invariants: a function is copied once per treatment and only where
something in it changes; functions of instances without a policy stay as they are; training always simulates,
so that there is a derivative, and `lower integer` is what evaluation executes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Built
from hqn.compiler.passes.copies import Copier, Placed, redirect
from hqn.compiler.passes.quantize import CALIBRATED, Quantizer, Site
from hqn.compiler.types.policies.specs import FLOAT, Policy, Spec
from hqn.compiler.types.runs.specs import Calibration, Let, Lowered, Run, Slot
from hqn.compiler.types.runs.specs import Site as RunSite


def apply_policy(built: Built) -> Built:
    """Instances under a policy get quantized functions of their own."""
    runs, roots = [], set(built.roots)
    copier = PolicyCopier(built)
    for run in built.runs:
        runs.append(_quantized(built, copier, run) if any(let.policy for let in run.lets) else run)
    found = [let.calibration for run in runs for let in run.lets if let.calibration]
    roots |= {one.name for item in found for one in (item.function, item.integer, item.training) if one}
    return replace(built, runs=tuple(runs), roots=frozenset(roots))


def _quantized(built: Built, copier: PolicyCopier, run: Run) -> Run:
    """A run with its instances under their policies."""
    lets, slots = [], list(run.slots)
    for let in run.lets:
        policy = find_policy(built, let.policy, let.model) if let.policy else None
        if policy is None:
            lets.append(let)
            continue
        training = {one.function.name for one in run.minimize}
        names = training | {one.function.name for one in run.evaluations}
        for name in sorted(names):
            on_integers = policy.lower == "integer" and name not in training
            treated = Treated(policy=policy, path=policy.model, on_integers=on_integers)
            redirect(copier, built.module[name], let.name, treated)
        calibration = _calibration(built, copier, let, policy)
        slots += [slot for slot in calibration_slots(copier, calibration, let) if slot not in slots]
        lets.append(replace(let, calibration=calibration))
    return replace(run, lets=tuple(lets), slots=tuple(slots))


def find_policy(built: Built, name: str, model: str | None) -> Policy | None:
    return next((one for one in built.policies if (one.name, one.model) == (name, model)), None)


def _calibration(built: Built, copier: PolicyCopier, let: Let, policy: Policy) -> Calibration:
    """The evaluation of the model that shows its activations, and where they go."""
    assert let.model is not None
    entry = built.entry(let.model)
    simulated = Treated(policy=policy, path=policy.model, on_integers=False)
    name, training = copier.copy(entry.evaluation, simulated), copier.copy(entry.training, simulated)
    source = policy.calibrate
    sites = tuple(_site(let.name, path, site) for path, site in copier.sites_below(name))
    integer = None
    if policy.lower == "integer":
        integer = Lowered(copier.copy(entry.evaluation, replace(simulated, on_integers=True)))
    return Calibration(
        Lowered(name),
        source.data if source and sites else "",
        source.split if source else "train",
        source.count if source else None,
        sites,
        integer,
        Lowered(training) if training != name else None,
    )


def _site(instance: str, path: str, site: Site) -> RunSite:
    prefix, spec = f"{instance}.{path}", site.spec
    assert spec.bits is not None
    scale, zero, is_po2 = prefix + site.scale, prefix + site.zero, spec.scale == "po2"
    return RunSite(scale, zero, spec.bits, spec.symmetric, is_po2, spec.percentile)


def calibration_slots(copier: PolicyCopier, calibration: Calibration, let: Let) -> Iterator[Slot]:
    """The slots that calibration fills, by path in the run."""
    yield from _slots_below(copier, calibration.function.name, f"{let.name}.", ())


def _slots_below(copier: PolicyCopier, name: str, prefix: str, loops: tuple[int, ...]) -> Iterator[Slot]:
    func = copier.functions[name]
    for slot in func.slots:
        if slot.role == CALIBRATED:
            dims = (*loops, *slot.loops)
            kind: Any = slot.kind
            yield Slot(prefix + slot.name, dims, slot.init, (), kind, slot.dtype.value, len(dims), slot.role)
    for child in func.created:
        yield from _slots_below(copier, child.callee, f"{prefix}{child.name}.", (*loops, *child.loops))


# --- copies -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated(Placed):
    """An instance of a model, or in one, under a policy."""

    policy: Policy
    on_integers: bool

    @property
    def suffix(self) -> str:
        return self.policy.name.strip("]") + ("_integer" if self.on_integers else "")

    def find(self, name: str, role: str) -> Spec:
        found = self.policy.find(f"{self.path}.{name}" if name else self.path, role)
        return found.spec if found else FLOAT

    def table(self, path: str) -> tuple[object, ...]:
        return tuple(
            (one.path[len(path) :], one.role, one.spec)
            for one in self.policy.treatments
            if (one.path == path or one.path.startswith(f"{path}.")) and one.spec.bits is not None
        )


@dataclass(slots=True)
class PolicyCopier(Copier[Treated]):
    """Makes quantized copies."""

    sites: dict[str, list[Site]] = field(default_factory=dict)
    """By name of the copy: the activations that it quantizes itself."""

    def change(self, func: FuncOp, treated: Treated) -> None:
        self.sites[func.symbol_name] = Quantizer(func, treated.find, treated.on_integers).quantize()

    def sites_below(self, name: str, prefix: str = "") -> Iterator[tuple[str, Site]]:
        """Quantized activations of a function and its instances, with the path of the instance."""
        for site in self.sites.get(name, ()):
            yield prefix, site
        for child in self.functions[name].created:
            yield from self.sites_below(child.callee, f"{prefix}{child.name}.")
