"""Execution profiles become properties of circuits: copies of the functions of every instance under one.

What came before: lowered runs whose `let`s name execution profiles, and the resolved profiles. What leaves:
the same program, where those instances call functions of their own, whose circuits say how they are
differentiated and measured; who calls what is measured by shots draws. Invariants: circuits that a profile
says nothing about stay as they are; a circuit that is applied like a gate is executed as the one around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hqn.compiler.ir.declarations import Execution, ExecutionAttr
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.properties import attributes
from hqn.compiler.ir.qc import AllocOp, RegType
from hqn.compiler.ir.xdsl_api import UnitAttr
from hqn.compiler.passes.copies import Copier, Placed, redirect
from hqn.compiler.types.execution.specs import Execution as Profile
from hqn.compiler.types.execution.specs import Treatment
from hqn.compiler.types.runs.specs import Run


def apply_execution(built: Built) -> Built:
    """Circuits of instances under an execution profile say how they are executed."""
    copier = ExecutionCopier(built)
    return replace(built, runs=tuple(_executed(built, copier, run) for run in built.runs))


def _executed(built: Built, copier: ExecutionCopier, run: Run) -> Run:
    for let in run.lets:
        profile = find_execution(built, let.execution, let.model) if let.execution else None
        if profile is not None:
            names = {one.function.name for one in run.minimize}
            names |= {one.function.name for one in run.evaluations}
            for name in sorted(names):
                redirect(copier, built.module[name], let.name, Executed(path=profile.model, profile=profile))
    minimize = tuple(
        replace(one, traits=replace(one.traits, draws=built.module[one.function.name].draws))
        for one in run.minimize
    )
    evaluations = tuple(replace(one, draws=built.module[one.function.name].draws) for one in run.evaluations)
    return replace(run, minimize=minimize, evaluations=evaluations)


def find_execution(built: Built, name: str, model: str | None) -> Profile | None:
    return next((one for one in built.executions if (one.name, one.model) == (name, model)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed(Placed):
    """An instance of a model, or in one, under a profile."""

    profile: Profile

    @property
    def suffix(self) -> str:
        return self.profile.name.strip(")")

    def table(self, path: str) -> tuple[object, ...]:
        around = self._around(path)
        own = [] if around is None else [("", around.gradient, around.shots)]
        below = [one for one in self.profile.treatments if one.path.startswith(f"{path}.") and one.says]
        return (*own, *((one.path[len(path) :], one.gradient, one.shots) for one in below))

    def _around(self, path: str) -> Treatment | None:
        """What is said of the innermost circuit at or around a path of which something is said."""
        found = [one for one in self.profile.treatments if one.says and f"{path}.".startswith(f"{one.path}.")]
        return max(found, key=lambda one: len(one.path), default=None)

    def execution(self, applied: bool) -> Execution | None:
        """How the circuit at this path is executed; inside of another one it keeps its own derivative."""
        said = self._around(self.path)
        if said is None:
            return None
        if said.path != self.path and not applied:
            return Execution("reverse")
        gradient = said.gradient.method
        if gradient == "auto":
            gradient = "parameter_shift"  # there are shots
        return Execution(gradient, said.gradient.arguments, said.shots or 0)


class ExecutionCopier(Copier[Executed]):
    """Makes copies whose circuits say how they are executed."""

    def change(self, func: FuncOp, treated: Executed) -> None:
        applied = any(isinstance(arg.type, RegType) for arg in func.args)
        if not applied and not any(isinstance(op, AllocOp) for op in func.block.ops):
            return
        execution = treated.execution(applied)
        if execution is None:
            return
        func.properties["execution"] = attributes([ExecutionAttr(execution)])
        if execution.draws and not applied:
            func.properties["draws"] = UnitAttr()
