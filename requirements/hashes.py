"""Hashes of pinned packages, by pip-tools: `python requirements/hashes.py FILE ...` rewrites the files.

What came before: lines `name==version`, with hashes or without. What leaves: the same versions, sorted by
name, each with the hashes of all files that the package index lists for it. Invariant: no package is added,
for what the peers declare to depend on cannot always be had together.
"""

from __future__ import annotations

import sys
from pathlib import Path

from piptools.repositories import PyPIRepository


def pinned(text: str) -> list[tuple[str, str]]:
    """Names and versions."""
    lines = [line.split()[0].partition("==") for line in text.splitlines() if "==" in line]
    return sorted(((name, version) for name, _, version in lines), key=lambda one: one[0].lower())


def hashes(repository: PyPIRepository, name: str, version: str) -> list[str]:
    """Those of the index, not of files that this machine has beside it."""
    with repository.allow_all_wheels():
        links = [one.link for one in repository.find_all_candidates(name) if str(one.version) == version]
    found = {link.hash for link in links if link.scheme == "https" and link.hash_name == "sha256"}
    if not found:
        sys.exit(f"the package index lists no hash of {name}=={version}")
    return sorted(found)


def main() -> None:
    repository = PyPIRepository([], cache_dir="build/lock/cache")
    for file in map(Path, sys.argv[1:]):
        lines = [
            " \\\n    --hash=sha256:".join([f"{name}=={version}", *hashes(repository, name, version)])
            for name, version in pinned(file.read_text(encoding="utf-8"))
        ]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
