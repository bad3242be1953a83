"""What a table of figures says about where it was measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import hqn


def heading(title: str, *packages: str) -> str:
    """The line above a table: versions and machine."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    python = f"Python {platform.python_version()}, hqn {hqn.__version__}"
    return f"{title}\n  {python}, {versions}; {processor()}, {cores()} cores"


def cores() -> int | None:
    """How many cores the system has."""
    return os.cpu_count()


def processor() -> str:
    """The name of the processor, or of its architecture where the system does not say."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as columns aligned to the right; the first row is the heading."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows)
