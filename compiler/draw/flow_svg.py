"""A model as SVG: boxes in one column, loops as stacked frames, shapes beside the arrows.

What came before: a `Flow`. What leaves: a `Drawing`. Invariants: what a node takes from the node right above
it is an arrow between the two; anything else runs in a lane of its own to the left of all boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hqn.compiler.draw.flow import INLET, Flow, Link, Node
from hqn.compiler.draw.svg_parts import (
    Drawing,
    bold_width,
    box,
    line,
    mono_width,
    moved,
    number,
    path,
    sans_width,
    text,
)

_WAY, _PAD, _TITLE, _FACT, _TYPE = 40, 18, 13.5, 11, 11
_COLOURS = {"step": "step", "layer": "weight", "circuit": "circuit", "value": "fixed"}
_HEAD, _BEHIND, _LABEL = 58, 12, 26.0


def flow_svg(flow: Flow) -> Drawing:
    """Title and facts, and below them the model from its inputs to its results."""
    column = _Column()
    column.fill(flow.nodes, ())
    facts = " · ".join(flow.facts)
    width = max(column.right - column.left, bold_width(flow.title, 16), sans_width(facts, 12))
    elements = [
        text(0, 10, flow.title, 16, "ink bold", "start"),
        text(0, 31, facts, 12, "muted", "start"),
        *moved(Drawing(0, 0, tuple(column.elements)), -column.left, _HEAD),
    ]
    return Drawing(width, _HEAD + column.y, tuple(elements))


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a node stands: its middle is at 0, `half` of its width to each side."""

    top: float
    bottom: float
    half: float

    @property
    def entry(self) -> float:
        """Where lanes come in, in the upper half of the side."""
        return self.top + min(14, (self.bottom - self.top) * 0.3)

    @property
    def exit(self) -> float:
        return self.bottom - min(14, (self.bottom - self.top) * 0.3)


@dataclass(frozen=True, slots=True)
class _Lane:
    """A way past other nodes, from `top` to `bottom`; with its words it takes `left` to `right`."""

    top: float
    bottom: float
    left: float
    right: float


@dataclass
class _Column:
    """Nodes below each other around x = 0; `left` and `right` are how far anything reaches."""

    elements: list[str] = field(default_factory=list)
    spots: dict[int, _Spot] = field(default_factory=dict)
    lanes: list[_Lane] = field(default_factory=list)
    y: float = 0.0
    left: float = 0.0
    right: float = 0.0

    def fill(self, nodes: Sequence[Node], outlets: Sequence[Link], inlet: float = 0.0) -> None:
        """All nodes with their ways; a group begins `inlet` above its nodes and ends at its outlets."""
        far: dict[int, list[tuple[Link, int]]] = {}
        before: int | None = None
        self.spots[INLET] = _Spot(0, 0, 0)
        if inlet:
            self._enter(nodes, outlets, inlet)
            before = INLET
        for node in nodes:
            self._way(node.links, before, node.key, far)
            self._place(node)
            before = node.key
        if outlets:
            end = max(self.spots) + 1
            self._way(outlets, before, end, far)
            self.spots[end] = _Spot(self.y, self.y, 0)
        for source, links in sorted(far.items(), key=lambda one: self._span(*one)):
            self._trunk(self.spots[source], links)

    def _enter(self, nodes: Sequence[Node], outlets: Sequence[Link], inlet: float) -> None:
        if any(link.source == INLET for link in (*outlets, *(one for node in nodes for one in node.links))):
            self.elements.append(line(0, -inlet, 0, 0, "link thin"))

    def reach(self, left: float, right: float) -> None:
        self.left, self.right = min(self.left, left), max(self.right, right)

    def _way(
        self, links: Sequence[Link], before: int | None, target: int, far: dict[int, list[tuple[Link, int]]]
    ) -> None:
        """The arrow from the node above; what comes from elsewhere is noted for the lanes."""
        near = [link for link in links if link.source == before]
        if near:
            self.elements += _arrow(0, self.y, self.y + _WAY)
            words = ", ".join(link.text for link in near)
            self.elements.append(text(10, self.y + _WAY / 2 - 2, words, _TYPE, "muted mono", "start"))
            self.reach(0, 10 + mono_width(words, _TYPE))
        if before is not None:
            self.y += _WAY if near else 18
        for link in links:
            if link.source != before:
                far.setdefault(link.source, []).append((link, target))

    def _place(self, node: Node) -> None:
        drawing = _group(node) if node.kind == "group" else _box(node)
        behind = _BEHIND if node.stacked else 0
        half = (drawing.width - behind) / 2
        self.elements += moved(drawing, -half, self.y)
        self.reach(-half, half + behind)
        self.spots[node.key] = _Spot(self.y, self.y + drawing.height - behind, half)
        self.y += drawing.height

    def _span(self, source: int, links: list[tuple[Link, int]]) -> tuple[float, int]:
        return max(self.spots[target].top for _, target in links) - self.spots[source].bottom, source

    def _trunk(self, start: _Spot, links: list[tuple[Link, int]]) -> None:
        """One line from the side of a node down past others, with a branch to each that takes its value."""
        ends = [self.spots[target] for _, target in links]
        bottom, words = max(end.entry for end in ends), links[0][0].text
        x = self._free(start.exit, bottom, mono_width(words, _TYPE))
        down = f"M{number(-start.half)} {number(start.exit)}H{number(x + 8)}q-8 0 -8 8V{number(bottom - 8)}"
        self.elements.append(path(down, "link thin"))
        for end in ends:
            branch = f"M{number(x)} {number(end.entry - 8)}q0 8 8 8H{number(-end.half - 7)}"
            self.elements.append(path(branch, "link thin"))
            self.elements.append(_head(-end.half, end.entry, "right"))
        self.elements.append(text(x - 6, start.exit + 16, words, _TYPE, "muted mono", "end"))

    def _free(self, top: float, bottom: float, words: float) -> float:
        """The nearest place left of all nodes in between where no other lane is."""
        passed = [one.half for one in self.spots.values() if one.bottom > top - 1 and one.top < bottom + 1]
        x = -max(passed) - 16
        for lane in sorted(self.lanes, key=lambda one: -one.right):
            beside = lane.top < bottom + 8 and lane.bottom > top - 8
            if beside and lane.left - 8 < x and x - words - 6 < lane.right + 8:
                x = lane.left - 14
        self.lanes.append(_Lane(top, bottom, x - words - 6, x))
        self.reach(x - words - 6, 0)
        return x


