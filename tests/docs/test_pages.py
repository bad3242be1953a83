"""Every diagnostic has a page with a program that fails and one that is right, and both do as they say."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from hqn.compiler.diagnostics import known_codes
from hqn.compiler.diagnostics.internal import CODE as INTERNAL
from hqn.runtime.errors import HqnRuntimeError
from support.blocks import Block, blocks
from support.execute import execute, prepare
from support.repository import ROOT, has_driver, python_files

PAGES = ROOT / "compiler" / "diagnostics" / "pages"
CODES = sorted(path.stem for path in PAGES.glob("*.md"))


def all_diagnostics() -> dict[str, type]:
    """Every class with a code, of the compiler and the run time, whatever has been imported before."""
    for path in python_files("compiler", "runtime"):
        if re.search(r'^    code = "HQN', path.read_text(encoding="utf-8"), re.MULTILINE):
            module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
            importlib.import_module(f"hqn.{module}")
    found = {code: cls for code, cls in known_codes().items() if cls.__module__.startswith("hqn.")}
    run_time = {cls.code: cls for cls in HqnRuntimeError.__subclasses__()}
    assert not found.keys() & run_time.keys(), "a code has two meanings"
    return found | run_time


def page_blocks(code: str) -> list[Block]:
    return list(blocks(PAGES / f"{code}.md"))


def test_every_diagnostic_has_a_page_and_every_page_a_diagnostic() -> None:
    expected = {*all_diagnostics(), INTERNAL}
    assert sorted(expected - set(CODES)) == [], "diagnostics without a page in compiler/diagnostics/pages/"
    assert sorted(set(CODES) - expected) == [], "pages of diagnostics that do not exist"


@pytest.mark.parametrize("code", CODES)
def test_a_page_has_the_title_of_its_diagnostic(code: str) -> None:
    first, blank, *body = (PAGES / f"{code}.md").read_text(encoding="utf-8").splitlines()
    title = "internal error" if code == INTERNAL else all_diagnostics()[code].title
    any_filled = re.sub(r"\\{\w+\\}", ".+", re.escape(title))
    assert re.fullmatch(f"# {code}: {any_filled}", first)
    assert not blank
    assert body[0], "a sentence that says what it means follows the title"


@pytest.mark.parametrize("code", [code for code in CODES if code != INTERNAL])
def test_a_page_shows_what_fails_and_what_is_right(code: str) -> None:
    found = page_blocks(code)
    assert any(block.fails for block in found), "no failing program"
    assert any(not block.fails for block in found), "no program that is right"


@pytest.mark.parametrize("code", CODES)
def test_the_programs_of_a_page_do_as_they_say(code: str, tmp_path: Path, shell: dict[str, str]) -> None:
    found = page_blocks(code)
    needs_driver = not code.startswith("HQN019") or any(block.language == "hqn" for block in found)
    if needs_driver and found and not has_driver():
        pytest.skip("hqn.compiler.driver does not exist yet")
    for block in found:
        execute(block, prepare(tmp_path), shell, code)
