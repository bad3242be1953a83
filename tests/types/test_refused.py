"""The table of what is refused: every entry is used, and only entries are."""

from __future__ import annotations

import re

from hqn.compiler.types.unsupported import REFUSED
from support.repository import ROOT

_USE = re.compile(r'(?:refuse|not_supported|_refused|_later)\((?:[^"()]|\([^"()]*\))*"([a-z ]+)"')


def test_every_refusal_is_in_the_table_and_every_entry_is_used() -> None:
    files = (ROOT / "compiler" / "types").rglob("*.py")
    used = {key for path in files for key in _USE.findall(path.read_text(encoding="utf-8"))}
    assert used & REFUSED.keys() == REFUSED.keys()
