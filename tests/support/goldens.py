"""Golden files: what a test printed when a person last looked at it and agreed.

A golden stands beside its source and is called `*.err` or `*.expected.*`. `make goldens` writes all of
them anew; a golden that no test compares any more is an orphan and fails a complete run. A test marked
`slow` owns no golden, since the ordinary run would take it for an orphan.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.repository import ROOT

PLACES = ("tests", "examples", "stdlib", "docs")
PATTERNS = ("*.err", "*.expected.*")
_compared = pytest.StashKey[set[str]]()


class Goldens:
    """`golden(path, text)`: the text must be what the file says."""

    def __init__(self, config: pytest.Config) -> None:
        self.update: bool = config.getoption("--update-goldens")
        self._compared = config.stash.setdefault(_compared, set())

    def __call__(self, path: Path, text: str) -> None:
        self._compared.add(path.resolve().relative_to(ROOT).as_posix())
        text = text if text.endswith("\n") or not text else text + "\n"
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        if text == expected and path.exists():
            return
        if self.update:
            path.write_text(text, encoding="utf-8")
            return
        pytest.fail(difference(path, expected, text), pytrace=False)


def difference(path: Path, expected: str, text: str) -> str:
    name = path.name
    lines = difflib.unified_diff(expected.splitlines(), text.splitlines(), name, "now", lineterm="")
    return "\n".join([f"{path.relative_to(ROOT)} differs; if this is right: make goldens", *lines])


def compared(config: pytest.Config) -> set[str]:
    """What was compared so far, as paths from the root of the checkout."""
    return config.stash.setdefault(_compared, set())


def existing() -> Iterator[str]:
    for place in PLACES:
        for pattern in PATTERNS:
            yield from (path.relative_to(ROOT).as_posix() for path in (ROOT / place).rglob(pattern))


def is_complete(config: pytest.Config) -> bool:
    """Whether all tests of the checkout were asked for, so that what was not compared is an orphan."""
    asked = {Path(config.invocation_params.dir, arg.split("::")[0]).resolve() for arg in config.args}
    narrowed = config.getoption("keyword") or config.getoption("lf", False)
    return asked == {ROOT / "tests"} and not narrowed and config.getoption("markexpr") in ("", "not slow")
