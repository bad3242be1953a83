"""One script in a process of its own: its JSON lines, or why there are none.

What came before: a command, a limit in seconds. What leaves: `Outcome`. Invariant: a process and all that it
started are gone when this returns, whatever happened; what a killed process printed is no figure.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_DROPPED = ("JAX_COMPILATION_CACHE_DIR", "PYTHONPATH", "HQN_CACHE")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a script printed, or, without a figure, why: `reason` is empty where all went well."""

    lines: tuple[dict[str, Any], ...] = ()
    reason: str = ""


def outcome(
    command: Sequence[str],
    limit: float,
    paths: Sequence[Path],
    cache: Path | None = None,
    wanted: str | None = None,
) -> Outcome:
    """Runs in a fresh folder, with `paths` to import from and no cache of compiled programs but `cache`.

    A script that measures more than is asked is ended at the line whose `fw` holds `wanted`.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(paths, cache),
            text=True,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        stopped = threading.Event()
        timer = threading.Timer(limit, lambda: (stopped.set(), _end(process)))
        timer.start()
        try:
            lines, found = _lines(process, wanted)
        finally:
            timer.cancel()
            _end(process)
        if stopped.is_set() and not found:
            return Outcome(reason=f"killed after {limit:.0f} s")
        if process.returncode and not found:
            errors.seek(0)
            return Outcome(reason=_last(errors.read()) or f"ended with {process.returncode}")
    return Outcome(lines)


def _environment(paths: Sequence[Path], cache: Path | None) -> dict[str, str]:
    """That of this process, without what would change figures."""
    env = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    env |= {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    if cache is not None:
        env |= {
            "JAX_COMPILATION_CACHE_DIR": str(cache),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
    return env


def _lines(process: subprocess.Popen[str], wanted: str | None) -> tuple[tuple[dict[str, Any], ...], bool]:
    """The JSON lines until the wanted one, which is a finished measurement, and whether it came."""
    assert process.stdout is not None
    lines: list[dict[str, Any]] = []
    for text in process.stdout:
        if text.startswith("{"):
            lines.append(json.loads(text))
            if wanted is not None and wanted in lines[-1].get("fw", ""):
                return tuple(lines), True
    process.wait()
    return tuple(lines), False


def _end(process: subprocess.Popen[str]) -> None:
    """Ends the process group that we started, if any of it is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:100] if lines else ""
