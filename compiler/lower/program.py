"""A typed program to the IR, one to one.

What came before: `typed.Program`. What leaves: `Built`, its module verified. Invariant: functions stand
after the functions that they call; a function that several call is lowered once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Built, Entry, Module
from hqn.compiler.lower.function import lower_function
from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.walk import callees


def lower(program: typed.Program, verify: bool = True) -> Built:
    """The program as one module, with its specifications beside it."""
    lowered: dict[str, FuncOp] = {}
    for function in in_call_order(program):
        lowered[function.name] = lower_function(function, lowered)
    module = Module.of(lowered.values())
    if verify:
        module.verify()
    entries = tuple(Entry(one.name, one.evaluation.name, one.training.name) for one in program.entries)
    roots = frozenset(function.name for function in _roots(program))
    return Built(
        module,
        roots,
        entries,
        program.runs,
        program.data,
        program.policies,
        program.renamed,
        program.executions,
    )


def in_call_order(program: typed.Program) -> list[typed.Function]:
    """Every function that the program needs, callees first."""
    done: dict[str, typed.Function] = {}
    pending = [*_roots(program)][::-1]
    while pending:
        function = pending[-1]
        known = done.get(function.name)
        if known is not None and known is not function:
            raise InternalError("lower", f"two functions are called {function.name}", function.span)
        missing = [] if known else [one for one in _named(function) if one.name not in done]
        if missing:
            pending += reversed(missing)
        else:
            done[function.name] = function
            pending.pop()
    return list(done.values())


def _named(function: typed.Function) -> list[typed.Function]:
    """Functions that another one calls, or whose slots it declares to be those of an instance."""
    return [*callees(function), *(child.function for child in function.children)]


def _roots(program: typed.Program) -> Iterator[typed.Function]:
    """Functions of models, and those that the plain data of runs, data and policies hold."""
    pending: list[object] = [(program.entries, program.runs, program.data, program.policies)]
    while pending:
        part = pending.pop()
        if isinstance(part, typed.Function):
            yield part
        elif isinstance(part, tuple):
            pending += reversed(part)
        elif is_dataclass(part) and not isinstance(part, Span):
            pending += [getattr(part, field.name) for field in reversed(fields(part))]
