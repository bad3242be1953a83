"""The `load` that a command injects into `resolve`: library modules and files of the project.

What came before: a module path of checked identifiers. What leaves: its text, or the reason why not.
Invariant: nothing outside the project's folder is read, whatever links lie in it.
"""

from __future__ import annotations

import os
from importlib import resources

from hqn.compiler.files.read import MOST_BYTES, normalized
from hqn.compiler.names.resolve import Load, LoadFailure
from hqn.compiler.source import Source


def project_loader(folder: str) -> Load:
    """Reads `std.x` from the installed library and `local.a.b` from `folder/a/b.hqn`."""

    def load(path: tuple[str, ...]) -> Source | LoadFailure:
        return _library(path[1:]) if path[0] == "std" else _project(folder, path[1:])

    return load


def _library(path: tuple[str, ...]) -> Source | LoadFailure:
    root = resources.files("hqn.stdlib")
    name = "/".join(path) + ".hqn"
    try:
        return Source(f"std/{name}", root.joinpath(name).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        modules = tuple(f"std.{entry.name[:-4]}" for entry in root.iterdir() if entry.name.endswith(".hqn"))
        return LoadFailure(f"std/{name} in the library", missing=True, choices=modules)


def _project(folder: str, path: tuple[str, ...]) -> Source | LoadFailure:
    name = "/".join(path) + ".hqn"
    root = os.path.realpath(folder or ".")
    target = os.path.realpath(os.path.join(root, *path) + ".hqn")
    if os.path.commonpath([root, target]) != root:
        return LoadFailure("it lies outside the folder of the main file")
    try:
        with open(target, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return LoadFailure(f"{name} beside the main file", missing=True, choices=_beside(root))
    except OSError as error:
        return LoadFailure(error.strerror or "it cannot be read")
    if len(data) > MOST_BYTES:
        return LoadFailure(f"it has more than {MOST_BYTES:,} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return LoadFailure("it is not UTF-8 text")
    return Source(name, normalized(text))


def _beside(root: str) -> tuple[str, ...]:
    try:
        return tuple(f"local.{name[:-4]}" for name in sorted(os.listdir(root)) if name.endswith(".hqn"))
    except OSError:
        return ()
