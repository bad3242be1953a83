"""Text from files and from standard input.

What came before: a word of the command line. What leaves: a `Source`, or None and a diagnostic in the
sink. Invariant: text is valid UTF-8 of limited size with `\\n` as its only line break.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.files.errors import CannotRead, FileMissing, FileTooLarge, IsADirectory, NotUtf8, NotValues
from hqn.compiler.source import Source

MOST_BYTES = 4 * 2**20
STDIN = "-"


def read_source(path: str, sink: Sink) -> Source | None:
    """The text of a file; `-` is standard input. Whatever is wrong is reported and gives None."""
    name = "<stdin>" if path == STDIN else path
    data = _read_bytes(path, sink)
    if data is None:
        return None
    if len(data) > MOST_BYTES:
        sink.report(FileTooLarge(path=visible(name), size=_size(path), limit=MOST_BYTES))
        return None
    return _decode(name, data, sink)


def read_values(path: str, sink: Sink) -> dict[str, Any]:
    """The numbers of a JSON file `{"x": [0.1, 0.2]}`; whatever is wrong is reported and gives none."""
    data = _read_bytes(path, sink)
    if data is None:
        return {}
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        sink.report(NotValues(path=visible(path), reason=visible(str(error))))
        return {}
    if not isinstance(found, dict) or not all(_is_numbers(value) for value in found.values()):
        reason = "it is not an object of numbers and lists of numbers"
        sink.report(NotValues(path=visible(path), reason=reason))
        return {}
    return found


def _is_numbers(value: object) -> bool:
    """A number, or lists of equal length of them, to any depth."""
    if isinstance(value, list):
        lengths = {len(item) if isinstance(item, list) else None for item in value}
        return len(lengths) == 1 and all(map(_is_numbers, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def nearest(word: str, choices: Sequence[str]) -> str | None:
    """The choice that a typing mistake would turn into `word`."""
    import difflib  # only where something went wrong

    return next(iter(difflib.get_close_matches(word, choices, n=1)), None)


def _read_bytes(path: str, sink: Sink) -> bytes | None:
    """At most one byte above the limit, so that an endless device is an error and no hang."""
    try:
        if path == STDIN:
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with open(path, "rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        folder = os.path.dirname(path)
        found = nearest(os.path.basename(path), _sources_in(folder))
        suggestion = visible(os.path.join(folder, found)) if found else None
        sink.report(FileMissing(path=visible(path), nearest=suggestion))
    except IsADirectoryError:
        names = tuple(visible(name) for name in _sources_in(path)[:5])
        sink.report(IsADirectory(path=visible(path), candidates=names))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        sink.report(CannotRead(path=visible(path), reason=visible(reason)))
    return None


def _decode(name: str, data: bytes, sink: Sink) -> Source | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        shown = Source(name, before + data[error.start :].decode("utf-8", errors="replace"))
        sink.report(NotUtf8(span=shown.span(len(before), len(before) + 1), byte=data[error.start]))
        return None
    return Source(name, normalized(text))


def normalized(text: str) -> str:
    """Text without what some editors add: a byte order mark in front, the line breaks of other systems."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _sources_in(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder or ".") if name.endswith(".hqn"))
    except OSError:
        return []


def _size(path: str) -> str:
    try:
        size = 0 if path == STDIN else os.stat(path).st_size
    except OSError:
        size = 0
    return f"{size:,} bytes" if size > MOST_BYTES else f"more than {MOST_BYTES:,} bytes"
