"""Messages: what they look like, that marks stand below what they mark, and that nothing breaks them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.diagnostics import Diagnostic, Note, Sink
from hqn.compiler.diagnostics.render import render, render_all, to_json
from hqn.compiler.diagnostics.style import WIDEST
from hqn.compiler.source import Source, Span
from support.goldens import Goldens

HERE = Path(__file__).parent


class Clash(Diagnostic):
    """Stands for any diagnostic; it is not part of hqn, so it needs no page."""

    title = "sizes do not match"
    label = "`{left}` is f32[3], `b` is f32[4]"

    left: str = "a"
    other: Span | None = None
    advice: tuple[str, ...] = ()

    code = "HQN0899"

    def notes(self) -> Iterator[Note]:
        if self.other:
            yield Note("`b` got its size here", self.other)
        yield Note("sizes must be equal")

    def helps(self) -> Iterator[str]:
        yield from self.advice


def at(source: Source, words: str, **more: object) -> Clash:
    start = source.text.index(words)
    return Clash(span=source.span(start, start + len(words)), **more)  # type: ignore[arg-type]


PLAIN = Source("a.hqn", "model m(x: f32[3]) -> f32[3] {\n  a = x\n  b = pad(x)\n  y = a + b\n  return y\n}\n")
TABS = Source("tabs.hqn", "# 漢字\n\tname = '漢' + é + x\t+ y\n")
HIDDEN = Source("a\nerror[HQN0000]: fake.hqn", "x = \x07\u202ea\u200b + b\r\ny = \x1b[31mred\n")
LONG = Source("long.hqn", "x = " + "a + " * 200 + "wrong" + " + b" * 200 + "\n")
SOURCES = {
    "plain": at(PLAIN, "a + b", other=at(PLAIN, "pad(x)").span, advice=("write `a[0..3]`",)),
    "tabs": at(TABS, "x\t+ y"),
    "wide": at(TABS, "'漢'"),
    "hidden": at(HIDDEN, "a\u200b", left="a\nb\x1b[0m"),
    "long": at(LONG, "wrong"),
    "lines": at(PLAIN, "a = x\n  b = pad(x)\n", advice=("first\n  second",)),
    "many_lines": at(PLAIN, PLAIN.text.strip()),
    "end_of_file": Clash(span=PLAIN.span(len(PLAIN.text), len(PLAIN.text))),
    "no_file": Clash(advice=("one", "two")),
    "long_label": at(PLAIN, "pad(x)", left=" ".join(f"word{i}" for i in range(60))),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_message_looks_as_agreed(name: str, golden: Goldens) -> None:
    golden(HERE / "goldens" / f"{name}.expected.txt", render(SOURCES[name]))


@pytest.mark.parametrize("name", SOURCES)
def test_colour_changes_nothing_but_colour(name: str) -> None:
    painted = render(SOURCES[name], color=True)
    assert "\033[" in painted
    assert without_colour(painted) == render(SOURCES[name])


def without_colour(text: str) -> str:
    head, *parts = text.split("\033[")
    return head + "".join(part.partition("m")[2] for part in parts)


def columns(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


texts = st.text(st.characters(codec="utf-8") | st.sampled_from("\t\n\r \u202e漢é\u0301\x00"), max_size=80)


@given(text=texts, name=texts, first=st.integers(0, 80), second=st.integers(0, 80))
def test_no_text_breaks_a_message(text: str, name: str, first: int, second: int) -> None:
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    source = Source(name, text)
    message = render(Clash(span=source.span(start, end), left=text, other=source.span(end, end)))
    for line in message.split("\n"):
        assert all(unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp") for c in line)
        assert columns(line) <= 5 * WIDEST
        assert line.startswith((" ", "error[HQN0899]", "note: ", "..."))
    assert len(message.split("\n")) < 60


@given(st.text("ab\t漢é", max_size=60), st.integers(0, 60), st.integers(1, 9))
def test_marks_stand_below_what_they_mark(before: str, gap: int, size: int) -> None:
    text = before + "!" * size + " " * gap + "end"
    source = Source("m.hqn", text)
    rows = render(Clash(span=source.span(len(before), len(before) + size))).split("\n")
    shown, marks = rows[3], rows[4]
    assert columns(shown[: shown.index("!")]) == columns(marks[: marks.index("^")])
    assert shown.count("!") == marks.count("^")


def test_a_line_of_a_million_characters_is_cut() -> None:
    source = Source("m.hqn", "a" * 500_000 + "!" + "b" * 500_000)
    row = render(Clash(span=source.span(500_000, 500_001))).split("\n")[3]
    assert "a!b" in row
    assert len(row) < WIDEST + 10


def test_everything_found_is_counted_and_twenty_are_shown() -> None:
    sink = Sink()
    for offset in range(25):
        sink.report(Clash(span=PLAIN.span(offset, offset + 1)))
    text = render_all(sink)
    assert text.count("error[HQN0899]") == 20
    assert "25 errors, the first 20 are shown" in text
    assert render_all(Sink()) == ""


def test_json_counts_lines_from_one_and_offsets_from_zero() -> None:
    (found,) = json.loads(json.dumps(to_json([SOURCES["plain"]])))
    assert found["code"] == "HQN0899"
    assert found["message"] == "`a` is f32[3], `b` is f32[4]"
    assert found["span"] == {
        "file": "a.hqn",
        "start": PLAIN.text.index("a + b"),
        "end": PLAIN.text.index("a + b") + 5,
        "line": 4,
        "column": 7,
        "end_line": 4,
        "end_column": 12,
    }
    assert [note["text"] for note in found["notes"]] == ["`b` got its size here", "sizes must be equal"]
    assert found["helps"] == ["write `a[0..3]`"]


def test_a_long_chain_of_notes_fits_a_screen() -> None:
    """Two notes are always shown; further ones begin while there is room, and the rest is counted."""
    chain = tuple(Note(f"called here {i}", at(PLAIN, "pad(x)").span) for i in range(30))
    lines = render(at(PLAIN, "a + b").led_by(chain)).splitlines()
    assert len(lines) <= 34
    assert "more notes" in lines[-1]
    assert sum("called here" in line for line in lines) >= 2
