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

from hqn.compiler.ir.declarations import Child, ChildAttr
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import CallOp
from hqn.compiler.ir.module import Built, calls
from hqn.compiler.ir.properties import attributes, encode
from hqn.compiler.ir.qc import ApplyOp
from hqn.compiler.ir.sharing import Shared
from hqn.compiler.ir.xdsl_api import SymbolRefAttr
from hqn.compiler.passes.quantize import CALIBRATED, Quantizer, Site
from hqn.compiler.types.policies.specs import FLOAT, Policy, Spec
from hqn.compiler.types.runs.specs import Calibration, Let, Lowered, Run, Slot
from hqn.compiler.types.runs.specs import Site as RunSite


def apply_policy(built: Built) -> Built:
    """Instances under a policy get quantized functions of their own."""
    runs, roots = [], set(built.roots)
    copier = Copier(built)
    for run in built.runs:
        runs.append(_quantized(built, copier, run) if any(let.policy for let in run.lets) else run)
    found = [let.calibration for run in runs for let in run.lets if let.calibration]
    roots |= {one.name for item in found for one in (item.function, item.integer, item.training) if one}
    return replace(built, runs=tuple(runs), roots=frozenset(roots))


def _quantized(built: Built, copier: Copier, run: Run) -> Run:
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
            _redirect(copier, built.module[name], let, policy, on_integers)
        calibration = _calibration(built, copier, let, policy)
        slots += [slot for slot in calibration_slots(copier, calibration, let) if slot not in slots]
        lets.append(replace(let, calibration=calibration))
    return replace(run, lets=tuple(lets), slots=tuple(slots))


def find_policy(built: Built, name: str, model: str | None) -> Policy | None:
    return next((one for one in built.policies if (one.name, one.model) == (name, model)), None)


def policies_of(built: Built, model: str) -> tuple[str, ...]:
    """The policies of a file as they apply to a model, with their numbers: `edge`, `w[4]`."""
    return tuple(one.name for one in built.policies if one.model == model)


def _redirect(copier: Copier, func: FuncOp, let: Let, policy: Policy, on_integers: bool) -> None:
    """Calls of an instance in a run's function go to quantized functions."""
    whole = Treated(policy, policy.model, on_integers)
    treated = {let.name: whole}
    for call in calls(func):
        given = tuple((one.label, whole.path) for one in call.shared if one.instance == let.name)
        if given:
            treated[call.instance] = replace(whole, path=NOWHERE, given=given)
        if call.instance in treated:
            _set_callee(call, copier.copy(call.callee, treated[call.instance]))
    children = [
        replace(child, callee=copier.copy(child.callee, treated[child.name])) if child.name in treated else child
        for child in func.children
    ]
    func.properties["children"] = attributes(ChildAttr(child) for child in children)


def _calibration(built: Built, copier: Copier, let: Let, policy: Policy) -> Calibration:
    """The evaluation of the model that shows its activations, and where they go."""
    assert let.model is not None
    entry, simulated = built.entry(let.model), Treated(policy, policy.model, False)
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


def calibration_slots(copier: Copier, calibration: Calibration, let: Let) -> Iterator[Slot]:
    """The slots that calibration fills, by path in the run."""
    yield from _slots_below(copier, calibration.function.name, f"{let.name}.", ())


def _slots_below(copier: Copier, name: str, prefix: str, loops: tuple[int, ...]) -> Iterator[Slot]:
    func = copier.functions[name]
    for slot in func.slots:
        if slot.role == CALIBRATED:
            dims = (*loops, *slot.loops)
            kind: Any = slot.kind
            yield Slot(prefix + slot.name, dims, slot.init, (), kind, slot.dtype.value, len(dims), slot.role)
    for child in func.created:
        yield from _slots_below(copier, child.callee, f"{prefix}{child.name}.", (*loops, *child.loops))


# --- copies -----------------------------------------------------------------------------------------


NOWHERE = "*"
"""The path of a function that is in no instance of the model, which no treatment has."""


