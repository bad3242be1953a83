"""What is said about mistakes: a golden message beside each broken file, and several mistakes at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from hqn.compiler.diagnostics import Diagnostic, Sink
from hqn.compiler.diagnostics.render import render
from hqn.compiler.source import Source
from hqn.compiler.syntax import errors
from hqn.compiler.syntax.parse import parse
from support.goldens import Goldens

FILES = sorted((Path(__file__).parent / "errors").glob("*.hqn"))


def found_in(text: str, name: str = "m.hqn") -> list[Diagnostic]:
    sink = Sink()
    parse(Source(name, text), sink)
    return sink.all


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_messages(path: Path, golden: Goldens) -> None:
    found = found_in(path.read_text(encoding="utf-8"), path.name)
    assert found
    golden(path.with_suffix(".err"), "\n\n".join(map(render, found)))


def test_every_message_has_a_golden() -> None:
    shown = {one.code for path in FILES for one in found_in(path.read_text(encoding="utf-8"))}
    classes = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, Diagnostic)]
    own = {cls.code for cls in classes if cls.__module__ == errors.__name__}
    too_large_to_commit = {"HQN0112"}
    assert own == shown | too_large_to_commit


PLANTED = {
    "  y = relu(x)": "  y = relu(x",
    "layer second(": "layer second",
    "  return y + 1": "  retrun y + 1",
    "  epochs 3": "  epochs =",
    "data d = digits": "data d digits",
}
WHOLE = """layer first(x: f32) -> f32 {
  y = relu(x)
  return y + 1
}
layer second(x: f32) -> f32 {
  return x
}
data d = digits
run r {
  let net = first
  epochs 3
  seed 0
}
"""


def test_several_mistakes_give_one_message_each() -> None:
    text = WHOLE
    for right, wrong in PLANTED.items():
        text = text.replace(right, wrong, 1)
    assert found_in(WHOLE) == []
    assert [one.span.begin.line for one in found_in(text) if one.span] == [2, 3, 5, 8, 11]


@pytest.mark.parametrize("right", PLANTED)
def test_a_mistake_hides_nothing_outside_its_statement(right: str) -> None:
    sink = Sink()
    module = parse(Source("m.hqn", WHOLE.replace(right, PLANTED[right], 1)), sink)
    assert len(sink.all) == 1
    assert len(module.items) >= 3


def test_at_the_end_of_the_text_the_place_is_behind_the_last_word() -> None:
    (found,) = found_in("data d\n\n# a comment\n")
    assert found.span is not None and (found.span.start, found.span.end) == (6, 6)
