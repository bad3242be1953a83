"""Gates of a plan as words of the run time: matrices, diagonals, permutations, wires.

What came before: `Use`s with the expressions of their angles. What leaves: Python expressions. Invariant:
no table of wires longer than a line is spelled out where a rule (`range`, `qc.tuples`, `qc.cx_ring`) says
it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hqn.compiler.emit.jax.code import ATOM, Code, binary, call, index, negative, sequence
from hqn.compiler.ir.qc import Wires
from hqn.compiler.plan.gates import Use, own_controls, parameters, scales_angle
from hqn.compiler.types.circuits.gates import MATRIX

Angles = Callable[[Use], Code]
"""The angles of a use before rows and exponents are taken: `[..., m]`, or `[..., m, p]` of several each."""

SPELLED = 4
"""The most tuples that are written out although a rule would say them."""


def wires_text(wires: Sequence[int]) -> str:
    """Wires of a block."""
    if len(wires) > 2 and list(wires) == list(range(wires[0], wires[0] + len(wires))):
        return f"range({wires[0]}, {wires[-1] + 1})" if wires[0] else f"range({len(wires)})"
    return sequence([str(wire) for wire in wires])


def tuples_text(wires: Wires, n: int) -> str:
    """Tuples of wires, by the rule that makes them if there is one."""
    if all(len(one) == 1 for one in wires):
        return wires_text([one[0] for one in wires])
    if len(wires) > SPELLED:
        for ring in (None, n):
            step = wires[1][0] - wires[0][0] if ring is None else (wires[1][0] - wires[0][0]) % n
            if wires == ruled(wires[0], step, len(wires), ring):
                tail = "" if ring is None else f", {ring}"
                return f"qc.tuples({_ints(wires[0])}, {step}, {len(wires)}{tail})"
    return sequence([_ints(one) for one in wires])


def ruled(first: Sequence[int], step: int, count: int, ring: int | None) -> Wires:
    """What `qc.tuples` gives."""
    moved = ([wire + turn * step for wire in first] for turn in range(count))
    return tuple(tuple(wire if ring is None else wire % ring for wire in one) for one in moved)


def _ints(values: Sequence[int]) -> str:
    return sequence([str(value) for value in values])


# --- matrices ---------------------------------------------------------------------------------------


def matrix(use: Use, angles: Angles, axes: int = 1) -> Code:
    """`[..., m, K, K]` of a use with angles, `[K, K]` of one without, modifiers applied; `axes` counts m."""
    if use.angles is None:
        code = call("qc.gate", f'"{use.name}"')
    elif use.name == MATRIX:
        code = call("qc.matrix_site", angles(use)) if use.site else angles(use)
    else:
        code = call(f"qc.{use.name}", angle(use, angles, axes))
    if use.power != 1 and not scales_angle(use):
        code = call("qc.inverse", code) if use.power == -1 else call("qc.power", code, str(use.power))
    return call("qc.control", code, _ints(use.on)) if use.on else code


def angle(use: Use, angles: Angles, axes: int = 1) -> Code:
    """The angles of the rows and column of a use, times the exponent of a turn about one axis."""
    code = _turned(use, angles)
    if not use.site:
        return code
    named = {"controls": str(len(use.on))} if use.on else {}
    return call("qc.site", f'"{use.name}"', code, str(axes + parameters_kept(use)), named=named)


def _turned(use: Use, angles: Angles) -> Code:
    code = angles(use)
    rows = [] if use.rows is None else [_rows(use.rows)]
    columns = [":"] if parameters_kept(use) else []
    if rows:
        code = index(code, "...", *rows, *columns)
    if use.power == 1 or not scales_angle(use):
        return code
    return negative(code) if use.power == -1 else binary("*", Code(str(use.power), ATOM), code)


def parameters_kept(use: Use) -> bool:
    """Whether the angles of a use have an axis of parameters."""
    return use.column is None and (use.name == MATRIX or parameters(use.name) > 1)


def _rows(rows: tuple[int, ...]) -> str:
    if rows == tuple(range(rows[0], rows[0] + len(rows))):
        return f"{rows[0]}:{rows[-1] + 1}"
    return f"jnp.array({list(rows)})"


def fused(k: int, steps: Sequence[tuple[str, str]]) -> Code:
    """`qc.fuse` of matrices on wires."""
    return call("qc.fuse", str(k), *(f"({u}, {wires})" for u, wires in steps))


def fuse_steps(use: Use, wires: Sequence[int], angles: Angles) -> list[tuple[str, str]]:
    """A use as steps of `qc.fuse` on `wires`: one for a layer, one per tuple otherwise."""
    local = {wire: place for place, wire in enumerate(wires)}
    names = tuple(tuple(local[wire] for wire in one) for one in use.wires)
    if use.is_move:
        return [(permutation([replace(use, wires=names)], len(wires)), wires_text(range(len(wires))))]
    if use.is_local and len(names) > 1:
        return [(matrix(use, angles).text, wires_text([one[0] for one in names]))]
    parts = [use.picked([place]) for place in range(len(names))]
    return [(_one(part, angles), wires_text(name)) for part, name in zip(parts, names)]


def _one(use: Use, angles: Angles) -> str:
    """The matrix of a use on one tuple, without an axis of tuples."""
    if use.angles is None or use.name == MATRIX:
        return matrix(use, angles).text
    row = 0 if use.rows is None else use.rows[0]

    def picked(one: Use) -> Code:
        return index(angles(one), "...", str(row), *([":"] if parameters_kept(one) else []))

    return matrix(replace(use, rows=None), picked, 0).text


# --- diagonals and permutations ------------------------------------------------------------------------


def diagonal(use: Use, n: int, angles: Angles) -> Code:
    """`qc.diagonal` of a use."""
    args = [f'"{use.name}"', tuples_text(use.wires, n)]
    if use.angles is not None:
        args.append(angle(use if use.site else replace(use, power=1), angles).text)
    named = {"on": _ints(use.on)} if use.on else {}
    if use.power != 1 and not use.site:
        named["scale"] = str(use.power)
    return call("qc.diagonal", *args, named=named)


def permutation(uses: Sequence[Use], n: int) -> str:
    """The permutation that a run of moving gates is."""
    parts = list[str]()
    merged = _merged(uses)
    for use in merged:
        ring = _ring(use, n)
        if ring is not None and len(merged) == 1:
            return ring
        values = (*use.on, *(1,) * own_controls(use.name))
        on = f", {_ints(values)}" if 0 in values else ""
        parts.append(f'("{use.name}", {_tuples(use.wires, n)}{on})')
    return call("qc.permutation", str(n), *parts).text


def _tuples(wires: Wires, n: int) -> str:
    """As `tuples_text`, one-wire tuples being tuples."""
    if all(len(one) == 1 for one in wires):
        return sequence([_ints(one) for one in wires])
    return tuples_text(wires, n)


def _merged(uses: Sequence[Use]) -> list[Use]:
    """Neighbours of one name and the same controls as one."""
    merged: list[Use] = []
    for use in uses:
        if merged and (merged[-1].name, merged[-1].on) == (use.name, use.on):
            merged[-1] = replace(merged[-1], wires=merged[-1].wires + use.wires)
        else:
            merged.append(use)
    return merged


def _ring(use: Use, n: int) -> str | None:
    if use.name != "cx" or use.on:
        return None
    first = use.wires[0]
    if first[0] == 0 and use.wires == ruled(first, 1, n, n) and n > 1:
        return f"qc.cx_ring({n}, {first[1]})"
    if n > 2 and use.wires == ruled((0, 1), 1, n - 1, None):
        return f"qc.cx_chain({n})"
    return None
