"""What texts mean: trees of whole files, spans, precedence, newlines, limits."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syntax.strategies import modules
from syntax.unparse_items import unparse

from hqn.compiler.diagnostics import Sink
from hqn.compiler.source import Source
from hqn.compiler.syntax import ast
from hqn.compiler.syntax.parse import parse

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.hqn"))


def parsed(text: str) -> ast.Module:
    sink = Sink()
    module = parse(Source("m.hqn", text), sink)
    assert [found.message for found in sink.all] == []
    return module


def codes(text: str) -> list[str]:
    sink = Sink()
    parse(Source("m.hqn", text), sink)
    return [found.code for found in sink.all]


def value(text: str) -> ast.Expr:
    item = parsed(f"data d = {text}").items[0]
    assert isinstance(item, ast.Data)
    return item.value


def lines(text: str) -> tuple[ast.Statement, ...]:
    item = parsed("layer f() {\n" + text + "\n}").items[0]
    assert isinstance(item, ast.Definition) and isinstance(item.body, ast.Block)
    return item.body.statements


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_sketches_parse(path: Path) -> None:
    assert parsed(path.read_text(encoding="utf-8")).items


@given(modules)
def test_a_tree_is_read_back_from_its_plainest_text(module: ast.Module) -> None:
    assert parsed(unparse(module)) == module


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a ** b ** c", "a ** (b ** c)"),
        ("-a ** b", "-(a ** b)"),
        ("2 ** -a", "2 ** (-a)"),
        ("-a * b", "(-a) * b"),
        ("not a == b and c or d", "((not (a == b)) and c) or d"),
        ("sum(i in 0..n) a * b + c", "(sum(i in 0..n) (a * b)) + c"),
        ("-sum(i in 0..n) a - b", "(-(sum(i in 0..n) a)) - b"),
        ("a * prod(i in s) b * c", "a * (prod(i in s) (b * c))"),
        ("a .. b + 1", "a..(b + 1)"),
        ("f(x) on test >= 1", "(f(x) on test) >= 1"),
        ("a + f(x) as g * b", "a + ((f(x) as g) * b)"),
        ("e() under noisy(p) + 1", "(e() under (noisy(p))) + 1"),
        ("x |> f |> g as h", "(x |> f) |> (g as h)"),
        ("a + b |> f", "(a + b) |> f"),
        ("sum(x)", "(sum)(x)"),
        ("prod", "(prod)"),
    ],
)
def test_precedence(text: str, meaning: str) -> None:
    assert value(text) == value(meaning)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x = a\ny = b", 2),
        ("x = a; y = b", 2),
        ("x = a\n\n;;\n# c\ny = b;", 2),
        ("x = a +\n b", 1),
        ("x = a\n + b", 1),
        ("x = a\n  # why\n  |> f", 1),
        ("x = a\n and b", 1),
        ("x = a\n - b", 2),
        ("x = f(a,\n\n b\n)", 1),
        ("x = if a { b }\n else { c }", 1),
        ("x = f(map v in a {\n y = v\n yield y\n})", 1),
        ("h q\ncx q[0], q[1]", 2),
    ],
)
def test_a_newline_ends_a_statement_unless_the_line_goes_on(text: str, count: int) -> None:
    assert len(lines(text)) == count


def test_words_are_keywords_only_where_they_can_be_used() -> None:
    assert codes("layer f() { state = 1; next = state + weight; x = seed.data }") == []
    assert codes("layer f(data: f32, keep: f32) -> f32 { return stop(keep) * data }") == []
    assert codes("run r { steps 3; let keep = net; x = f(seed = 0, steps = 1); keep = 3 }") == []


def test_a_gate_is_a_value_followed_by_qubits() -> None:
    gate, call, bound = lines("ctrl @ rz(t) q[0], q[1] as a\nmeasure(q)\nb = measure(q)")
    assert isinstance(gate, ast.Gate)
    assert [modifier.kind for modifier in gate.modifiers] == ["ctrl"]
    assert gate.label is not None and gate.label.name == "a" and len(gate.operands) == 2
    assert isinstance(call, ast.Evaluate) and isinstance(bound, ast.Bind)


def test_an_arrow_type_with_several_parameters_has_parentheses() -> None:
    definition = parsed("layer f[g: (f32[a], f32) -> f32[b], k = 3](x: f32)").items[0]
    assert isinstance(definition, ast.Definition)
    arrow = definition.statics[0].type
    assert isinstance(arrow, ast.ArrowTypeExpr) and len(arrow.params) == 2 and len(definition.statics) == 2


def test_doc_comments_belong_to_what_stands_below_them() -> None:
    module = parsed("## one\n##  two\ndata d = 1\n\n## lost\n\ndata e = 2\n")
    assert [item.doc for item in module.items] == ["one\n two", None]


def test_memory_limits_are_bytes() -> None:
    (line,) = lines("contract y = a[i] * b[i] where rescale, memory <= 64 MiB")
    assert isinstance(line, ast.Contract) and line.rescale and isinstance(line.memory, ast.Int)
    assert line.memory.value == 64 * 2**20 and line.memory.span.text == "64 MiB"


SPANS = """## é
data d = "é" |> f(x)[0].b   # é
layer g[k = 1](a, b: f32[n]) -> f32 where n > 0 {
  weight w: idx[3][n] = (zeros + 1)
  y = sum(i in 0..n) w[i] * -a as z
  ctrl(2) @ rx(w) q[0], r
  return if y < 1 { y } else { x with {p = 1} }
}
run r { minimize y over net.w by adam(1e-2), x }
"""


@pytest.mark.parametrize(
    ("cls", "texts"),
    [
        (ast.Data, ['data d = "é" |> f(x)[0].b']),
        (ast.Pipe, ['"é" |> f(x)[0].b']),
        (ast.Attribute, ["f(x)[0].b", "net.w"]),
        (ast.Subscript, ["f(x)[0]", "w[i]", "q[0]"]),
        (ast.Param, ["a", "b: f32[n]"]),
        (ast.StaticParam, ["k = 1"]),
        (ast.IndexTypeExpr, ["idx[3][n]"]),
        (ast.Slot, ["weight w: idx[3][n] = (zeros + 1)"]),
        (ast.Reduction, ["sum(i in 0..n) w[i] * -a as z"]),
        (ast.Binder, ["i in 0..n"]),
        (ast.Range, ["0..n"]),
        (ast.Labelled, ["a as z"]),
        (ast.Modifier, ["ctrl(2) @"]),
        (ast.Gate, ["ctrl(2) @ rx(w) q[0], r"]),
        (ast.If, ["if y < 1 { y } else { x with {p = 1} }"]),
        (ast.Block, ["{ y }", "{ x with {p = 1} }"]),
        (ast.WithEntry, ["p = 1"]),
        (ast.Group, ["net.w by adam(1e-2)", "x"]),
    ],
)
def test_spans_are_exact(cls: type[ast.Node], texts: list[str]) -> None:
    found = [node.span.text for node in ast.walk(parsed(SPANS)) if isinstance(node, cls)]
    assert [text for text in found if "\n" not in text] == texts


def test_columns_count_characters() -> None:
    sink = Sink()
    parse(Source("m.hqn", 'data d = "éé" + )'), sink)
    (found,) = sink.all
    assert str(found.span) == "m.hqn:1:17"


@given(modules)
def test_every_span_lies_inside_its_parents(module: ast.Module) -> None:
    for node in ast.walk(parsed(unparse(module))):
        for child in node.children():
            assert node.span.start <= child.span.start <= child.span.end <= node.span.end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hqn 0.2\n???", ["HQN0113"]),
        ("hqn 1\n", ["HQN0113"]),
        ("hqn 0.1\n", []),
        ("hqn 0\n", []),
        ("data d = 9223372036854775807", []),
        ("data d = 9223372036854775808", ["HQN0110"]),
        ("data d = " + "9" * 10_000, ["HQN0110"]),
        ("data d = 1e999", ["HQN0110"]),
        ("data d = " + "(" * 201, ["HQN0111"]),
        ("data d = " + "-" * 300 + "1", ["HQN0111"]),
        ("data d = " + "1 + " * 300 + "1", ["HQN0111"]),
        ("data d = " + "1 + " * 150 + "1", []),
        ("data d = \u202e1", ["HQN0109"]),
        ("data d = 1 # \x07", ["HQN0109"]),
        ("data d = 1\r\n", []),
        ("\ufeffdata d = 1", []),
        ("data é = 1", ["HQN0108"]),
        (" " * (4 * 2**20 + 1), ["HQN0112"]),
    ],
    ids=lambda value: "",
)
def test_limits(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


CASES = {
    "long": "layer f() {\n" + "  x = a + b * f(c)[0]\n" * 10_000 + "}\n",
    "wide": "data d = [" + "1, " * 20_000 + "1]",
    "open": "(" * 100_000,
    "closed": "}" * 100_000,
    "broken lines": "layer f() {\n" + "  x = (\n" * 20_000,
    "one broken line": "data d = a b; " * 10_000,
    "quotes": '"' * 100_000,
    "blank": "data d = x" + "\n" * 100_000 + "|> f",
    "globs": "policy p { rule " + "a[0]." * 20_000,
    "docs": "##\n" * 50_000 + "data d = 1",
}


@pytest.mark.parametrize("name", CASES)
def test_time_is_linear(name: str) -> None:
    """Anything quadratic would take minutes here."""
    start = process_time()
    codes(CASES[name])
    assert process_time() - start < 6


TEXTS = [path.read_text(encoding="utf-8") for path in CORPUS]
SCRAPS = [
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "\n",
    '"',
    "=",
    "|>",
    " if ",
    "\nlayer ",
    "é",
    "\x00",
    "#",
    "..",
    "::",
    ";",
    "@",
]


@given(st.data())
def test_no_change_of_a_text_makes_the_parser_fail(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 40)))
        other = data.draw(st.integers(0, len(text)))
        scrap = data.draw(st.sampled_from([*SCRAPS, "", text[start:end][::-1], text[other : other + 20]]))
        text = text[:start] + scrap + text[end:]
    codes(text)


@given(st.text(st.sampled_from("abx01. \n(){}[]=|>@,;:#\"'$é\x00layerundtc_*-+/<"), max_size=200))
def test_no_text_makes_the_parser_fail(text: str) -> None:
    codes(text)
