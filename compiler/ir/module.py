"""A module of functions, and what the compiler carries beside it.

What came before: `typed.Program`. What leaves: `Module`, the operations with their functions by name, and
`Built`, the one type between lowering, passes, specialisation and emitters. Invariant: functions stand in
call order, callees first; a `Built` is never changed, passes make a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import CallOp
from hqn.compiler.ir.qc import ApplyOp
from hqn.compiler.ir.text import parse_text, print_text
from hqn.compiler.ir.xdsl_api import ModuleOp, Operation, VerifyException

if TYPE_CHECKING:
    from hqn.compiler.types.execution.specs import Execution
    from hqn.compiler.types.policies.specs import Policy
    from hqn.compiler.types.runs.specs import Data, Run

Call = CallOp | ApplyOp


@dataclass(frozen=True)
class Module:
    """Functions in call order."""

    op: ModuleOp

    @staticmethod
    def of(functions: Iterable[FuncOp]) -> Module:
        return Module(ModuleOp(list(functions)))

    @staticmethod
    def parse(text: str) -> Module:
        """The inverse of `text`; the module is verified."""
        module = Module(parse_text(text))
        module.verify()
        return module

    @cached_property
    def functions(self) -> Mapping[str, FuncOp]:
        return {op.symbol_name: op for op in self.op.ops if isinstance(op, FuncOp)}

    def __getitem__(self, name: str) -> FuncOp:
        return self.functions[name]

    def callee(self, call: Call) -> FuncOp:
        return self.functions[call.callee]

    def text(self, locations: bool = False) -> str:
        """MLIR's generic form."""
        return print_text(self.op, locations)

    def clone(self) -> Module:
        """A copy to rewrite."""
        return Module(self.op.clone())

    def verify(self) -> None:
        """Raises `InternalError` where an operation breaks its own rules or its callee's signature."""
        try:
            self.op.verify()
            self._verify_calls()
        except VerifyException as error:
            raise InternalError("ir", str(error)) from error

    def _verify_calls(self) -> None:
        known: dict[str, FuncOp] = {}
        for name, function in self.functions.items():
            for op in function.walk():
                if isinstance(op, CallOp | ApplyOp):
                    _verify_call(op, known)
            known[name] = function


def _verify_call(call: Call, known: Mapping[str, FuncOp]) -> None:
    if call.callee not in known:
        raise VerifyException(f"@{call.callee} is not defined before it is called")
    call.verify_callee(known[call.callee])


def calls(op: Operation) -> Iterable[Call]:
    """Every call within an operation."""
    return (inner for inner in op.walk() if isinstance(inner, CallOp | ApplyOp))


@dataclass(frozen=True, slots=True)
class Entry:
    """A model: the names of its function in evaluation and in training."""

    name: str
    evaluation: str
    training: str


@dataclass(frozen=True, slots=True)
class Built:
    """What every stage after lowering takes and gives: the module, and the specifications around it."""

    module: Module
    roots: frozenset[str] = frozenset()
    """Functions that something outside of the module calls: those of entries and runs."""
    entries: tuple[Entry, ...] = ()
    runs: tuple[Run, ...] = ()
    data: tuple[Data, ...] = ()
    policies: tuple[Policy, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """Paths of older checkpoints and what they are today."""
    executions: tuple[Execution, ...] = ()

    def entry(self, name: str) -> Entry:
        return next(entry for entry in self.entries if entry.name == name)

    def with_module(self, module: Module) -> Built:
        return replace(self, module=module)
