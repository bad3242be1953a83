"""Executing one block of a document in a folder of its own."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
from pathlib import Path
from typing import Any

from hqn.compiler.cli import main
from support.blocks import Block
from support.repository import ROOT

Shell = dict[str, str]
_LIMIT = 120  # seconds


def execute(block: Block, folder: Path, shell: Shell, code: str = "") -> None:
    """Run or check a block; `code` is what a failing one must say, unless it names its own. Raises
    AssertionError.
    """
    code = block.code or code
    if block.language == "hqn":
        _check(block, folder, code)
    elif block.language == "python":
        _run(["python", "-c", block.text], block, folder, shell, code)
    else:
        _run(["sh", "-eu", "-c", block.text], block, folder, shell, code)


def prepare(folder: Path) -> Path:
    """A folder as a reader of the documents has it: with the examples in it."""
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "examples"
    if not link.exists():
        link.symlink_to(ROOT / "examples")
    return folder


def _check(block: Block, folder: Path, code: str) -> None:
    file = folder / (block.name or f"line{block.line}.hqn")
    file.write_text(block.text, encoding="utf-8")
    document = _checked(file)
    assert "internal_error" not in document, document
    found = sorted({diagnostic["code"] for diagnostic in document["diagnostics"]})
    assert found == ([code] if block.fails else []), f"{block.place}: {document}"


def _checked(file: Path) -> dict[str, Any]:
    """What `hqn check --json` says, without the start of a process for each of hundreds of blocks."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        main(["check", "--json", str(file)])
    document: dict[str, Any] = json.loads(output.getvalue())
    return document


def _run(command: list[str], block: Block, folder: Path, shell: Shell, code: str) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=shell,
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        stdin=subprocess.DEVNULL,
    )
    said = f"{block.place}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    assert (done.returncode != 0) == block.fails, said
    assert not block.fails or f"[{code}]" in done.stderr, said
    assert "Traceback" not in done.stderr or block.language == "python", said
    if "varies" not in block.words:
        assert _is_among(block.shown, done.stdout + done.stderr), f"not as shown, {said}"


def _is_among(shown: str, printed: str) -> bool:
    """Whether it was printed what a document shows, where lines may break; `…` stands for anything."""
    parts = (r"\s+".join(map(re.escape, part.split())) for part in shown.split("…"))
    return re.search(r"\s*.*?\s*".join(parts), printed, re.DOTALL) is not None
