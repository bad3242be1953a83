"""Every block of README, docs and the library's doc comments is executed.

The blocks of one document run in order, in a folder that holds only the examples.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.blocks import blocks
from support.execute import execute, prepare
from support.repository import ROOT, has_driver

DOCUMENTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]
DOCUMENTS += sorted(path for path in (ROOT / "docs").rglob("*.md") if "errors" not in path.parts)
DOCUMENTS += sorted((ROOT / "stdlib").rglob("*.hqn"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_blocks_of_a_document_work(document: Path, tmp_path: Path, shell: dict[str, str]) -> None:
    found = list(blocks(document))
    if found and not has_driver():
        pytest.skip("hqn.compiler.driver does not exist yet")
    for block in found:
        execute(block, prepare(tmp_path), shell)
