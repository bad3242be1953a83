"""`hqn explain`: the page of an error code.

The pages are part of the package (`compiler/diagnostics/pages/`, shown as `docs/errors/`), so that an
installed hqn explains itself without a network.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hqn.compiler.commands.arguments import Arguments, Commands, add_command
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.files.errors import UnknownCode
from hqn.compiler.files.read import nearest
from hqn.compiler.outcome import Outcome, Say

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

TEXT = """Explain an error code.

Each page has a program that fails and one that is right. Without a code, list all of them."""
EXAMPLES = """  hqn explain HQN0304
  hqn explain 304
  hqn explain"""


def add(commands: Commands) -> None:
    parser = add_command(commands, "explain", perform, TEXT, EXAMPLES)
    parser.add_argument("code", metavar="CODE", nargs="?", help="as in the message: HQN0304")


def perform(args: Arguments, sink: Sink, say: Say) -> Outcome:
    pages = _pages()
    if args.code is None:
        titles = {code: _title(page) for code, page in pages.items()}
        return Outcome("\n".join(f"{code}  {title}" for code, title in titles.items()), {"codes": titles})
    code = _normal(args.code)
    if code not in pages:
        sink.report(UnknownCode(asked=visible(args.code), nearest=nearest(code, list(pages))))
        return Outcome()
    text = pages[code].read_text(encoding="utf-8")
    return Outcome(text.rstrip("\n"), {"code": code, "page": text})


def _pages() -> dict[str, Traversable]:
    from importlib.resources import files

    folder = files("hqn.compiler.diagnostics") / "pages"
    found = {page.name.removesuffix(".md"): page for page in folder.iterdir() if page.name.endswith(".md")}
    return dict(sorted(found.items()))


def _title(page: Traversable) -> str:
    """`# HQN0304: sizes do not match` is every page's first line."""
    return page.read_text(encoding="utf-8").partition("\n")[0].partition(": ")[2]


def _normal(asked: str) -> str:
    """`304`, `hqn0304` and `error[HQN0304]` mean HQN0304."""
    digits = re.fullmatch(r"\D*(\d{3,4})\]?", asked, re.ASCII)
    return f"HQN{int(digits[1]):04d}" if digits else asked.upper()
