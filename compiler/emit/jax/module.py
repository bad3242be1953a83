"""All functions of a program as one Python module.

What came before: the functions of the IR in call order, and the tables of models, data and runs. What
leaves: text, and the `.hqn` line of each of its lines. Invariant: the same program always gives the same
text; of functions with the same text one is emitted, so that training and evaluation share what does not
differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hqn.compiler.emit.jax.code import WIDTH, laid_out
from hqn.compiler.emit.jax.function import Emitted, emit_function
from hqn.compiler.emit.jax.names import function_names
from hqn.compiler.emit.jax.writer import Line, Module, Signature
from hqn.compiler.emit.text import comment
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import calls
from hqn.compiler.plan.demand import Demand

ABI = 1
"""The version of the run time that emitted modules are for; see `runtime/program.py`."""

Tail = Callable[[Mapping[str, Signature]], str]

HEADER = '''\
"""{name}, compiled by hqn for JAX.

Functions are written for one sample and take any leading batch axes, shown as `...`.
`p` holds a function's slots and, by label, those of the instances it calls.
"""
'''
IMPORTS = {
    "nn.": "from hqn.runtime import arrays as nn",
    "qc.": "from hqn.runtime import circuit as qc",
    "rnd.": "from hqn.runtime import keys as rnd",
    "tn.": "from hqn.runtime import contraction as tn",
    "quant.": "from hqn.runtime import quant",
    "rt.": "from hqn.runtime import program as rt",
}


@dataclass
class Page:
    """Physical lines, and where they come from."""

    lines: list[str] = field(default_factory=list)
    places: dict[int, str] = field(default_factory=dict)

    def add(self, text: str, place: str | None = None) -> None:
        self.lines.append(text)
        if place is not None:
            self.places[len(self.lines)] = place

    def logical(self, line: Line, remark: str | None) -> None:
        """A logical line, with its place as a comment if it fits."""
        first, *rest = laid_out(line.text, line.indent)
        remark_ = f"  # {remark}" if remark else ""
        self.add(first + remark_ if len(first + remark_) <= WIDTH else first, line.place)
        for text in rest:
            self.add(text, line.place)


def emit_functions(
    functions: Sequence[FuncOp], demands: Mapping[str, Demand] | None = None
) -> tuple[list[Emitted], Module]:
    """Every function that is called and whose text is not that of another, and what is known of all."""
    module = Module(functions=function_names([func.symbol_name for func in functions]), demands=demands or {})
    emitted: dict[object, Emitted] = {}
    needed: set[object] = set()
    only_declared = _only_declared(functions)
    for func in functions:
        one = emit_function(func, module)
        essence = _essence(func, one)
        same = emitted.setdefault(essence, one)
        if func.symbol_name not in only_declared:
            needed.add(essence)
        module.signatures[func.symbol_name] = replace(one.signature, name=same.signature.name)
    kept = [one for key, one in emitted.items() if key in needed]
    return kept, module


def _only_declared(functions: Sequence[FuncOp]) -> set[str]:
    """Functions that say which slots an instance has, while all calls of it bring some of them along."""
    called = {call.callee for func in functions for call in calls(func)}
    declared = {child.callee for func in functions for child in func.children}
    return declared - called


def _essence(func: FuncOp, one: Emitted) -> object:
    """What two functions have in common that are one: everything but the name."""
    lines = tuple((line.indent, line.text) for line in one.body)
    return func.kind, one.doc, one.decorators, lines, replace(one.signature, name=""), func.slots


def module_text(
    name: str, functions: Sequence[FuncOp], tail: Tail, demands: Mapping[str, Demand] | None = None
) -> tuple[str, dict[int, str]]:
    """The module, and the places of its lines. `tail` gives the statement behind the functions."""
    emitted, module = emit_functions(functions, demands)
    body = Page()
    for text, table in module.tables.items():
        for line in laid_out(f"{table} = {text}"):
            body.add(line)
    for one in emitted:
        _function(body, one)
    body.add("")
    body.add("")
    for line in laid_out(tail(module.signatures)):
        body.add(line)
    head = _head(name, body.lines)
    places = {number + len(head): place for number, place in body.places.items()}
    return "\n".join([*head, *body.lines]) + "\n", places


def _head(name: str, body: Sequence[str]) -> list[str]:
    """Docstring, imports of what the body uses, and the version."""
    text = "\n".join(body)
    title = comment(name).replace("\\", "/").replace('"', "'")
    lines = [*HEADER.format(name=title).splitlines(), ""]
    lines += [
        line
        for word, line in (("jax.", "import jax"), ("jnp.", "import jax.numpy as jnp"))
        if _uses(text, word)
    ]
    own = [line for word, line in IMPORTS.items() if _uses(text, word)]
    return [*lines, *([""] if own else []), *own, "", f"ABI = {ABI}"]


def _uses(text: str, word: str) -> bool:
    """Whether `word` occurs as the beginning of a name."""
    place = text.find(word)
    while place >= 0:
        if place == 0 or not (text[place - 1].isalnum() or text[place - 1] in "_."):
            return True
        place = text.find(word, place + 1)
    return False


def _function(page: Page, one: Emitted) -> None:
    page.add("")
    page.add("")
    for text in one.decorators:
        page.add(text)
    for text in laid_out(one.head):
        page.add(text)
    page.add(f"    {one.doc}")
    shown: str | None = None
    for line in one.body:
        remark = line.place if line.shows and line.place != shown else None
        shown = line.place if remark else shown
        page.logical(line, remark)
