"""What is committed works anywhere: exact locks, no address of a package host, no path of one machine."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from support.repository import ROOT, tracked_files

LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("run", "test")}
_REQUIREMENT = re.compile(r"([a-z0-9][a-z0-9._-]*)==(\S+)((?: --hash=sha256:[0-9a-f]{64})+)")
_MACHINE = re.compile(r"(?<![\w.:/~-])/(?:home|root|Users|work|opt|mnt|srv)/\w")


def locked(name: str) -> dict[str, str]:
    """Names and versions; every entry must be exact and hashed, and nothing else may be there."""
    lines = re.sub(r"\s*\\\n\s*", " ", LOCKS[name].read_text(encoding="utf-8")).splitlines()
    entries = [_REQUIREMENT.fullmatch(line.strip()) for line in lines if line.strip()]
    assert all(entries), "a lock holds names, versions and hashes only"
    return {entry[1]: entry[2] for entry in entries if entry}


def normal(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def test_the_run_lock_is_part_of_the_test_lock() -> None:
    assert locked("run").items() <= locked("test").items()


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    assert {normal(one) for one in project["dependencies"]} | {"hatchling"} <= set(locked("run"))
    for extra in ("tn", "qiskit", "test"):
        assert {normal(one) for one in optional[extra]} - {"hqn"} <= set(locked("test"))


def test_every_dependency_is_justified_in_one_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    lines = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines()
    justified = {line.split("`")[1] for line in lines if line.startswith("- `")}
    assert {normal(one) for one in wanted} - {"hqn"} == justified - {"hatchling"}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_of_download(name: str) -> None:
    text = LOCKS[name].read_text(encoding="utf-8")
    assert not re.search(r"://|--(?:extra-)?index|--find-links|\.(?:org|com|io)\b", text)


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    for path in tracked_files():
        text = readable(path)
        found = _MACHINE.search(text)
        assert not found, f"{path.relative_to(ROOT)}: {found[0] if found else ''}"


def readable(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
