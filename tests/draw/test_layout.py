"""What holds for every picture: nothing is lost, nothing overlaps, order stays, SVG is well formed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.draw.circuit import MOST, picture
from hqn.compiler.draw.layout import Bracket, Layout, Placed, lay_out
from hqn.compiler.draw.picture import Frame, Layer, Picture, Symbol
from hqn.compiler.draw.svg import picture_svg
from hqn.compiler.draw.svg_parts import page
from hqn.compiler.draw.text import picture_text
from hqn.compiler.ir.qc import GateOp
from support.circuits import Gate, Repeat, built, random_steps

WIRES = 4
Wires = tuple[int, ...]


def drawn(*steps: object) -> tuple[Picture, Layout]:
    module = built(WIRES, *steps).module  # type: ignore[arg-type]
    one = picture(module, module["c"])
    return one, lay_out(one)


@given(random_steps(WIRES))
def test_every_gate_of_the_circuit_is_drawn_once_and_in_order(steps: tuple[object, ...]) -> None:
    module = built(WIRES, *steps).module  # type: ignore[arg-type]
    gates = [op for op in module["c"].walk() if isinstance(op, GateOp)]
    written = [wires for gate in gates for wires in gate.wires]
    shown = [one.wires for one in picture(module, module["c"]).symbols() if one.kind != "query"]
    assert shown == written


@given(random_steps(WIRES))
def test_nothing_overlaps_and_order_on_a_wire_is_kept(steps: tuple[object, ...]) -> None:
    one, layout = drawn(*steps)
    assert [placed.symbol for placed in layout.placed] == list(one.symbols())
    for wire in range(WIRES):
        columns = [p.column for p in layout.placed if p.symbol.low <= wire <= p.symbol.high]
        assert all(before < after for before, after in pairwise(columns))
        sides = [side for b in layout.brackets if b.low <= wire <= b.high for side in (b.first, b.last)]
        assert len(set(sides)) == len(sides) and not set(sides) & set(columns)


@given(random_steps(WIRES))
def test_a_frame_holds_its_body_and_nothing_else_on_its_wires(steps: tuple[object, ...]) -> None:
    _, layout = drawn(*steps)
    for bracket in layout.brackets:
        for placed in layout.placed:
            if placed.symbol.high < bracket.low or placed.symbol.low > bracket.high:
                continue
            within = bracket.first < placed.column < bracket.last
            assert not within or bracket.low <= placed.symbol.low <= placed.symbol.high <= bracket.high
    looped = sum(len(gate.wires) for step in steps if isinstance(step, Repeat) for gate in step.body)
    assert sum(any(_holds(b, p) for b in layout.brackets) for p in layout.placed) == looped


def _holds(bracket: Bracket, placed: Placed) -> bool:
    on = bracket.low <= placed.symbol.low and placed.symbol.high <= bracket.high
    return on and bracket.first < placed.column < bracket.last


@given(random_steps(WIRES), st.integers(20, 200))
def test_text_shows_every_box_whole_at_any_width(steps: tuple[object, ...], width: int) -> None:
    one, _ = drawn(*steps)
    text = picture_text(one, width)
    for symbol in one.symbols():
        assert symbol.form != "box" or symbol.text in text
    widest = max((len(symbol.text) for symbol in one.symbols()), default=0)
    assert max(map(len, text.splitlines())) <= max(width, widest + 20, len(one.title))


@given(random_steps(WIRES))
def test_svg_is_well_formed_and_has_one_group_per_symbol(steps: tuple[object, ...]) -> None:
    one, _ = drawn(*steps)
    root = ET.fromstring(page([picture_svg(one)], "c"))
    assert sorted(_titles(root)) == sorted(symbol.text for symbol in one.symbols())


def _titles(root: ET.Element) -> Iterator[str]:
    space = "{http://www.w3.org/2000/svg}"
    for group in root.iter(f"{space}g"):
        title = group.find(f"{space}title")
        if title is not None:
            yield title.text or ""


def test_a_picture_has_an_end() -> None:
    wires = tuple((at % WIRES,) for at in range(1000))
    one, _ = drawn(*[Gate("h", wires)] * 6)
    assert sum(1 for _ in one.symbols()) == MOST
    assert one.left_out == 6000 + 1 - MOST
    assert "… and 2,001 more gates" in picture_text(one, 100)


def test_text_of_users_reaches_svg_only_escaped() -> None:
    one = Picture("<a> & \u202e b", ("<script>",), ("<q>",), ())
    text = page([picture_svg(one)], "<t>")
    assert ET.fromstring(text) is not None
    assert "<script>" not in text and "\u202e" not in text


def test_gates_under_bits_stand_right_of_their_measurement() -> None:
    """Also where they share no wire with it, and inside of a frame."""
    measured = Symbol("measure", "measure", (0,), writes=(0,))
    under = Symbol("x", "fixed", (2,), condition="b0", reads=(0,))
    first = Layer((Symbol("h", "fixed", (0,)),))
    elements = (first, Layer((measured,)), Layer((under,)), Frame("x 3", (Layer((under,)),)))
    layout = lay_out(Picture("c", (), ("q0", "q1", "q2"), elements))
    assert [one.column for one in layout.placed] == [0, 1, 2, 4]
    assert "x if b0" in picture_text(Picture("c", (), ("q0", "q1", "q2"), elements), 80)
