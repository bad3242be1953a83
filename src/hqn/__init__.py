"""hqn: a declarative modelling language and compiler for hybrid quantum-classical networks.

    import hqn

    program = hqn.load("examples/digits.hqn")
    program.models, program.runs

What came before: nothing. What leaves: the public names, loaded when they are first used, so that
`hqn check` does not pay for what only training needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hqn.compiler.api import CompileError, compile, load, restore

__version__ = "0.1.0"
__all__ = ["CompileError", "__version__", "compile", "load", "restore"]


def __getattr__(name: str) -> object:
    if name.startswith("_") or name not in __all__:
        raise AttributeError(f"module 'hqn' has no attribute {name!r}")
    from hqn.compiler import api

    return getattr(api, name)
