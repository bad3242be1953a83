"""Options of primitives in the form that the IR keeps: windows as pairs, pads as four numbers.

What came before: the options of a `typed.Prim` as written. What leaves: the properties of its operation.
Invariant: nothing is left to a default of an emitter.
"""

from __future__ import annotations

from hqn.compiler.types import typed

_PAIRS = {"conv2d": ("stride",), "maxpool2d": ("size", "stride"), "avgpool2d": ("size", "stride")}
_PAIRS["patches"] = ("size", "stride")


def normal(prim: typed.Prim) -> dict[str, object]:
    """The options by name."""
    given = dict(prim.options)
    if isinstance(given.get("axes"), int):
        given["axes"] = (given["axes"],)
    for name in _PAIRS.get(prim.fn, ()):
        given[name] = _pair(given[name])
    if prim.fn == "conv2d":
        given["pad"] = _sides(given.get("pad", 0))
        given.setdefault("groups", 1)
    return given


def _pair(value: object) -> tuple[int, ...]:
    """Down and across."""
    return (value, value) if isinstance(value, int) else _ints(value)


def _sides(value: object) -> tuple[int, ...]:
    """Top, bottom, left, right."""
    given = _pair(value)
    return given if len(given) == 4 else (given[0], given[0], given[1], given[1])


def _ints(value: object) -> tuple[int, ...]:
    assert isinstance(value, tuple)
    return tuple(int(item) for item in value)
