"""What is said when hqn itself is wrong: one screen, no traceback, enough for a report.

What came before: an exception nobody expected. What leaves: a message with the stage, the place in our
code and, where a stage knew it, the place in the user's text. Invariant: this module cannot fail.
"""

from __future__ import annotations

from types import TracebackType

import hqn
from hqn.compiler.diagnostics.internal import CODE, InternalError
from hqn.compiler.diagnostics.style import Style, paragraph
from hqn.compiler.diagnostics.visible import visible

DEBUG = "HQN_DEBUG"


def describe(error: BaseException, color: bool = False) -> str:
    """The message for a person."""
    style = Style(color)
    facts = report(error)
    lines = [style("error", f"internal error[{CODE}]") + style("strong", f": {facts['error']}")]
    if facts["span"]:
        lines.append(f"  --> {facts['span']}")
    lines += [
        f"  = stage: {facts['stage']} ({facts['place']}), hqn {hqn.__version__}",
        "  = note: this is a mistake in hqn, not in your model; no file was changed half-way",
        f"  = help: please report it with the file and this text; {DEBUG}=1 shows the Python traceback",
    ]
    return "\n".join(lines) + "\n"


def report(error: BaseException) -> dict[str, str]:
    """The same as plain data."""
    place, stage = _place(error.__traceback__)
    message = " ".join(paragraph(str(error).strip() or "no message")[:6])
    facts = {"code": CODE, "stage": stage, "place": place, "span": ""}
    if not isinstance(error, InternalError):
        return facts | {"error": f"{type(error).__name__}: {message}"}
    span = visible(str(error.span)) if error.span else ""
    return facts | {"error": message, "stage": error.stage, "span": span}


def _place(trace: TracebackType | None) -> tuple[str, str]:
    """The innermost line of ours on the way to the error, and the folder (stage) it is in."""
    place, stage = "unknown place", "command line"
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("hqn."):
            place = f"{module}:{trace.tb_lineno}"
            stage = module.removeprefix("hqn.").removeprefix("compiler.").split(".")[0]
        trace = trace.tb_next
    return place, stage
