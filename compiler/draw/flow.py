"""A model as boxes and what flows between them: plain data for text and SVG.

What came before: nothing; `read_flow` fills it. What leaves: `Flow`. Invariants: nodes stand in an order in
which every link goes forward; links within a group start at `INLET` where they come from outside, and what
they bring is a link of the group itself; texts are single lines without hidden characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

INLET = -1
"""The key of what comes from outside of a group."""

NodeKind = Literal["value", "step", "layer", "circuit", "group"]


@dataclass(frozen=True, slots=True)
class Link:
    """What one node gives another: `text` is the name of the value and its type."""

    source: int
    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """`facts` are said beside or below the title; a group holds nodes of its own and gives `outlets`.

    `stacked` is true where a group or layer stands for several turns.
    """

    key: int
    kind: NodeKind
    title: str
    facts: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    body: tuple[Node, ...] = ()
    outlets: tuple[Link, ...] = ()
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """One model: a title, what is said under it, and its nodes."""

    title: str
    facts: tuple[str, ...]
    nodes: tuple[Node, ...]


def in_chains(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The nodes in an order in which links go forward and as many as possible go to the next node."""
    rest, placed, last = list(nodes), {INLET}, INLET
    order: list[Node] = []
    while rest:
        ready = [node for node in rest if all(link.source in placed for link in node.links)]
        follower = next((node for node in ready if any(link.source == last for link in node.links)), ready[0])
        rest.remove(follower)
        order.append(follower)
        placed.add(follower.key)
        last = follower.key
    return tuple(order)
