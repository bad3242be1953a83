"""Emitted text into a running program.

What came before: the text of an emitted module. What leaves: its `Program`. Invariant: text that holds
anything an emitter does not write is refused before any of it runs; tracebacks show the emitted lines,
whose comments name the lines of the .hqn file.
"""

from __future__ import annotations

import ast
import builtins
import linecache
from types import ModuleType
from typing import Any

from hqn.runtime.errors import ForbiddenModule, WrongVersion
from hqn.runtime.program import ABI, Program
from hqn.runtime.whitelist import refuse_foreign

BUILTINS = (
    "range", "len", "zip", "enumerate", "tuple", "dict", "list", "float", "int", "bool", "min",
    "max", "abs", "sum", "slice", "reversed",
)  # fmt: skip


def load(text: str, name: str) -> Program:
    """The program of an emitted module; `name` is what tracebacks and messages call it.

    Raises ForbiddenModule where the text is not an emitter's, WrongVersion where it is another version's.
    """
    tree = _parsed(text, name)
    refuse_foreign(tree, name)
    _refuse_other_version(tree, name)
    shown = f"<{name}>"
    linecache.cache[shown] = (len(text), None, text.splitlines(keepends=True), shown)
    module = ModuleType("hqn_emitted")
    allowed: dict[str, Any] = {word: getattr(builtins, word) for word in BUILTINS}
    module.__dict__["__builtins__"] = allowed | {"__import__": builtins.__import__}
    exec(compile(tree, shown, "exec"), module.__dict__)
    program = module.__dict__.get("PROGRAM")
    if not isinstance(program, Program):
        raise ForbiddenModule(name=name, line=1, what="a module without `PROGRAM`")
    program.name, program.text = name, text
    return program


def _parsed(text: str, name: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        raise ForbiddenModule(name=name, line=line, what="text that is not Python") from None


def _refuse_other_version(tree: ast.Module, name: str) -> None:
    found: object = None
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="ABI")], value=ast.Constant(value=number)):
                found = number
    if found != ABI:
        raise WrongVersion(name=name, found="(none)" if found is None else found, expected=ABI)
