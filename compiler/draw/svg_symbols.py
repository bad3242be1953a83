"""One symbol of a circuit as SVG.

What came before: a symbol, where its column is and where the wires are. What leaves: one SVG group.
Invariants: a symbol stays within `symbol_width` around its column and `HALF` around its wires.
"""

from __future__ import annotations

from hqn.compiler.draw.picture import Symbol
from hqn.compiler.draw.svg_parts import (
    bold_width,
    box,
    circle,
    escaped,
    line,
    mono_width,
    number,
    path,
    sans_width,
    text,
)

HALF = 18
"""Half the height of a box on one wire."""

_NAME, _ARGS, _SIDE = 13.5, 10, 9
_LETTERS = {
    "x": "X", "y": "Y", "z": "Z", "h": "H", "s": "S", "t": "T", "p": "P", "u": "U", "id": "I", "sdg": "S†",
    "tdg": "T†", "sx": "√X", "u1": "U₁", "u2": "U₂", "u3": "U₃", "cu": "U", "rot": "Rot", "rx": "RX",
    "ry": "RY", "rz": "RZ", "rxx": "RXX", "ryy": "RYY", "rzz": "RZZ", "rzx": "RZX", "swap": "SWAP",
    "iswap": "iSWAP", "ecr": "ECR",
}  # fmt: skip
"""Gates as physicists write them."""

_RAISED = str.maketrans("0123456789-/.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᐟ·", "^")


def symbol_width(symbol: Symbol) -> float:
    if symbol.form != "box":
        return 22
    head = bold_width(_head(symbol), _NAME)
    widest = max(head, mono_width(symbol.args, _ARGS), sans_width(symbol.caption, _ARGS))
    return max(2.0 * HALF, widest + 2 * _SIDE + (22 if symbol.is_numbered else 0))


def symbol_svg(symbol: Symbol, x: float, wires: list[float]) -> str:
    """The symbol in a group whose tooltip is its text."""
    inside = [wire for wire in symbol.wires if _is_behind(symbol, wire)]
    elements = [line(x, wires[symbol.low], x, wires[symbol.high], "link")] if symbol.low < symbol.high else []
    elements += _targets(symbol, x, wires)
    for control in symbol.controls:
        at = x - symbol_width(symbol) / 2 + 9 if control.wire in inside else x
        elements.append(circle(at, wires[control.wire], 4.5, "dot" if control.on else "hole"))
    return f"<g><title>{escaped(symbol.text)}</title>{''.join(elements)}</g>"


def _is_behind(symbol: Symbol, wire: int) -> bool:
    """Whether a wire that is no target runs behind the box."""
    within = min(symbol.targets) < wire < max(symbol.targets)
    return symbol.form == "box" and within and wire not in symbol.targets


def _targets(symbol: Symbol, x: float, wires: list[float]) -> list[str]:
    places = [wires[wire] for wire in symbol.targets]
    match symbol.form:
        case "plus":
            return [part for y in places for part in _plus(x, y)]
        case "dot":
            return [circle(x, y, 4.5, "dot") for y in places]
        case "cross":
            return [_cross(x, y) for y in places]
    return _box(symbol, x, wires)


def _plus(x: float, y: float) -> list[str]:
    return [circle(x, y, 10, "hole"), line(x - 10, y, x + 10, y, "link"), line(x, y - 10, x, y + 10, "link")]


def _cross(x: float, y: float) -> str:
    a, b, c, d = number(x - 6), number(y - 6), number(x + 6), number(y + 6)
    return path(f"M{a} {b}L{c} {d}M{a} {d}L{c} {b}", "link")


def _box(symbol: Symbol, x: float, wires: list[float]) -> list[str]:
    width, low, high = symbol_width(symbol), min(symbol.targets), max(symbol.targets)
    top, bottom, left = wires[low] - HALF, wires[high] + HALF, x - width / 2
    radius = 8 if symbol.kind == "circuit" else 5
    colour = "query" if symbol.kind == "measure" else symbol.kind
    elements = [box(left, top, width, bottom - top, colour, radius)]
    for wire in range(low + 1, high):
        if wire not in symbol.targets:
            elements += _behind(symbol, x, wires[wire], abs(wires[wire] - (top + bottom) / 2) < HALF)
    if symbol.is_numbered:
        for place, wire in enumerate(symbol.targets):
            elements.append(text(left + 9, wires[wire], str(place), 9, "muted mono"))
    return [*elements, *_words(symbol, x + (7 if symbol.is_numbered else 0), (top + bottom) / 2)]


def _behind(symbol: Symbol, x: float, y: float, has_words: bool) -> list[str]:
    """A wire that only passes, visible through the box but for its words."""
    half, gap = symbol_width(symbol) / 2, 0.0
    if has_words:
        gap = half - _SIDE / 2 - (16 if symbol.is_numbered else 0)
    ends = [(x - half, x - gap), (x + gap, x + half)] if gap else [(x - half, x + half)]
    return [line(a, y, b, y, "behind") for a, b in ends]


def _words(symbol: Symbol, x: float, y: float) -> list[str]:
    """The name, with the instance and the condition above it and the parameters below it."""
    up = -7 if symbol.args else 0
    down = 6 if symbol.caption else 0
    words = [text(x, y + up + down, _head(symbol), _NAME, "ink bold")]
    if symbol.args:
        words.append(text(x, y + 9 + down, symbol.args, _ARGS, "ink mono"))
    if symbol.caption:
        words.append(text(x, y + up + down - 14, symbol.caption, _ARGS, "muted"))
    return words


def _head(symbol: Symbol) -> str:
    """The name with what modifiers make of it; a circuit keeps its own name whatever it is."""
    is_gate = symbol.kind in ("fixed", "input", "weight", "both")
    name = _LETTERS.get(symbol.name, symbol.name) if is_gate else symbol.name
    return name + symbol.power.translate(_RAISED)
