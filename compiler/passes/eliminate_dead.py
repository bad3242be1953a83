"""Dead code: operations whose results nobody uses, and functions that nobody calls any more.

What came before: any module. What leaves: one whose operations, functions and instances are all used.
Invariant: what has an effect stays, and so do the roots.
"""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.ir.declarations import ChildAttr
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Built, Module, calls
from hqn.compiler.ir.properties import attributes
from hqn.compiler.ir.xdsl_api import region_dce
from hqn.compiler.passes.chain import erase


def eliminate_dead(built: Built) -> None:
    """Drops what has no effect and whose results are not used."""
    region_dce(built.module.op.body)
    drop_uncalled(built)


def drop_uncalled(built: Built) -> None:
    """Drops functions that are neither called nor roots, and instances that nothing calls.

    A module without roots keeps all its functions.
    """
    functions = Module(built.module.op).functions
    for name, function in reversed(list(functions.items())):
        called = {callee for other in Module(built.module.op).functions.values() for callee in _named(other)}
        if built.roots and name not in called | built.roots:
            erase(function)
        else:
            _forget_instances(function)


def _named(function: FuncOp) -> Iterator[str]:
    """Functions that another one calls, or whose slots it declares to be those of an instance."""
    yield from (call.callee for call in calls(function))
    yield from (child.callee for child in function.children)


def _forget_instances(function: FuncOp) -> None:
    called = {call.instance for call in calls(function)}
    called |= {one.instance for call in calls(function) for one in call.shared}
    kept = [child for child in function.children if child.name in called]
    function.properties["children"] = attributes(ChildAttr(child) for child in kept)
