"""Fenced code blocks of Markdown, as tests execute them.

```hqn            checked: no diagnostics
```hqn fail       checked: this page's code and no other; elsewhere the code follows, `fail HQN0304`
```sh             run: exit code 0           (`sh fail`: not 0, this page's code in what it prints)
```python         run
```hqn name=a.hqn written beside the blocks that follow, and checked
```sh text        anything with the word `text` is left alone
```text           behind a block of sh: what it prints, `…` for anything; not compared behind `sh varies`,
                  whose numbers are of one machine
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

LANGUAGES = {"hqn", "sh", "python"}
_COMMENT = re.compile(r"^## ?")
_FENCE = re.compile(r"^(\s*)```+\s*(\w*)\s*(.*)$")


@dataclass(frozen=True)
class Block:
    """One block: its language, the words behind it, its text and the line it starts at."""

    path: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str
    shown: str = ""
    """What the document shows of what the block prints."""

    @property
    def fails(self) -> bool:
        return "fail" in self.words

    @property
    def code(self) -> str:
        """The code that a failing block names, "" where its page does."""
        return next((word for word in self.words if re.fullmatch(r"HQN\d{4}", word)), "")

    @property
    def name(self) -> str | None:
        return next((word.removeprefix("name=") for word in self.words if word.startswith("name=")), None)

    @property
    def is_tested(self) -> bool:
        return self.language in LANGUAGES and "text" not in self.words

    @property
    def place(self) -> str:
        return f"{self.path.name}:{self.line}"


def blocks(path: Path) -> Iterator[Block]:
    """Every fenced block of a Markdown document, or of the `##` comments of an hqn file, that is tested."""
    fenced = list(_fenced(path))
    for block, behind in zip(fenced, [*fenced[1:], None]):
        if behind and (block.language, behind.language) == ("sh", "text"):
            block = replace(block, shown=behind.text)
        if block.is_tested:
            yield block


def _fenced(path: Path) -> Iterator[Block]:
    text = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".hqn":
        text = [_COMMENT.sub("", line) if line.startswith("##") else "" for line in text]
    lines = iter(enumerate(text, start=1))
    for number, line in lines:
        opening = _FENCE.match(line)
        if not opening:
            continue
        indent, language, words = opening.groups()
        body = []
        for _, inner in lines:
            if inner.strip() == "```":
                break
            body.append(inner.removeprefix(indent))
        yield Block(path, number, language, tuple(words.split()), "\n".join(body) + "\n")
