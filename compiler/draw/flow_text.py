"""A model as text: boxes below each other, loops as frames, shapes on the way between.

What came before: a `Flow`. What leaves: text. Invariants: what a node takes from the node right above it is
a line between the two; what it takes from elsewhere is said with an arrow and the name of where it is from.
"""

from __future__ import annotations

from collections.abc import Sequence

from hqn.compiler.draw.flow import INLET, Flow, Link, Node

_PIPE = "  │"


def flow_text(flow: Flow) -> str:
    lines = [f"  {line}".rstrip() for line in _nodes(flow.nodes, None, ())]
    return "\n".join([flow.title, "  " + ", ".join(flow.facts), "", *lines])


def _nodes(nodes: Sequence[Node], before: int | None, outlets: Sequence[Link]) -> list[str]:
    """Nodes in order; `before` is the key of what stands above the first of them."""
    lines: list[str] = []
    titles = {node.key: node.title for node in nodes} | {INLET: "above"}
    for at, node in enumerate(nodes):
        lines += _way(node.links, before, titles)
        follower = nodes[at + 1].links if at + 1 < len(nodes) else outlets
        lines += _node(node, any(one.source == before for one in node.links), _leads(node.key, follower))
        before = node.key
    return [*lines, *_way(outlets, before, titles)]


def _leads(key: int, links: Sequence[Link]) -> bool:
    return any(link.source == key for link in links)


def _way(links: Sequence[Link], before: int | None, titles: dict[int, str]) -> list[str]:
    """The lines between two nodes: what comes from right above first."""
    near = [link for link in links if link.source == before]
    far = [link for link in links if link.source != before]
    pipe = _PIPE if near else "   "
    lines = (
        [f"{_PIPE} {', '.join(link.text for link in near)}"] if near else [""] if before is not None else []
    )
    return [*lines, *(f"{pipe} ← {link.text} from {titles[link.source]}" for link in far)]


def _node(node: Node, enters: bool, leaves: bool) -> list[str]:
    if node.kind == "value":
        return [f"  {node.title}"]
    if node.kind == "group":
        return _group(node, enters, leaves)
    text = "  ".join([node.title, ", ".join(node.facts)]).rstrip()
    top, bottom = "┴" if enters else "─", "┬" if leaves else "─"
    edge = "─" * (len(text) + 2)
    return [f"┌─{top}{edge[2:]}┐", f"│ {text} │", f"└─{bottom}{edge[2:]}┘"]


def _group(node: Node, enters: bool, leaves: bool) -> list[str]:
    inner = _nodes(node.body, INLET, node.outlets)
    label = " ".join([f" {node.title}", *(f"({fact})" for fact in node.facts)]) + " "
    width = max([len(label) + 4, *(len(line) + 2 for line in inner)])
    top = f"╔═{'╧' if enters else '═'}═{label}{'═' * (width - len(label) - 3)}╗"
    bottom = f"╚═{'╤' if leaves else '═'}{'═' * (width - 2)}╝"
    framed = [top, *(f"║ {line:<{width - 1}}║" for line in inner), bottom]
    return _stacked(framed, leaves) if node.stacked else framed


def _stacked(framed: list[str], leaves: bool) -> list[str]:
    """The frame with another one behind it."""
    first, second, *rest = framed
    behind = f" ╚{'╪' if leaves else '═'}{'═' * (len(first) - 3)}╝"
    return [first, f"{second}╗", *(f"{line}║" for line in rest), behind]
