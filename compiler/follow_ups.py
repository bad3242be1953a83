"""Which findings of later stages still mean something where the text has syntax errors.

What came before: a tree from which broken statements are missing, and what checking it found. What leaves:
the findings that no missing statement can have caused. Invariant: a declaration with a syntax error is
silent otherwise, and so is every name that cannot be looked up while a declaration may be missing.
"""

from __future__ import annotations

from bisect import bisect_right

from hqn.compiler.diagnostics import Diagnostic, Sink
from hqn.compiler.syntax import ast

_NAMES = "HQN02"
"""Names may be missing because their declaration could not be read."""


def report_independent(found: Sink, module: ast.Module, sink: Sink) -> None:
    """Report what was found in declarations without syntax errors to `sink`, which has these errors."""
    starts = sorted(item.span.start for item in module.items)
    broken = _with_derived({_declaration(error, starts) for error in sink.all}, module)
    for diagnostic in found.all:
        if not diagnostic.code.startswith(_NAMES) and _declaration(diagnostic, starts) not in broken:
            sink.report(diagnostic)


def _with_derived(broken: set[int], module: ast.Module) -> set[int]:
    """Broken declarations, and the runs that are written `from` one."""
    numbered = list(enumerate(sorted(module.items, key=lambda item: item.span.start), 1))
    runs = [(number, item) for number, item in numbered if isinstance(item, ast.Run)]
    numbers = {item.name.name: number for number, item in runs}
    for _ in runs:  # each may be from the next one
        broken = broken | {n for n, run in runs if run.origin and numbers.get(run.origin.name) in broken}
    return broken


def _declaration(diagnostic: Diagnostic, starts: list[int]) -> int:
    """The number of the declaration that a diagnostic lies in, 0 in front of all."""
    return bisect_right(starts, diagnostic.span.start) if diagnostic.span else 0
