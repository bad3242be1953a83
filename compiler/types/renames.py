"""Paths of older checkpoints: `renamed "digits.enc" -> "digits.encoder"`.

What came before: the `renamed` lines of the main file, and the instance tree. What leaves: pairs of an old
path and today's, for the run time. Invariants: what a line leads to is there; every line can take part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hqn.compiler.diagnostics import Note, Sink
from hqn.compiler.diagnostics.helping import WithNearest
from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.instances import InstanceTree

_SEGMENT = re.compile(r"[A-Za-z_*][A-Za-z0-9_*]*")


class BadRenaming(WithNearest):
    code = "HQN0349"
    title = "a renaming without effect"
    label = "{why}"

    why: str
    first: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.first:
            yield Note("the first one", self.first)


def check_renamed(tree: ast.Module, instances: InstanceTree, sink: Sink) -> tuple[tuple[str, str], ...]:
    """The pairs of all lines without mistakes, in the order of the text."""
    found: dict[str, ast.Renamed] = {}
    for item in tree.items:
        if not isinstance(item, ast.Renamed):
            continue
        mistake = _shape_of(item.old) or _shape_of(item.new) or _mistake(item, found, instances)
        if mistake is not None:
            sink.report(mistake)
        else:
            found[item.old.value] = item
    return tuple((old, item.new.value) for old, item in found.items())


def _shape_of(path: ast.String) -> BadRenaming | None:
    if all(_SEGMENT.fullmatch(segment) for segment in path.value.split(".")):
        return None
    return BadRenaming(span=path.span, why="a path is made of names with dots between them, `digits.enc.*`")


def _mistake(item: ast.Renamed, before: dict[str, ast.Renamed], tree: InstanceTree) -> BadRenaming | None:
    old, new = item.old.value, item.new.value
    if old in before:
        return BadRenaming(span=item.old.span, why="this path is renamed already", first=before[old].old.span)
    if new.count("*") > old.count("*"):
        why = f"`{new}` has {new.count('*')} stars, and `{old}` gives {old.count('*')}"
        return BadRenaming(span=item.new.span, why=why)
    paths = {path for node in tree.instances() for path in (node.path, *(slot.path for slot in node.slots))}
    paths |= {path.partition(".")[2] for path in paths if "." in path}
    pattern = re.compile(re.escape(new).replace(r"\*", r"\w*"))
    if not paths or any(pattern.fullmatch(path) for path in paths):
        return None
    return BadRenaming(span=item.new.span, why=f"nothing is at `{new}` today", nearest=nearest(new, paths))
