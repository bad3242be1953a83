"""Modules and top-level names: what is said about mistakes, and what no text can reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render
from hqn.compiler.names import builtins, resolve
from hqn.compiler.names.load import project_loader
from hqn.compiler.names.resolve import LoadFailure
from hqn.compiler.source import Source
from hqn.compiler.syntax.parse import parse
from hqn.compiler.types.bodies.elementwise import ARITY
from hqn.compiler.types.prims.table import RULES
from support.checked import check_source, checked, codes
from support.goldens import Goldens

HERE = Path(__file__).parent
PROJECT = HERE / "project"


@pytest.mark.parametrize("name", ["imports", "definitions"])
def test_what_is_said_about_a_text(name: str, golden: Goldens, tmp_path: Path) -> None:
    path = HERE / "errors" / f"{name}.hqn"
    found = check_source(Source(path.name, path.read_text(encoding="utf-8")), str(PROJECT)).sink
    golden(path.with_suffix(".err"), "\n\n".join(render(one) for one in found.all))


def test_a_file_of_the_project_is_used() -> None:
    text = "use local.inner.good.{fine}\nmodel m(x: f32[4]) -> f32[4] { return fine(x) }\n"
    found = check_source(Source("main.hqn", text), str(PROJECT))
    assert not found.sink.all
    assert found.entry("m").evaluation.children[0].function.definition == "fine"


def test_only_the_given_function_reads_files() -> None:
    asked: list[tuple[str, ...]] = []

    def load(path: tuple[str, ...]) -> Source | LoadFailure:
        asked.append(path)
        return Source("part.hqn", "layer part(x: f32) -> f32 { return x }\n")

    sink = Sink()
    tree = parse(Source("main.hqn", "use std.a.{part}\nuse local.b.c.{part}\nuse std.a.{part}\n"), sink)
    resolve.resolve(tree, load, sink)
    assert asked == [("std", "a"), ("local", "b", "c")]


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.hqn").write_text("layer secret(x: f32) -> f32 { return x }\n")
    inside = tmp_path / "project"
    inside.mkdir()
    (inside / "link.hqn").symlink_to(tmp_path / "secret.hqn")
    found = project_loader(str(inside))(("local", "link"))
    assert isinstance(found, LoadFailure)
    assert "outside" in found.reason


def test_too_many_files_are_refused() -> None:
    def load(path: tuple[str, ...]) -> Source:
        number = int(path[1][1:])
        return Source(
            f"{path[1]}.hqn", f"use local.m{number + 1}.{{x}}\nlayer x(a: f32) -> f32 {{ return a }}\n"
        )

    sink = Sink()
    resolve.resolve(parse(Source("main.hqn", "use local.m0.{x}\n"), sink), load, sink)
    assert "HQN0209" in [found.code for found in sink.all]


def test_every_primitive_has_a_rule_and_every_rule_a_name() -> None:
    known = {*RULES, *ARITY, "min", "max", "grad"}
    assert known == builtins.PRIMITIVES


def test_definitions_come_before_primitives_and_locals_before_definitions() -> None:
    text = """
    layer relu(x: f32) -> f32 { return 3 * x }
    model m(x: f32[4]) -> f32[4] {
      sin = relu(x)
      return sin
    }
    """
    assert [child.name for child in checked(text).entry("m").evaluation.children] == ["relu"]


def test_recursion_is_found_however_long_the_circle() -> None:
    count = 300
    lines = [f"layer f{i}(x: f32) -> f32 {{ return f{(i + 1) % count}(x) }}" for i in range(count)]
    assert codes("\n".join(lines)) == ["HQN0207"]
