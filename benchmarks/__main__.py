"""`make bench`: every benchmark but the accuracies, each in a process of its own, so that none warms another.

python -m benchmarks [name …]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ALL = ("check_speed", "depth", "w1", "digits_step")
ROOT = Path(__file__).parents[1]


def main() -> int:
    names = sys.argv[1:] or list(ALL)
    failed = []
    for name in names:
        print(f"--- {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT).returncode:
            failed.append(name)
        print(flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
