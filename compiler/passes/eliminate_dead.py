"""Dead code: operations whose results nobody uses, and functions that nobody calls any more."""

from __future__ import annotations

from hqn.compiler.ir.module import Built, Module, calls
from hqn.compiler.ir.xdsl_api import region_dce
from hqn.compiler.passes.chain import erase


def eliminate_dead(built: Built) -> None:
    """Drops what has no effect and whose results are not used."""
    region_dce(built.module.op.body)
    drop_uncalled(built)


def drop_uncalled(built: Built) -> None:
    """Drops functions that are neither called nor roots; a module without roots keeps all."""
    if not built.roots:
        return
    functions = Module(built.module.op).functions
    for name, function in reversed(list(functions.items())):
        called = {call.callee for other in built.module.op.ops for call in calls(other)}
        if name not in called and name not in built.roots:
            erase(function)
