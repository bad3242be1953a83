"""Where things are in the checkout, and which of them exist yet."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("compiler", "runtime", "grammar", "stdlib")


def python_files(*folders: str) -> Iterator[Path]:
    """Every Python file below folders of the checkout, links not followed."""
    for folder in folders:
        for base, inner, names in os.walk(ROOT / folder):
            inner[:] = sorted(name for name in inner if name != "__pycache__")
            yield from (Path(base, name) for name in sorted(names) if name.endswith(".py"))


def tracked_files() -> list[Path]:
    """What is committed or would be; empty outside a git checkout."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def has_driver() -> bool:
    return importlib.util.find_spec("hqn.compiler.driver") is not None


def environment(folder: Path) -> dict[str, str]:
    """An environment whose `hqn` and `python` are the ones under test; `folder` holds the commands."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, words in {"hqn": "-m hqn.compiler.cli", "python": ""}.items():
        command = folder / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        command.chmod(0o755)
    path = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
    return os.environ | {"PATH": path, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1"}
