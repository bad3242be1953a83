"""Instances given for layer-valued statics: `pgd[f = net](x)`.

What came before: the statics of a call. What leaves: the same statics as the callee sees them, and which of
the caller's instances they stand for, those given to a given layer included: `twice[f = scaled[g = net]]`.
Invariant: a callee knows a shared instance by the path of its static alone (`f`, `f.g`), so that one function
serves every instance of the same definition and statics.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.claims import fix_function, shared_instance
from hqn.compiler.types.calls.bind_slots import original
from hqn.compiler.types.calls.statics import Application, StaticValue
from hqn.compiler.types.scope import Instance, Scope


@dataclass(frozen=True, slots=True)
class Given:
    """The caller's instance that a static of the callee stands for, as seen in these turns."""

    static: str
    instance: Instance
    turns: tuple[typed.Turn, ...]


def take_shared(
    scope: Scope, statics: dict[str, StaticValue]
) -> tuple[dict[str, StaticValue], tuple[Given, ...]]:
    """The statics without instances of this body, and those instances."""
    found: list[Given] = []
    seen = {name: _taken(scope, name, value, found) for name, value in statics.items()}
    return seen, tuple(found)


def _taken(scope: Scope, path: str, value: StaticValue, found: list[Given]) -> StaticValue:
    """The static at a path as the callee sees it; the instances in it are added to `found`."""
    if not isinstance(value, Application):
        return value
    inner = tuple((name, _taken(scope, f"{path}.{name}", one, found)) for name, one in value.statics)
    instance = shared_instance(scope, value) if value.shared else value.instance
    if instance is None:
        return replace(value, statics=inner)
    found.append(Given(path, instance, value.turns))
    return replace(value, statics=inner, instance=None, turns=(), shared=path)


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
        whole, bounds = original(scope.session, child.function)
        fix_function(scope, one.instance, whole, span, bounds)
        shared.append(typed.Shared(child.name, one.instance.name, one.turns))
    return tuple(shared)
