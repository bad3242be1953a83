"""Names of measured bits, which steer gates and are no values."""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.syntax import ast
from hqn.compiler.types.circuits.measurement_errors import BitIsNoValue
from hqn.compiler.types.scope import Binding, Scope
from hqn.compiler.types.sizes import Dim


@dataclass(slots=True, kw_only=True)
class BitsBinding(Binding):
    """What was measured: classical bits, the first the most significant; none are known in a definition."""

    bits: tuple[int, ...]
    single: bool
    count: Dim


def refuse_bits(scope: Scope, name: ast.Name) -> bool:
    """Whether a name that stands for a value is one of measured bits, which is reported."""
    binding = scope.lookup(name.name)
    if not isinstance(binding, BitsBinding):
        return False
    scope.report(BitIsNoValue(span=name.span, name=name.name, measured=binding.span))
    return True
