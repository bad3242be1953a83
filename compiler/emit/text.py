"""User text on its way into emitted programs: the only way it gets there.

What came before: names, doc comments and file names that a user chose. What leaves: identifiers, literals
and one-line comments. Invariant: no text of a user ends a line, a string or a comment of an emitted
program, whatever it contains.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[0-9]+\]|\.[A-Za-z_][A-Za-z0-9_]*)*")
_LONGEST_COMMENT = 90
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BUILTINS = frozenset(dir(builtins))


def is_identifier(name: str) -> bool:
    """An ASCII name that Python and OpenQASM 3 both read as one word, and that is no Python keyword."""
    return bool(_IDENTIFIER.fullmatch(name)) and not keyword.iskeyword(name) and not name.startswith("__")


def identifier(name: str) -> str:
    """`name` itself, which must be an identifier already: one that is not is a bug of an earlier stage."""
    if not is_identifier(name):
        raise ValueError(f"{name!r} is not an identifier")
    return name


def quoted_name(name: str) -> str:
    """`name`, an ASCII word, perhaps with the number of a turn, `w[0]`, or the path of a static, `f.g`, in
    quotes; words that mean something to Python mean nothing there.
    """
    if not _LABEL.fullmatch(name):
        raise ValueError(f"{name!r} is not an identifier")
    return f'"{name}"'


def as_identifier(name: str) -> str:
    """An identifier that looks like `name`: for hints, which promise nothing."""
    word = re.sub(r"\W", "_", name, flags=re.ASCII).strip("_")
    word = word if word[:1].isalpha() else f"t{word}"
    return f"{word}_" if keyword.iskeyword(word) or word in _BUILTINS else word


def comment(text: str, most: int = _LONGEST_COMMENT) -> str:
    """`text` on one line, with everything that could end the line, or that no reader would see, left out."""
    shown = "".join(" " if unicodedata.category(char) in _HIDDEN else char for char in text)
    words = " ".join(shown.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def docstring(text: str) -> str:
    """`text` as the one line of a docstring, quotes included; quotes and backslashes in it lose their
    meaning.
    """
    words = comment(text).replace("\\", "/").replace('"', "'")
    return f'"""{words}"""'


def literal(value: object) -> str:
    """A Python literal of plain data; anything else is refused."""
    match value:
        case bool() | int() | None:
            return repr(value)
        case str():
            return quoted(value)
        case float():
            return number(value)
        case tuple():
            items = [literal(item) for item in value]
            return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    raise TypeError(f"{type(value).__name__} is not plain data")


def quoted(text: str) -> str:
    """A string literal, in double quotes where that needs no escapes."""
    return repr(text) if '"' in text else '"' + repr(f"'{text}")[2:]


def number(value: float) -> str:
    """A float that reads back as itself; infinities and NaN have no literal."""
    if value != value or value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    return repr(value)
