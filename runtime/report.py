"""What a person reads of a run: progress lines, the lines at its end, and the one-page summary.

What came before: `Progress` and `Result`. What leaves: text. Invariant: every number that is shown was
measured in this run; no comparison is made that was not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from hqn.runtime.checkpoint import encoded, of_result
from hqn.runtime.curve import curve_svg
from hqn.runtime.outputs import refuse_existing, write_all
from hqn.runtime.readings import shown
from hqn.runtime.results import Progress, Result, Trained

CHECKPOINT, MODULE, SUMMARY, CURVE = "checkpoint.safetensors", "module.py", "summary.md", "curve.svg"
FILES = (CHECKPOINT, MODULE, SUMMARY, CURVE)
"""What a run leaves in its folder."""


def progress_line(progress: Progress) -> str:
    """`fit  epoch 12/30  loss 0.1432  acc 0.9611  0.41 ms/step`, or `fit  step 200/500` of a run of steps."""
    losses = ", ".join(f"{loss:.4f}" for loss in progress.losses)
    tracks = "".join(f"  {name} {value:.4f}" for name, value in progress.tracks.items())
    word, at, end = "epoch", progress.epoch, progress.epochs
    if progress.steps is not None:
        word, at, end = "step", progress.step, progress.steps
    return (
        f"{progress.run}  {word} {at:{len(str(end))}}/{end}  loss {losses}{tracks}"
        f"  {duration(progress.step_seconds)}/step"
    )


def duration(seconds: float) -> str:
    """`0.41 ms`, `1.3 s`."""
    return f"{seconds * 1e3:.2f} ms" if seconds < 1 else f"{seconds:.1f} s"


def final_lines(result: Result) -> list[str]:
    """What a run reached, for the terminal."""
    lines = [f"{name}: {_range(values)}" for name, values in _finals(result).items()]
    lines.append(f"parameters: {result.parameters:,}")
    if result.step_seconds:
        compiled = f" (after {duration(result.compile_seconds)} of compiling)"
        lines.append(f"time per step: {duration(result.step_seconds)}{compiled}")
    return lines + assert_lines(result)


def assert_lines(result: Result) -> list[str]:
    """`assert acc[last] >= 0.9: holds (0.9528 >= 0.9)`."""
    lines = []
    for check in result.checks:
        word = "holds" if check.holds else "FAILS"
        detail = "" if isinstance(check.assertion.value, bool) else f" ({check.values})"
        lines.append(f"assert {check.assertion.text}: {word}{detail}")
    return lines


def _finals(result: Result) -> dict[str, list[float]]:
    """The last value of everything tracked, per seed."""
    names = list(result.seeds[0].series)
    return {name: [seed.series[name][-1] for seed in result.seeds] for name in names}


def _range(values: Sequence[float]) -> str:
    if len(values) == 1:
        return shown(values[0])
    low, middle, high = min(values), float(np.median(values)), max(values)
    return f"median {shown(middle)}, from {shown(low)} to {shown(high)} over {len(values)} seeds"


def summary(result: Result, beside: Sequence[str] = (), unsaid: Mapping[str, str] | None = None) -> str:
    """One page of Markdown: what was trained, on what, what came out, how long it took; files `beside` it,
    and `unsaid`, why circuits have none."""
    run = result.run
    parts = [
        f"# {result.program.name}: run `{run.name}`\n",
        "" if result.finished else "**Stopped early; the weights are those of the last good epoch.**\n",
        f"![training curve]({CURVE})\n" if run.minimize else "",
        _table(("what", "value"), _facts(result)),
        _table(("seed", *_columns(result)), [_row(result, seed) for seed in result.seeds]),
        _assertions(result),
        _files(beside),
        "".join(f"No OpenQASM of `{path}`: {why}.\n" for path, why in (unsaid or {}).items()),
    ]
    return "\n".join(part for part in parts if part)


def _files(beside: Sequence[str]) -> str:
    listed = [
        f"`{CHECKPOINT}` (weights)",
        f"`{MODULE}` (the JAX that ran)",
        *(f"`{name}`" for name in beside),
    ]
    return f"Files: {', '.join(listed)}.\n"


def _facts(result: Result) -> list[tuple[str, ...]]:
    run = result.run
    facts: list[tuple[str, ...]] = [("parameters", f"{result.parameters:,}")]
    if run.source and result.data:
        sizes = ", ".join(f"{name} {result.data.size(name):,}" for name in result.data.splits)
        facts.append(("data", f"`{run.source.data}`: {sizes} samples"))
        facts.append(("batch", str(run.source.batch or "all")))
    for statement in run.minimize:
        for group in statement.groups:
            facts.append((f"trains {', '.join(group.paths)}", group.optimiser.name))
    facts.append(("precision", result.precision))
    if run.minimize:
        facts.append(("time per step", duration(result.step_seconds)))
        facts.append(("compiling", duration(result.compile_seconds)))
    return facts


def _columns(result: Result) -> tuple[str, ...]:
    losses = tuple(f"loss {i + 1}" if i else "loss" for i in range(len(result.run.minimize)))
    return ("epochs", "steps", *losses, *result.seeds[0].series)


def _row(result: Result, seed: Trained) -> tuple[str, ...]:
    losses = seed.losses[-1] if seed.losses else ("",) * len(result.run.minimize)
    values = [*losses, *(series[-1] for series in seed.series.values())]
    shown_values = (f"{value:.4f}" if isinstance(value, float) else value for value in values)
    return (str(seed.seed), str(seed.epochs), f"{seed.steps:,}", *shown_values)


def _assertions(result: Result) -> str:
    if not result.checks:
        return ""
    rows = [(f"`{one.assertion.text}`", "holds" if one.holds else "**fails**") for one in result.checks]
    return _table(("assertion", ""), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    """Text that stays inside its cell."""
    return " ".join(text.replace("|", "\\|").split())


# --- files ----------------------------------------------------------------------------------------


def folder_of(run: str) -> str:
    """The name of a run's folder: `creep.1` of `creep[1]`, which no shell takes for a pattern."""
    return re.sub(r"[^\w=.+-]+", ".", run).strip(".")


def refuse_existing_run(folder: str, *, force: bool) -> None:
    """Raise OutputExists before a run begins whose files are there already."""
    refuse_existing(folder, FILES, force=force)


def save_run(
    result: Result,
    folder: str,
    *,
    force: bool = False,
    beside: Mapping[str, bytes] | None = None,
    unsaid: Mapping[str, str] | None = None,
) -> None:
    """Checkpoint, emitted module, summary and curve into a folder. Raises OutputExists, CannotWrite."""
    extra = beside or {}
    files = {
        CHECKPOINT: encoded(of_result(result)),
        MODULE: result.program.text.encode(),
        SUMMARY: summary(result, tuple(extra), unsaid).encode(),
        CURVE: curve_svg(result).encode(),
    }
    write_all(folder, {**files, **extra}, force=force)
