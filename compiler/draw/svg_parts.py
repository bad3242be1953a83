"""The small vocabulary of SVG that pictures are made of: one style, text, boxes, lines.

What came before: numbers and texts. What leaves: SVG elements as text. Invariants: a text reaches SVG only
through `escaped`; sizes are estimated from the characters, so that the same picture is the same text
everywhere; every colour is a class, with one palette for light and one for dark surroundings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from hqn.compiler.diagnostics.visible import visible

SANS = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

_LIGHT = {
    "page": ("#ffffff", "#d8dee4"), "fixed": ("#f3f5f7", "#8b949e"), "input": ("#fff3e0", "#d9822b"),
    "weight": ("#e6f0ff", "#3b7dd8"), "both": ("#f1e8ff", "#8250df"), "circuit": ("#e4f5ea", "#2f9e53"),
    "query": ("#ffe9ee", "#cf4b6c"), "group": ("#f8fafb", "#b4bdc7"), "step": ("#ffffff", "#c3cbd3"),
}  # fmt: skip
_DARK = {
    "page": ("#0d1117", "#30363d"), "fixed": ("#21262d", "#7d8590"), "input": ("#3a2811", "#e0953f"),
    "weight": ("#13294b", "#5b9cf5"), "both": ("#2c1f47", "#a988f5"), "circuit": ("#12331f", "#46b866"),
    "query": ("#401a26", "#e8718f"), "group": ("#131920", "#454d57"), "step": ("#0d1117", "#454d57"),
}  # fmt: skip
_LIGHT_INK, _DARK_INK = ("#1f2328", "#636c76", "#8b949e"), ("#e6edf3", "#9aa4af", "#6e7681")


def _palette(fills: dict[str, tuple[str, str]], ink: tuple[str, str, str]) -> str:
    boxes = [f".{name}{{fill:{fill};stroke:{stroke}}}" for name, (fill, stroke) in fills.items()]
    text, muted, wire = ink
    lines = [
        f".ink{{fill:{text}}}.muted{{fill:{muted}}}.wire,.behind{{stroke:{wire}}}.link{{stroke:{text}}}",
        f".dot{{fill:{text};stroke:{text}}}.hole{{fill:{fills['page'][0]};stroke:{text}}}",
        f".frame{{stroke:{fills['group'][1]}}}.tab{{fill:{fills['page'][0]};stroke:none}}",
    ]
    return "".join([*boxes, *lines])


STYLE = (
    f"text{{font-family:{SANS}}}.mono{{font-family:{MONO}}}"
    "rect,circle,path,line{stroke-width:1.25}.wire,.link,.frame{fill:none}.frame{stroke-dasharray:6 4}"
    ".behind{stroke-dasharray:2 4}"
    f"{_palette(_LIGHT, _LIGHT_INK)}"
    f"@media (prefers-color-scheme:dark){{{_palette(_DARK, _DARK_INK)}}}"
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Elements within `width` x `height` pixels, from the upper left corner."""

    width: float
    height: float
    elements: tuple[str, ...]


def number(value: float) -> str:
    """As few digits as the picture needs."""
    return f"{value:.1f}".removesuffix(".0")


def escaped(text: str) -> str:
    return escape(visible(text))


def text(x: float, y: float, words: str, size: float, classes: str = "ink", anchor: str = "middle") -> str:
    """One line; `y` is the middle of its small letters."""
    weight = ' font-weight="600"' if "bold" in classes.split() else ""
    return (
        f'<text class="{classes}" x="{number(x)}" y="{number(y + 0.35 * size)}" font-size="{number(size)}" '
        f'text-anchor="{anchor}"{weight}>{escaped(words)}</text>'
    )


def box(x: float, y: float, width: float, height: float, classes: str, radius: float = 5) -> str:
    return (
        f'<rect class="{classes}" x="{number(x)}" y="{number(y)}" width="{number(width)}" '
        f'height="{number(height)}" rx="{number(radius)}"/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, classes: str) -> str:
    ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f'<line class="{classes}" {ends}/>'


def circle(x: float, y: float, radius: float, classes: str) -> str:
    return f'<circle class="{classes}" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'


def path(steps: str, classes: str) -> str:
    return f'<path class="{classes}" d="{steps}"/>'


def moved(drawing: Drawing, x: float, y: float) -> list[str]:
    return [f'<g transform="translate({number(x)} {number(y)})">', *drawing.elements, "</g>"]


_NARROW, _WIDE = set("ijltfrI.,:;|!'()[]{} ·"), set("mwMWGOQ%@⟨⟩…")


def sans_width(words: str, size: float) -> float:
    """About the width of a line in the sans serif; on the safe side."""
    return size * sum(0.34 if char in _NARROW else 0.86 if char in _WIDE else 0.6 for char in words)


def bold_width(words: str, size: float) -> float:
    return 1.15 * sans_width(words, size)


def mono_width(words: str, size: float) -> float:
    return 0.61 * size * len(words)


def page(drawings: Iterable[Drawing], title: str) -> str:
    """Drawings below each other on one page."""
    placed, edge, gap = list(drawings), 24, 36
    width = max((drawing.width for drawing in placed), default=0) + 2 * edge
    height = sum(drawing.height for drawing in placed) + gap * max(len(placed) - 1, 0) + 2 * edge
    size = f'width="{number(width)}" height="{number(height)}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {number(width)} {number(height)}">',
        f"<title>{escaped(title)}</title>",
        f"<style>{STYLE}</style>",
        box(0.6, 0.6, width - 1.2, height - 1.2, "page", 10),
    ]
    y = float(edge)
    for drawing in placed:
        lines += moved(drawing, edge, y)
        y += drawing.height + gap
    return "\n".join([*lines, "</svg>"]) + "\n"
