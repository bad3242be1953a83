"""Files and their top-level names.

What came before: the syntax tree of the main file. What leaves: `Resolved`: every module that is used,
each with the table of the names its bodies can see. Names inside bodies are looked up while they are
checked, against these tables. Invariants: the graph of files has no circle; nothing is read but through
the given `load`; a name that could not be imported is known as broken, so that its uses stay silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from hqn.compiler.diagnostics import Sink
from hqn.compiler.names import errors
from hqn.compiler.names.builtins import PRIMITIVES
from hqn.compiler.names.deep import deep_stack
from hqn.compiler.source import Source, Span
from hqn.compiler.syntax import ast

MOST_FILES = 256
ROOTS = ("std", "local")
PRIM = ("std", "prim")


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """Why a module cannot be read. `missing` says where it was looked for."""

    reason: str
    missing: bool = False
    choices: tuple[str, ...] = ()
    """Modules that are there, for suggestions."""


Load: TypeAlias = Callable[[tuple[str, ...]], "Source | LoadFailure"]
"""Reads module `("std", "layers")` or `("local", "parts")`; injected, because only it touches files."""

Parse: TypeAlias = Callable[[Source, Sink], ast.Module]


@dataclass(slots=True, eq=False)
class LoadedModule:
    """One file and the names that its bodies see: its own and the imported ones."""

    path: tuple[str, ...]
    tree: ast.Module
    own: dict[str, Global] = field(default_factory=dict)
    scope: dict[str, Global] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    """Names whose import failed: reported once, silent in use."""

    @property
    def name(self) -> str:
        return ".".join(self.path) or "this file"


NamedItem: TypeAlias = "ast.Definition | ast.Policy | ast.Profile | ast.Data | ast.Run"


@dataclass(frozen=True, slots=True, eq=False)
class Global:
    """A top-level name and the module it is written in."""

    name: str
    item: NamedItem
    module: LoadedModule

    @property
    def definition(self) -> ast.Definition | None:
        return self.item if isinstance(self.item, ast.Definition) else None

    @property
    def kind(self) -> str:
        """`layer`, `run`, …, as written."""
        item = self.item
        return item.kind if isinstance(item, ast.Definition | ast.Profile) else type(item).__name__.lower()


@dataclass(slots=True, eq=False)
class Resolved:
    """The main file and, before it, every module it uses; imports come before importers."""

    root: LoadedModule
    modules: list[LoadedModule]


def resolve(tree: ast.Module, load: Load, sink: Sink, parse: Parse | None = None) -> Resolved:
    """Load what is used and make the tables of names. `parse` is the parser unless given."""
    from hqn.compiler.syntax import parse as syntax

    loader = _Loader(load, sink, parse or syntax.parse)
    with deep_stack():
        root = loader.enter((), tree)
    return Resolved(root, [*loader.done])


@dataclass(slots=True)
class _Loader:
    load: Load
    sink: Sink
    parse: Parse
    known: dict[tuple[str, ...], LoadedModule | None] = field(default_factory=dict)
    done: list[LoadedModule] = field(default_factory=list)
    open: list[tuple[str, ...]] = field(default_factory=list)

    def enter(self, path: tuple[str, ...], tree: ast.Module) -> LoadedModule:
        module = LoadedModule(path, tree)
        self.known[path] = module
        self.open.append(path)
        self._own_names(module)
        for item in tree.items:
            if isinstance(item, ast.Use):
                self._use(module, item)
        self.open.pop()
        self.done.append(module)
        return module

    def _own_names(self, module: LoadedModule) -> None:
        for item in module.tree.items:
            if not isinstance(item, ast.Definition | ast.Policy | ast.Profile | ast.Data | ast.Run):
                continue
            name = item.name.name
            if name in module.own:
                first = module.own[name].item.name.span
                self.sink.report(errors.DefinedTwice(span=item.name.span, name=name, first=first))
            else:
                module.own[name] = Global(name, item, module)
        module.scope.update(module.own)

    def _use(self, module: LoadedModule, use: ast.Use) -> None:
        path = tuple(part.name for part in use.module)
        source = self._module(path, _span_of(use.module))
        for ident in use.names:
            if source is None:
                module.broken.add(ident.name)
            else:
                self._import(module, source, ident)

    def _import(self, module: LoadedModule, source: LoadedModule, ident: ast.Ident) -> None:
        name = ident.name
        found = source.own.get(name)
        if found is None:
            if source.path[0] == "std" and name in PRIMITIVES:
                return  # visible everywhere; naming it in a `use` is allowed
            module.broken.add(name)
            if name in source.broken or (source.path != PRIM and not source.tree.items):
                return
            choices = [*source.own, *(PRIMITIVES if source.path[0] == "std" else ())]
            nearest_name = nearest(name, choices)
            self.sink.report(
                errors.NotInModule(span=ident.span, name=name, module=source.name, nearest=nearest_name)
            )
        elif name in module.scope and module.scope[name] is not found:
            first = module.scope[name].item.name.span
            self.sink.report(errors.DefinedTwice(span=ident.span, name=name, first=first))
        else:
            module.scope[name] = found

    def _module(self, path: tuple[str, ...], span: Span) -> LoadedModule | None:
        """The module under a path, read at its first use; None where that failed, which is reported."""
        if path in self.open:
            circle = " -> ".join(
                ".".join(p) or "main file" for p in (*self.open[self.open.index(path) :], path)
            )
            self.sink.report(errors.CircularImport(span=span, circle=circle))
            return None
        if path not in self.known:
            self.known[path] = self._read(path, span)
        return self.known[path]

    def _read(self, path: tuple[str, ...], span: Span) -> LoadedModule | None:
        name = ".".join(path)
        if path == PRIM:  # what has no body is not read, its rules are in `types/prims/table.py`
            return LoadedModule(path, ast.Module(span=span, version=None, items=()))
        if path[0] not in ROOTS or len(path) < 2:
            reason = "modules begin with `std.` or `local.`"
            self.sink.report(errors.ModuleRefused(span=span, module=name, reason=reason))
            return None
        if len(self.known) > MOST_FILES:
            count = len(self.known) + 1
            self.sink.report(errors.TooManyFiles(span=span, count=count, limit=MOST_FILES))
            return None
        text = self.load(path)
        if isinstance(text, LoadFailure):
            self._failure(name, text, span)
            return None
        return self.enter(path, self.parse(text, self.sink))

    def _failure(self, name: str, failure: LoadFailure, span: Span) -> None:
        if failure.missing:
            found = nearest(name, failure.choices)
            self.sink.report(
                errors.ModuleNotFound(span=span, module=name, looked=failure.reason, nearest=found)
            )
        else:
            self.sink.report(errors.ModuleRefused(span=span, module=name, reason=failure.reason))


def _span_of(idents: tuple[ast.Ident, ...]) -> Span:
    return idents[0].span.to(idents[-1].span)


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice that a typing mistake would turn into `name`."""
    import difflib  # only where something went wrong

    same_case = [choice for choice in choices if choice.lower() == name.lower()]
    if same_case:
        return same_case[0]
    return next(iter(difflib.get_close_matches(name, sorted(set(choices)), n=1)), None)