@dataclass(frozen=True, slots=True)
class Treated:
    """An instance of a model, or in one, under a policy. `path` is that of the instance tree."""

    policy: Policy
    path: str
    on_integers: bool
    given: tuple[tuple[str, str], ...] = ()
    """The paths of instances that the caller gives, by label."""

    def inside(self, label: str, shared: tuple[Shared, ...] = ()) -> Treated:
        """The treatment of an instance of this function, which is given others of them."""
        given = tuple((one.label, self._path(one.instance)) for one in shared)
        return replace(self, path=self._path(label), given=given)

    def _path(self, label: str) -> str:
        return dict(self.given).get(label, f"{self.path}.{label}")

    def find(self, name: str, role: str) -> Spec:
        found = self.policy.find(f"{self.path}.{name}" if name else self.path, role)
        return found.spec if found else FLOAT

    @property
    def signature(self) -> tuple[object, ...]:
        """What is treated at and below this path, so that equal treatments share a function."""
        tables = [("", self._table(self.path)), *((label, self._table(path)) for label, path in self.given)]
        return (self.on_integers, *(one for one in tables if one[1]))

    def _table(self, path: str) -> tuple[object, ...]:
        return tuple(
            (one.path[len(path) :], one.role, one.spec)
            for one in self.policy.treatments
            if (one.path == path or one.path.startswith(f"{path}.")) and one.spec.bits is not None
        )


@dataclass(slots=True)
class Copier:
    """Makes quantized copies in the module of a `Built`, each behind the function that it is a copy of."""

    built: Built
    functions: dict[str, FuncOp] = field(default_factory=dict)
    sites: dict[str, list[Site]] = field(default_factory=dict)
    """By name of the copy: the activations that it quantizes itself."""
    _known: dict[tuple[object, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.functions = dict(self.built.module.functions)

    def copy(self, name: str, treated: Treated) -> str:
        """The name of the copy; of the function itself where nothing in it is treated."""
        signature = treated.signature
        if len(signature) == 1 or name in self.sites:
            return name
        key = name, signature
        if key not in self._known:
            self._known[key] = self._copy(self.functions[name], treated)
        return self._known[key]

    def _copy(self, source: FuncOp, treated: Treated) -> str:
        func = source.clone()
        name = self._free(source.symbol_name, treated)
        func.properties["sym_name"] = encode(name)
        block = source.parent_block()
        assert block is not None
        for call in calls(func):
            _set_callee(call, self.copy(call.callee, treated.inside(call.instance, call.shared)))
        shared = {call.instance: call.shared for call in calls(func)}
        children = [self._child(child, treated, shared.get(child.name, ())) for child in func.children]
        func.properties["children"] = attributes(ChildAttr(child) for child in children)
        self.sites[name] = Quantizer(func, treated.find, treated.on_integers).quantize()
        self.functions[name] = func
        block.insert_op_after(func, source)
        return name

    def _child(self, child: Child, treated: Treated, shared: tuple[Shared, ...]) -> Child:
        return replace(child, callee=self.copy(child.callee, treated.inside(child.name, shared)))

    def _free(self, name: str, treated: Treated) -> str:
        word = "".join(char if char.isalnum() else "_" for char in treated.policy.name).strip("_")
        base = f"{name}_{word}" + ("_integer" if treated.on_integers else "")
        chosen, number = base, 2
        while chosen in self.functions:
            chosen, number = f"{base}_{number}", number + 1
        return chosen

    def sites_below(self, name: str, prefix: str = "") -> Iterator[tuple[str, Site]]:
        """Quantized activations of a function and its instances, with the path of the instance."""
        for site in self.sites.get(name, ()):
            yield prefix, site
        for child in self.functions[name].created:
            yield from self.sites_below(child.callee, f"{prefix}{child.name}.")


def _set_callee(call: CallOp | ApplyOp, name: str) -> None:
    call.properties["callee"] = SymbolRefAttr(name)
