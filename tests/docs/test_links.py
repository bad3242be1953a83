"""Pages lead somewhere, and lists are complete: links, commands, operations, decisions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hqn.compiler.cli import COMMANDS
from support.repository import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_OPERATION = re.compile(r'^    name = "((?:hqn|tn|qc|quant)\.\w+)"$', re.MULTILINE)


def prose(page: Path) -> str:
    """The text without blocks of code, which have brackets of their own."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[str]:
    """The targets of all links, those of code in a line left out."""
    return _LINK.findall(re.sub(r"(?<!\[)`[^`\n]*`", "", prose(page)))


def anchors(page: Path) -> set[str]:
    """The headings as links name them: lower case, without marks, with hyphens for blanks."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_reference_has_every_command() -> None:
    table = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    names = [command.__name__.rpartition(".")[2].rstrip("_") for command in COMMANDS]
    assert [name for name in names if f"| `hqn {name}" not in table] == []


def test_every_operation_and_attribute_stands_on_its_page() -> None:
    page = (ROOT / "docs" / "ir.md").read_text(encoding="utf-8")
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "compiler" / "ir").glob("*.py"))
    names = {name for source in sources for name in _OPERATION.findall(source)}
    assert len(names) > 20
    assert {name for name in names if name not in page} == set()


def test_every_decision_is_listed_with_its_title() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for page in folder.glob("0*.md"):
        title = page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").partition(". ")[2]
        assert f"[{title}]({page.name})" in listed
