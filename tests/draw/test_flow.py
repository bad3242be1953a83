"""What holds for the diagram of any model: nothing is lost, links go forward, SVG is well formed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings

from hqn.compiler import driver
from hqn.compiler.diagnostics import Sink
from hqn.compiler.draw import read_flow as read_flow_module
from hqn.compiler.draw.flow import INLET, Flow, Link, Node, in_chains
from hqn.compiler.draw.flow_svg import flow_svg
from hqn.compiler.draw.flow_text import flow_text
from hqn.compiler.draw.read_flow import read_flow
from hqn.compiler.draw.svg_parts import page
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.ir.module import Built
from hqn.compiler.source import Source
from support.written import Written, programs

some = settings(suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large))


def compiled(text: str) -> Built:
    checked = driver.check(Source("model.hqn", text), Sink())
    assert checked is not None
    return driver.build(checked, ())


def flow_of(built: Built) -> Flow:
    return read_flow(built.module, built.module[built.entries[0].evaluation])


def every(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from every(node.body)


@given(programs())
@some
def test_every_loop_is_one_stacked_frame(written: Written) -> None:
    built = compiled(written.text)
    func = built.module[built.entries[0].evaluation]
    loops = sum(isinstance(op, LoopOp) for op in func.walk())
    frames = [node for node in every(flow_of(built).nodes) if node.stacked]
    assert len(frames) >= loops


@given(programs())
@some
def test_links_go_forward_and_stay_in_their_group(written: Written) -> None:
    flow = flow_of(compiled(written.text))
    check_level(flow.nodes, (), None)


def check_level(nodes: Sequence[Node], outlets: Sequence[Link], inlet: int | None) -> None:
    known = set() if inlet is None else {inlet}
    for node in nodes:
        assert {link.source for link in node.links} <= known
        check_level(node.body, node.outlets, INLET)
        known.add(node.key)
    assert {link.source for link in outlets} <= known


@given(programs())
@some
def test_text_and_svg_show_every_box(written: Written) -> None:
    flow = flow_of(compiled(written.text))
    text, svg = flow_text(flow), page([flow_svg(flow)], "model")
    shown = [element.text for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    for node in every(flow.nodes):
        assert node.title in text
        assert node.title in shown


def test_what_follows_stands_next() -> None:
    """x -> a -> b, y -> c, (b, c) -> d: each chain stays together."""
    a, b = Node(2, "step", "a", links=(Link(0, ""),)), Node(4, "step", "b", links=(Link(2, ""),))
    c = Node(3, "step", "c", links=(Link(1, ""),))
    d = Node(5, "step", "d", links=(Link(4, ""), Link(3, "")))
    nodes = [Node(0, "value", "x"), Node(1, "value", "y"), a, c, b, d]
    assert [node.title for node in in_chains(nodes)] == ["x", "a", "b", "y", "c", "d"]


def test_a_diagram_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_flow_module, "MOST", 2)
    lines = "\n".join(f"  y{i} = dense[3](x) as d{i}" for i in range(6))
    added = " + ".join(f"y{i}" for i in range(6))
    head = "use std.layers.{dense}\nmodel net(x: f32[3]) -> f32[3] {\n"
    flow = flow_of(compiled(f"{head}{lines}\n  return {added}\n}}\n"))
    assert [node.title for node in flow.nodes] == ["x: f32[3]", "d0: dense", "d1: dense", "result"]
    assert flow.facts[-1] == "9 more steps are not drawn"
    assert "9 more steps" in flow_text(flow) and "9 more steps" in page([flow_svg(flow)], "net")
