"""Which weights are biases: what is added to a sum of products and to nothing else.

What came before: the typed functions of a model. What leaves: the paths of its biases. Invariant: every path
is one that `passes/quantize.py` finds too; a scale or an offset elsewhere (of a batch norm) is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.types import typed
from hqn.compiler.types.walk import Part, reads, walk_statements


def bias_paths(path: str, function: typed.Function) -> Iterator[str]:
    """The paths of all biases of an instance and of those in it."""
    values = {one.local: one.value for one in _assigned(function)}
    used = [local for part in _parts(function) for local in reads(part)]
    for part in _parts(function):
        if isinstance(part, typed.Elementwise) and part.fn == "add":
            for bias, other in (part.args, part.args[::-1]):
                if isinstance(other, typed.Read) and used.count(other.local) == 1:
                    other = values.get(other.local, other)
                if isinstance(bias, typed.SlotRead) and _is_product(other, function):
                    yield f"{path}.{bias.slot}"
    for child in function.created:
        yield from bias_paths(f"{path}.{child.name}", child.function)


def _parts(function: typed.Function) -> Iterator[Part]:
    return walk_statements(function.statements, function.result)


def _assigned(function: typed.Function) -> Iterator[typed.Assign]:
    return (part for part in _parts(function) if isinstance(part, typed.Assign))


def _is_product(value: typed.Expr, function: typed.Function) -> bool:
    """Whether a value is a contraction or convolution with a weight of two or more axes."""
    match value:
        case typed.Contraction(factors=factors):
            parts = [factor.value for factor in factors]
        case typed.Prim(fn="conv2d", args=args):
            parts = [*args]
        case _:
            return False
    wide = {slot.name for slot in function.slots if slot.kind != "state" and len(slot.type.shape) >= 2}
    return any(isinstance(part, typed.SlotRead) and part.slot in wide for part in parts)