def _arrow(x: float, top: float, bottom: float) -> list[str]:
    return [line(x, top, x, bottom - 6, "link thin"), _head(x, bottom, "down")]


def _head(x: float, y: float, way: str) -> str:
    """The head of an arrow that ends at a point."""
    if way == "down":
        return path(f"M{number(x)} {number(y)}l-4 -8h8z", "dot thin")
    return path(f"M{number(x)} {number(y)}l-8 -4v8z", "dot thin")


def _box(node: Node) -> Drawing:
    """A title, and below it what there is to say."""
    facts = " · ".join(node.facts)
    is_plain = node.kind in ("step", "value")
    title = sans_width(node.title, 12) if is_plain else bold_width(node.title, _TITLE)
    width = max(title, sans_width(facts, _FACT), 64) + 32
    height = 50.0 if facts else 38.0 if not is_plain else 30.0
    radius = 15.0 if node.kind == "value" else 6.0
    middle = height / 2
    size, classes = (12.0, "ink") if is_plain else (_TITLE, "ink bold")
    elements = [box(0, 0, width, height, _COLOURS[node.kind], radius)]
    elements.append(text(width / 2, middle - (9 if facts else 0), node.title, size, classes))
    if facts:
        elements.append(text(width / 2, middle + 10, facts, _FACT, "muted"))
    return Drawing(width, height, tuple(elements))


def _group(node: Node) -> Drawing:
    """A frame around its nodes; where it stands for several turns, with two more behind it."""
    column = _Column()
    column.fill(node.body, node.outlets, inlet=_LABEL)
    facts = " · ".join(node.facts)
    label = max(bold_width(node.title, 12), sans_width(facts, _FACT)) + 34 - _PAD
    half = max(-column.left, column.right, label) + _PAD
    height, behind = _LABEL + column.y, _BEHIND if node.stacked else 0
    width = 2 * half
    elements = []
    for shift in (_BEHIND, _BEHIND / 2) if node.stacked else ():
        elements.append(box(shift, shift, width, height, "group", 8))
    elements.append(box(0, 0, width, height, "group", 8))
    elements.append(text(14, 17, node.title, 12, "ink bold", "start"))
    elements.append(text(width - 14, 17, facts, _FACT, "muted", "end"))
    elements += moved(Drawing(0, 0, tuple(column.elements)), half, _LABEL)
    return Drawing(width + behind, height + behind, tuple(elements))
