"""Small mistakes in texts: a size changed, an index dropped, a name changed, one qubit twice, tokens lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

TOKEN = re.compile(
    r'\n|#[^\n]*|"[^"\n]*"|[A-Za-z_]\w*|\d+(?:\.\d+)?(?:[eE]-?\d+)?|\|>|->|::|\.\.|[<>=!*/]=|\*\*|//|\S'
)
SPARE = (
    "0", "1", "3", "7", "99", "-1", "1e9", "0.5", "true", "x", "q", "n", "h", "return", "yield",
    "weight", "f32", "angle", "repeat", "map", "scan", "contract", "qubits", "if", "else", "(", ")",
    "[", "]", "{", "}", "|>", "->", "..", "::", "**", "//", "%", "@", "as", "in", "ctrl", "inv",
    "with", "new", ":", "\n", ";", ",", "=", "==", "é", "\u202e", "\x00", '"',
)  # fmt: skip


def tokens(text: str) -> list[str]:
    return TOKEN.findall(text)


def joined(parts: Sequence[str]) -> str:
    return " ".join(parts).replace(" \n ", "\n")


def _change_number(draw: st.DrawFn, parts: list[str]) -> None:
    places = [at for at, part in enumerate(parts) if part[0].isdigit()]
    if places:
        number = draw(st.sampled_from(["0", "1", "2", "3", "5", "17", "64", "1000000007", "0.5", "9" * 30]))
        parts[draw(st.sampled_from(places))] = number


def _change_name(draw: st.DrawFn, parts: list[str]) -> None:
    """Another name of the same text, or one that nothing has."""
    places = [at for at, part in enumerate(parts) if part.isidentifier()]
    if places:
        names = [*{parts[at]: None for at in places}, "nobody"]
        parts[draw(st.sampled_from(places))] = draw(st.sampled_from(names))


def _drop_brackets(draw: st.DrawFn, parts: list[str]) -> None:
    """An index, a size or an argument list goes."""
    opened = [at for at, part in enumerate(parts) if part in "[({"]
    if opened:
        start = draw(st.sampled_from(opened))
        closing = {"[": "]", "(": ")", "{": "}"}[parts[start]]
        if closing in parts[start:]:
            del parts[start : parts.index(closing, start) + 1]


def _drop(draw: st.DrawFn, parts: list[str]) -> None:
    start = draw(st.integers(0, len(parts) - 1))
    del parts[start : start + draw(st.integers(1, 4))]


def _insert(draw: st.DrawFn, parts: list[str]) -> None:
    parts.insert(draw(st.integers(0, len(parts))), draw(st.sampled_from(SPARE)))


def _repeat(draw: st.DrawFn, parts: list[str]) -> None:
    """A piece of the text stands elsewhere too."""
    start, to = draw(st.integers(0, len(parts) - 1)), draw(st.integers(0, len(parts)))
    parts[to:to] = parts[start : start + draw(st.integers(1, 12))]


def _same_operand(draw: st.DrawFn, parts: list[str]) -> None:
    """`q[0], q[1]` becomes `q[0], q[0]`."""
    places = [at for at in range(4, len(parts) - 4) if parts[at] == "," and parts[at - 1] == "]"]
    if places:
        comma = draw(st.sampled_from(places))
        parts[comma + 1 : comma + 5] = parts[comma - 4 : comma]


def _swap(draw: st.DrawFn, parts: list[str]) -> None:
    first, second = (draw(st.integers(0, len(parts) - 1)) for _ in range(2))
    parts[first], parts[second] = parts[second], parts[first]


MISTAKES: tuple[Callable[[st.DrawFn, list[str]], None], ...] = (
    _change_number, _change_number, _change_name, _change_name, _drop_brackets, _drop, _insert, _repeat,
    _same_operand, _swap,
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """A text with one to three mistakes; some of them leave it right."""
    parts = tokens(draw(texts))
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        if parts:
            draw(st.sampled_from(MISTAKES))(draw, parts)
    return joined(parts)
