"""`hqn version`: what is installed, as a bug report needs it."""

from __future__ import annotations

import hqn
from hqn.compiler.commands.arguments import Arguments, Commands, add_command
from hqn.compiler.diagnostics import Sink
from hqn.compiler.outcome import Outcome, Say

PARTS = ("lark", "xdsl", "numpy", "jax", "jaxlib", "optax", "safetensors", "scikit-learn")
OPTIONAL = ("cotengra", "qiskit")


def add(commands: Commands) -> None:
    add_command(commands, "version", perform, "Print what is installed.", "  hqn version")


def perform(args: Arguments, sink: Sink, say: Say) -> Outcome:
    import platform

    found = {
        "hqn": hqn.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{part: _version(part) for part in (*PARTS, *OPTIONAL)},
    }
    return Outcome("\n".join(f"{part:<14}{number}" for part, number in found.items()), found)


def _version(part: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(part)
    except PackageNotFoundError:
        return "not installed"
