"""Instances given for layer-valued statics: `pgd[f = net](x)`.

What came before: the statics of a call. What leaves: the same statics as the callee sees them, and which of
the caller's instances they stand for. Invariant: a callee knows a shared instance by the name of its static
alone, so that one function serves every instance of the same definition and statics.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.claims import fix_function
from hqn.compiler.types.calls.bind_slots import original
from hqn.compiler.types.calls.statics import Application, StaticValue
from hqn.compiler.types.scope import Instance, Scope
from hqn.compiler.types.unsupported import refuse


@dataclass(frozen=True, slots=True)
class Given:
    """The caller's instance that a static of the callee stands for, as seen in these turns."""

    static: str
    instance: Instance
    turns: tuple[typed.Turn, ...]


def take_shared(
    scope: Scope, statics: dict[str, StaticValue], span: Span
) -> tuple[dict[str, StaticValue], tuple[Given, ...]] | None:
    """The statics without instances of this body, and those instances; None after a diagnostic."""
    found: list[Given] = []
    seen = dict(statics)
    for name, value in statics.items():
        if not isinstance(value, Application):
            continue
        if any(_shares(inner) for _, inner in value.statics):
            refuse(scope, value.span or span, "shared in shared")
            return None
        if value.instance is not None:
            found.append(Given(name, value.instance, value.turns))
            seen[name] = replace(value, instance=None, turns=(), shared=True)
    return seen, tuple(found)


def _shares(value: StaticValue) -> bool:
    if not isinstance(value, Application):
        return False
    return value.instance is not None or value.shared or any(_shares(inner) for _, inner in value.statics)


def share(
    scope: Scope, function: typed.Function, given: tuple[Given, ...], span: Span
) -> tuple[typed.Shared, ...]:
    """What the call of `function` shares; the given instances get their functions from what it does."""
    shared: list[typed.Shared] = []
    by_static = {one.static: one for one in given}
    for child in function.children:
        one = by_static.get(child.shared or "")
        if one is None:
            continue
        if child.function.sets_state:
            refuse(scope, span, "shared state")
        whole, bounds = original(scope.session, child.function)
        fix_function(scope, one.instance, whole, span, bounds)
        shared.append(typed.Shared(child.name, one.instance.name, one.turns))
    return tuple(shared)
