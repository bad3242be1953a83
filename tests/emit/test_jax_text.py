"""The text of emitted modules: its form, its safety, its places."""

from __future__ import annotations

import ast

import pytest
from emit.build import Function, dense
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.diagnostics import Sink
from hqn.compiler.emit import text as safe
from hqn.compiler.emit.jax.code import WIDTH, Code, binary, laid_out, negative
from hqn.compiler.emit.jax.module import module_text
from hqn.compiler.emit.jax.target import JaxTarget
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Built, Entry, Module
from hqn.compiler.ir.xdsl_api import FileLineColLoc, IntAttr, StringAttr
from hqn.compiler.types.runs.specs import Assertion, Data, Run, Split
from hqn.runtime.loading import load
from support.goldens import Goldens
from support.repository import ROOT

HOSTILE = [
    'a"""\nimport os\n"""', "a'\nimport os", "a\\", 'a"', "a\r\nimport os", "a\x0cimport os",
    "a\u2028import os",
    "a\x00b", "{p}", "%s", "# a", "'''", "\\N{DIGIT ONE}", "a\u202eb", '"""', "\\\"\"\"",
]  # fmt: skip


def model(name: str = "net", source: str = "test.hqn:1", doc: str | None = None) -> tuple[FuncOp, FuncOp]:
    layer, net = dense(2, 3), Function(name, [(2,)], kind="model")
    value = net.body.call(layer, "head", net.body.args[0])
    return layer, net.done(value, source=source, doc=doc)


def built(*functions: FuncOp, **parts: object) -> Built:
    return Built(Module.of(functions), entries=(Entry("net", "net", "net"),), **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_text_of_a_user_becomes_code(words: str) -> None:
    functions = model(source=words, doc=words)
    functions[1].block.first_op.location = FileLineColLoc(StringAttr(words), IntAttr(3), IntAttr(1))  # type: ignore
    run = Run("fit", asserts=(Assertion(True, words, words),))
    data = Data("d", "digits_8x8", (Split((("train", 3),)),), ())
    text = JaxTarget(words).emit(built(*functions, runs=(run,), data=(data,))).text
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    assert not names & {"os", "import_os"}
    program = load(text, "test")
    assert program.runs["fit"].spec.asserts[0].text == words
    harmless = JaxTarget("x").emit(built(*model(), runs=(run,), data=(data,))).text
    assert len(text.splitlines()) == len(harmless.splitlines())


@pytest.mark.parametrize("name", ["a b", "1a", "a-b", "class", "a\nb", "", "é", "__import__"])
def test_a_name_that_is_no_identifier_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        safe.identifier(name)
    assert safe.is_identifier(safe.as_identifier(name))


@given(st.text())
def test_comments_docstrings_and_literals_stay_what_they_are(words: str) -> None:
    body = safe.docstring(words), f"return {safe.literal(words)}  # {safe.comment(words)}"
    (function,) = ast.parse("def f():\n    " + "\n    ".join(body) + "\n").body
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == 2
    assert ast.literal_eval(function.body[1].value) == words  # type: ignore[attr-defined, arg-type]


@given(st.floats())
def test_numbers_read_back(value: float) -> None:
    assert repr(eval(safe.number(value))) == repr(value)


EXPRESSIONS = st.recursive(
    st.sampled_from(["x", "y_2", "0.5", 'p["w"]', "f(x, y_2)"]).map(Code),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "/", "**", "<", "=="]), inner, inner).map(
            lambda t: binary(*t)
        ),
        inner.map(negative),
        st.lists(inner, min_size=1, max_size=4).map(
            lambda items: Code(f"f({', '.join(i.text for i in items)})")
        ),
        inner.map(lambda one: Code(f"{one.atom}[..., None]")),
    ),
    max_leaves=40,
)


