"""The shape of the house: small files, small functions, one import name, links in place."""

from __future__ import annotations

import ast
import tarfile
import zipfile
from pathlib import Path

import pytest

from support.repository import CODE, ROOT, python_files

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 40
GENERATED = {"grammar/_tables.py"}
LONG_FOR_A_REASON = {
    "compiler/syntax/ast.py": "one class per grammar rule, read as one list",
}
READ_AT_RUN_TIME = (
    "stdlib/**/*.hqn",
    "grammar/*.lark",
    "grammar/_tables.py",
    "compiler/diagnostics/pages/*.md",
)
FILES = [path for path in python_files(*CODE, "src", "tests", "benchmarks") if not path.is_symlink()]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


FILES = [path for path in FILES if name(path) not in GENERATED]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_is_short_and_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if name(path) not in LONG_FOR_A_REASON:
        assert text.count("\n") <= MOST_LINES
    assert not text.strip() or ast.get_docstring(ast.parse(text)), "a module starts with a docstring"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_functions_are_short(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: lines(node) for node in functions if lines(node) > MOST_LINES_OF_A_FUNCTION}
    assert not long


def lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first decorator on, the docstring not counted: a formula may take its place."""
    assert function.end_lineno is not None
    first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
    total = function.end_lineno - first + 1
    head = function.body[0]
    if ast.get_docstring(function) and head.end_lineno is not None:
        total -= head.end_lineno - head.lineno + 1
    return total


def test_every_exception_is_still_needed() -> None:
    for exception in LONG_FOR_A_REASON:
        assert (ROOT / exception).read_text(encoding="utf-8").count("\n") > MOST_LINES


def test_the_import_package_is_links_to_the_four_folders() -> None:
    for folder in CODE:
        link = ROOT / "src" / "hqn" / folder
        assert link.is_symlink(), f"{link} must be a link; a checkout without links cannot work"
        assert link.resolve() == ROOT / folder
        assert (ROOT / folder / "__init__.py").is_file()
    assert (ROOT / "docs" / "errors").resolve() == ROOT / "compiler" / "diagnostics" / "pages"


def test_wheel_and_sdist_hold_everything_that_is_read_at_run_time(tmp_path: Path) -> None:
    wheels = pytest.importorskip("hatchling.builders.wheel")
    sdists = pytest.importorskip("hatchling.builders.sdist")
    wheel = next(wheels.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    sdist = next(sdists.SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/src/")[2] for name in archive.getnames()}
    needed = [ROOT / "src" / "hqn" / "py.typed", *FILES]
    for pattern in READ_AT_RUN_TIME:
        needed += ROOT.glob(pattern)
    inside = {f"hqn/{name(path).removeprefix('src/hqn/')}" for path in needed if ships(path)}
    assert inside - in_wheel == set()
    assert inside - in_sdist == set()
    assert not [entry for entry in in_wheel if entry.startswith(("compiler/", "tests/"))]


def ships(path: Path) -> bool:
    return name(path).startswith((*(f"{folder}/" for folder in CODE), "src/"))
