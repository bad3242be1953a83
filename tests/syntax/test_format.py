"""`hqn fmt`: one style, reached in one step, that changes nothing but layout."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syntax.strategies import modules
from syntax.unparse_items import unparse

from hqn.compiler.diagnostics import Sink
from hqn.compiler.source import Source
from hqn.compiler.syntax import ast
from hqn.compiler.syntax.format import format_module
from hqn.compiler.syntax.layout import WIDTH
from hqn.compiler.syntax.parse import parse

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.hqn"))


def formatted(text: str) -> str:
    result = format_module(Source("m.hqn", text), Sink())
    assert result is not None
    return result


def tree(text: str) -> ast.Module:
    return parse(Source("m.hqn", text), Sink())


def comments(text: str) -> list[str]:
    """Comments of a text whose strings hold no `#`."""
    return [comment.rstrip() for comment in re.findall(r"#[^\n]*", text)]


def assert_only_layout_changes(text: str) -> str:
    result = formatted(text)
    assert tree(result) == tree(text)
    assert formatted(result) == result
    assert not re.search(r"[ \t]\n|\n\n\n|\A\n|\n\n\Z", result)
    return result


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_sketches(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    result = assert_only_layout_changes(text)
    assert comments(result) == comments(text)
    assert all(len(line.partition("#")[0].rstrip()) <= WIDTH for line in result.splitlines())


@given(modules)
def test_any_program(module: ast.Module) -> None:
    assert_only_layout_changes(unparse(module))


@given(modules, st.data())
def test_comments_stay_wherever_they_stand(module: ast.Module, data: st.DataObject) -> None:
    lines = unparse(module).replace("#", "_").splitlines()
    for index in data.draw(st.lists(st.integers(0, len(lines)), max_size=4)):
        lines.insert(index, data.draw(st.sampled_from(["", "# above", "  ## doc ", "\t#tab"])))
    for index in data.draw(st.lists(st.integers(0, len(lines) - 1), max_size=3)) if lines else ():
        lines[index] += "   # behind"
    text = "\n".join(lines)
    assert comments(assert_only_layout_changes(text)) == comments(text)


STYLE = [
    ("data  d=a+b*-c", "data d = a + b * -c\n"),
    ("data d=f( x ,k= 3 ) [ 0 ] . y :: z", "data d = f(x, k = 3)[0].y::z\n"),
    ("data d = x[ 0 .. n-1 step 2 , : , .. , new ]", "data d = x[0..n - 1 step 2, :, .., new]\n"),
    ("data d = sum( i in 0 .. n )( a )", "data d = sum(i in 0..n) (a)\n"),
    ("use std . a . { b,c }", "use std.a.{b, c}\n"),
    ("data d = net( x )with{ w=1 }", "data d = net(x) with {w = 1}\n"),
    ("data d = a# why\n\n\n\ndata e = b\n\n", "data d = a  # why\n\ndata e = b\n"),
    ("run r{seed 0;epochs 3}", "run r {\n  seed 0\n  epochs 3\n}\n"),
    ("layer f(){}", "layer f() {}\n"),
    ("layer f(){ # none\n}", "layer f() {  # none\n}\n"),
    ("layer f() { repeat i in 0..n {\n h q\n } }", "layer f() {\n  repeat i in 0..n { h q }\n}\n"),
    ("layer f() { if a {\n x q }\nif b {\n y q } }", "layer f() {\n  if a { x q }\n  if b { y q }\n}\n"),
    ("policy p { default w fix< 8,4 > sym }", "policy p {\n  default w fix<8, 4> sym\n}\n"),
    ("data d = f(\n # one\n a)", "data d = f(\n  # one\n  a\n)\n"),
    ("# only a comment", "# only a comment\n"),
    ("", ""),
    ("\n\n;\n", ""),
]


@pytest.mark.parametrize(("text", "expected"), STYLE, ids=range(len(STYLE)))
def test_style(text: str, expected: str) -> None:
    assert formatted(text) == expected


def test_a_long_pipe_has_a_line_per_stage() -> None:
    stages = [f"dense[{size}] as layer{size}" for size in range(8)]
    expected = "data d = x\n" + "".join(f"  |> {stage}\n" for stage in stages)
    assert formatted("data d = x |> " + " |> ".join(stages)) == expected


def test_a_long_call_has_a_line_per_argument() -> None:
    arguments = [f"argument{size} = {size}" for size in range(10)]
    expected = "data d = f(\n" + ",\n".join(f"  {one}" for one in arguments) + "\n)\n"
    assert formatted(f"data d = f({', '.join(arguments)})") == expected


def test_a_long_sum_breaks_behind_operators() -> None:
    lines = formatted("data d = " + " + ".join(f"parameter{number}" for number in range(20))).splitlines()
    assert len(lines) == 3
    assert all(line.endswith(" +") and len(line) <= WIDTH for line in lines[:-1])


def test_a_text_with_mistakes_is_not_formatted() -> None:
    sink = Sink()
    assert format_module(Source("m.hqn", "data d ="), sink) is None
    assert sink.has_errors
