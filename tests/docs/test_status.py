"""`docs/status.md` says what this version refuses, in the words of the checker's own table."""

from __future__ import annotations

from hqn.compiler.types.unsupported import REFUSED, NotSupportedYet
from support.goldens import Goldens
from support.repository import ROOT, python_files

HEAD = f"""# What this version does not support yet

The language reference describes more than this version compiles. What is missing is refused where it is
written, with the code {NotSupportedYet.code}, and never misread. This list is generated from the table that
the checker uses (`make goldens`):

"""


def test_the_list_of_what_is_refused_is_current(golden: Goldens) -> None:
    golden(ROOT / "docs" / "status.md", HEAD + "".join(f"- {what}\n" for what in REFUSED.values()))


def test_nothing_is_refused_that_is_not_in_the_list() -> None:
    makers = [
        path for path in python_files("compiler") if "NotSupportedYet(" in path.read_text(encoding="utf-8")
    ]
    assert [path.name for path in makers] == ["unsupported.py"]
