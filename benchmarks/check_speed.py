"""How long `hqn check` takes: cold on `examples/digits.hqn`, and on files of up to 10,000 lines.

    python -m benchmarks.check_speed

Every figure is processor time of a whole process (user and system), the median of several. Cold means that
nothing of hqn is in memory; byte code is on disk. Targets: 0.3 s, and 5 s for 10,000 lines with time per line
that does not grow.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.machine import heading, table

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "digits.hqn"
LINES = (1000, 2000, 5000, 10_000)
HEAD = ["hqn 0.1", "use std.layers.{dense}"]
BLOCK = """
## Block {k}.
layer block{k}[width](x: f32[n]) -> f32[n] {{
  weight scale: f32[n] = ones
  h = x * scale |> dense[width] as up |> tanh
  y = h |> dense[n] as down
  return x + 0.5 * y
}}
circuit turn{k}[depth](x: f32[n]) -> f32[n] {{
  qubits q[n]
  rx(x) q
  repeat l in 0..depth {{
    weight w: angle[n, 3] = uniform(0, 2 * pi)
    rot(w) q
    repeat i in 0..n - 1 {{ cx q[i], q[i + 1] }}
  }}
  return expect(Z(q))
}}
model net{k}(x: f32[4]) -> f32[4] {{ return x |> block{k}[8] |> turn{k}[2] }}
"""


def generated(lines: int) -> str:
    """A file of about so many lines: layers, circuits and models, all different and all right."""
    block = len(BLOCK.splitlines())
    count = (lines - len(HEAD)) // block
    return "\n".join([*HEAD, *(BLOCK.format(k=k).rstrip("\n") for k in range(count))]) + "\n"


def seconds(path: Path) -> float:
    """Processor time of one `hqn check`."""
    before = os.times()
    command = [sys.executable, "-m", "hqn.compiler.cli", "check", str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    after = os.times()
    return (after.children_user - before.children_user) + (after.children_system - before.children_system)


def measured(path: Path, times: int) -> tuple[float, float]:
    """Median and least of so many processes."""
    found = [seconds(path) for _ in range(times)]
    return median(found), min(found)


def main() -> None:
    print(heading("hqn check, processor seconds", "lark"))
    seconds(EXAMPLE)  # writes the byte code
    rows = [["file", "lines", "median", "least", "ms per line", "target"]]
    middle, least = measured(EXAMPLE, 9)
    lines = len(EXAMPLE.read_text(encoding="utf-8").splitlines())
    rows.append([EXAMPLE.name, str(lines), f"{middle:.2f}", f"{least:.2f}", "", "0.30"])
    with tempfile.TemporaryDirectory() as folder:
        for count in LINES:
            path = Path(folder) / "generated.hqn"
            path.write_text(generated(count), encoding="utf-8")
            middle, least = measured(path, 3)
            target = "5.00" if count == LINES[-1] else ""
            per_line = f"{1000 * middle / count:.2f}"
            rows.append(["generated", str(count), f"{middle:.2f}", f"{least:.2f}", per_line, target])
    print(table(rows))


if __name__ == "__main__":
    main()
