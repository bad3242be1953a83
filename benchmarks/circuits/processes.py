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
    command: Sequence[str], limit: float, paths: Sequence[Path], cache: Path | None = None
) -> Outcome:
    """Runs in a fresh folder, with `paths` to import from and no cache of compiled programs but `cache`."""
    env = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    env |= {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    if cache is not None:
        env |= {
            "JAX_COMPILATION_CACHE_DIR": str(cache),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            return Outcome(reason=f"killed after {limit:.0f} s")
        finally:
            _end(process)
        if process.returncode:
            errors.seek(0)
            return Outcome(reason=_last(errors.read()) or f"ended with {process.returncode}")
    return Outcome(tuple(json.loads(line) for line in printed.splitlines() if line.startswith("{")))


def _end(process: subprocess.Popen[str]) -> None:
    """Ends the process group that we started, if any of it is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:100] if lines else ""
