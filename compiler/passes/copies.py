"""Copies of functions for instances that are treated otherwise than the rest of the program.

What came before: a lowered program, and what is to happen to the instances of one of a run's `let`s. What
leaves: functions of their own for these, each behind the function that it is a copy of. Invariants: a
function is copied once per treatment and only where something in it changes; `draws` of copies, of calls and
of the functions around them says what is true of their bodies.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import Generic, Self, TypeVar

from hqn.compiler.ir.declarations import Child, ChildAttr
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import CallOp
from hqn.compiler.ir.module import Built, Call, calls
from hqn.compiler.ir.properties import attributes, encode
from hqn.compiler.ir.sharing import Shared
from hqn.compiler.ir.xdsl_api import SymbolRefAttr, UnitAttr

NOWHERE = "*"
"""The path of a function that is in no instance of the model, which no treatment has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(ABC):
    """An instance of a model, or in one: at its path in the instance tree."""

    path: str
    given: tuple[tuple[str, str], ...] = ()
    """The paths of instances that the caller gives, by label."""

    @property
    @abstractmethod
    def suffix(self) -> str:
        """What names of copies end in."""

    @abstractmethod
    def table(self, path: str) -> tuple[object, ...]:
        """What is treated at and below a path, in terms of that path."""

    @property
    def tables(self) -> tuple[object, ...]:
        """What is treated in this instance, so that equal treatments share a function; empty: nothing is."""
        found = [("", self.table(self.path)), *((label, self.table(path)) for label, path in self.given)]
        return tuple(one for one in found if one[1])

    def inside(self, label: str, shared: tuple[Shared, ...] = ()) -> Self:
        """The treatment of an instance of this function, which is given others of them."""
        given = tuple((one.label, self._path(one.instance)) for one in shared)
        return replace(self, path=self._path(label), given=given)

    def _path(self, label: str) -> str:
        return dict(self.given).get(label, f"{self.path}.{label}")


P = TypeVar("P", bound=Placed)


@dataclass(slots=True)
class Copier(ABC, Generic[P]):
    """Makes treated copies in the module of a `Built`."""

    built: Built
    functions: dict[str, FuncOp] = field(default_factory=dict)
    _known: dict[object, str] = field(default_factory=dict)
    _copies: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.functions = dict(self.built.module.functions)

    @abstractmethod
    def change(self, func: FuncOp, treated: P) -> None:
        """Treats a copy, whose callees are treated."""

    def copy(self, name: str, treated: P) -> str:
        """The name of the copy; of the function itself where nothing in it is treated."""
        if not treated.tables or name in self._copies:
            return name
        key = name, treated.suffix, treated.tables
        if key not in self._known:
            self._known[key] = self._copy(self.functions[name], treated)
        return self._known[key]

    def _copy(self, source: FuncOp, treated: P) -> str:
        func = source.clone()
        name = self._free(source.symbol_name, treated.suffix)
        func.properties["sym_name"] = encode(name)
        block = source.parent_block()
        assert block is not None
        for call in calls(func):
            self.redirect(func, call, self.copy(call.callee, treated.inside(call.instance, call.shared)))
        shared = {call.instance: call.shared for call in calls(func)}
        children = [self._child(child, treated, shared.get(child.name, ())) for child in func.children]
        func.properties["children"] = attributes(ChildAttr(child) for child in children)
        self.change(func, treated)
        self.functions[name] = func
        self._copies.add(name)
        block.insert_op_after(func, source)
        return name

    def redirect(self, func: FuncOp, call: Call, name: str) -> None:
        """A call in `func` goes to another function; who calls what draws, draws."""
        call.properties["callee"] = SymbolRefAttr(name)
        if isinstance(call, CallOp) and self.functions[name].draws:
            call.properties["draws"] = UnitAttr()
            func.properties["draws"] = UnitAttr()

    def _child(self, child: Child, treated: P, shared: tuple[Shared, ...]) -> Child:
        return replace(child, callee=self.copy(child.callee, treated.inside(child.name, shared)))

    def _free(self, name: str, suffix: str) -> str:
        base = f"{name}_{''.join(char if char.isalnum() else '_' for char in suffix).strip('_')}"
        chosen, number = base, 2
        while chosen in self.functions:
            chosen, number = f"{base}_{number}", number + 1
        return chosen


def redirect(copier: Copier[P], func: FuncOp, let: str, whole: P) -> None:
    """Calls of an instance in a run's function go to treated functions."""
    treated = {let: whole}
    for call in calls(func):
        given = tuple((one.label, whole.path) for one in call.shared if one.instance == let)
        if given:
            treated[call.instance] = replace(whole, path=NOWHERE, given=given)
        if call.instance in treated:
            copier.redirect(func, call, copier.copy(call.callee, treated[call.instance]))
    children = [
        replace(one, callee=copier.copy(one.callee, treated[one.name])) if one.name in treated else one
        for one in func.children
    ]
    func.properties["children"] = attributes(ChildAttr(child) for child in children)
