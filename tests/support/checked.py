"""Texts through the whole checker: for tests that look at diagnostics, functions or the instance tree."""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all
from hqn.compiler.names.load import project_loader
from hqn.compiler.names.resolve import resolve
from hqn.compiler.source import Source
from hqn.compiler.syntax.parse import parse
from hqn.compiler.types import typed
from hqn.compiler.types.check import check, instantiate
from hqn.compiler.types.instances import InstanceTree


@dataclass
class Checked:
    """What the checker made of a text."""

    program: typed.Program
    tree: InstanceTree
    sink: Sink

    def entry(self, name: str) -> typed.Entry:
        return next(entry for entry in self.program.entries if entry.name == name)

    @property
    def codes(self) -> list[str]:
        return [found.code for found in self.sink.all]

    @property
    def paths(self) -> list[str]:
        """Paths of all slots."""
        return [slot.path for slot in self.tree.slots()]


def check_source(source: Source, folder: str = ".") -> Checked:
    """Everything that `hqn check` does; syntax must be right."""
    sink = Sink()
    module = parse(source, sink)
    assert not sink.has_errors, render_all(sink)
    program, tree = instantiate(check(resolve(module, project_loader(folder), sink), sink), sink)
    return Checked(program, tree, sink)


def checked(text: str) -> Checked:
    """A text that must have no mistakes."""
    found = check_source(Source("test.hqn", text))
    assert not found.sink.all, render_all(found.sink)
    return found


def codes(text: str) -> list[str]:
    """The codes of all that is wrong with a text, in its order."""
    return check_source(Source("test.hqn", text)).codes