@given(EXPRESSIONS)
def test_long_lines_are_broken_without_a_change(code: Code) -> None:
    lines = laid_out(f"value = {code.text}", 4)
    (broken,) = ast.parse("if 1:\n" + "\n".join(lines)).body
    (whole,) = ast.parse(f"value = {code.text}").body
    assert isinstance(broken, ast.If)
    assert ast.dump(broken.body[0]) == ast.dump(whole)


def test_calls_are_broken_to_the_width_of_the_page() -> None:
    inner = f"g({', '.join(['word'] * 15)})"
    lines = laid_out(f"value = f({', '.join([inner] * 3)})", 4)
    assert lines == ["    value = f(", *[f"        {inner},"] * 3, "    )"]
    assert max(map(len, lines)) == WIDTH


@given(st.sampled_from(["+", "-", "*", "/", "**"]), st.sampled_from(["+", "-", "*", "/", "**"]))
def test_brackets_keep_the_order_of_evaluation(outer: str, inner: str) -> None:
    a, b, c = Code("a"), Code("b"), Code("c")
    values = {"a": 2.0, "b": 3.0, "c": 0.5}
    left, right = binary(outer, binary(inner, a, b), c), binary(outer, a, binary(inner, b, c))
    whole_left = eval(f"(a {inner} b) {outer} c", dict(values))
    whole_right = eval(f"a {outer} (b {inner} c)", dict(values))
    assert eval(left.text, dict(values)) == whole_left
    assert eval(right.text, dict(values)) == whole_right
    assert eval(negative(binary(inner, a, b)).text, dict(values)) == -eval(f"(a {inner} b)", dict(values))


def test_lines_know_where_they_come_from() -> None:
    functions = model()
    call = functions[1].block.first_op
    assert call is not None
    call.location = FileLineColLoc(StringAttr("test.hqn"), IntAttr(12), IntAttr(3))
    text, places = module_text("test.hqn", functions, lambda _: "")
    (number,) = [number for number, line in enumerate(text.splitlines(), 1) if 'named_scope("head")' in line]
    assert places[number] == places[number + 1] == "test.hqn:12"
    assert text.splitlines()[number - 1].endswith("  # test.hqn:12")


def test_functions_that_are_equal_are_emitted_once() -> None:
    layer, net = model()
    again, train = dense(2, 3), Function("net_train", [(2,)], kind="model")
    again.properties["sym_name"] = StringAttr("dense_2_3_train")
    value = train.body.call(again, "head", train.body.args[0])
    twin = train.done(value)
    twin.properties["definition"] = StringAttr("net")
    program = Built(Module.of([layer, net, again, twin]), entries=(Entry("net", "net", "net_train"),))
    text = JaxTarget("test.hqn").emit(program).text
    assert text.count("def ") == 2
    assert load(text, "test").models["net"].training is None


def test_a_model_tells_its_slots_by_path() -> None:
    text = JaxTarget("test.hqn").emit(built(*model())).text
    found = load(text, "test").models["net"]
    assert [(slot.path, slot.shape, slot.initial, slot.args) for slot in found.slots] == [
        ("head.W", (3, 2), "normal", (1.0,)),
        ("head.b", (3,), "normal", (1.0,)),
    ]
    assert [given.shape for given in found.inputs] == [(2,)]


@pytest.mark.parametrize("path", ["examples/digits.hqn", "tests/emit/goldens/loops.hqn"])
def test_modules_as_they_were_agreed(path: str, golden: Goldens, needs_driver: None) -> None:
    """The emitted module of a file, as it stands beside it."""
    from hqn.compiler import driver
    from hqn.compiler.source import Source

    file, sink = ROOT / path, Sink()
    checked = driver.check(Source(file.name, file.read_text(encoding="utf-8")), sink)
    assert checked is not None
    text = driver.jax_text(driver.build(checked), file.name, sink)
    assert text is not None
    golden(file.with_suffix(".expected.py"), text)
    assert all(len(line) <= WIDTH for line in text.splitlines())
