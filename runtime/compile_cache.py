"""Where compiled programs are kept between processes, so that the second run of a file starts at once.

What came before: the environment. What leaves: a folder of the user's own, or why there is none; and a
context in which JAX keeps there what it compiles. Invariants: entries are named by what they were compiled
from; the folder is the user's and nobody else can read or write it, because what is in it is executed;
outside of the context JAX's settings are what they were, and what someone has chosen is never changed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jax
from jax.experimental.compilation_cache import compilation_cache

VARIABLE = "HQN_CACHE"
"""A folder, or nothing for no cache."""
_SETTINGS = {
    "jax_persistent_cache_min_compile_time_secs": 0.0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
}


def cache_folder() -> Path | None:
    """The folder that the environment asks for; None where it asks for no cache."""
    asked = os.environ.get(VARIABLE)
    if asked is not None:
        return Path(asked) if asked else None
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return home / "hqn"


def unsafe(folder: Path) -> str | None:
    """Makes the folder if it is missing; why it cannot be used, if it cannot."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        return error.strerror or "it cannot be made"
    if not stat.S_ISDIR(found.st_mode):
        return "it is not a folder"
    if found.st_uid != os.getuid():
        return "it belongs to somebody else"
    return "others may read or write it" if found.st_mode & 0o077 else None


@contextmanager
def kept_programs() -> Iterator[str | None]:
    """A context in which compiled programs are kept; gives a line for the user where they cannot be."""
    folder = cache_folder()
    if (
        folder is None
        or _setting("jax_compilation_cache_dir")
        or not _setting("jax_enable_compilation_cache")
    ):
        yield None
        return
    reason = unsafe(folder)
    if reason is not None:
        yield f"compiled programs are not kept in {folder}: {reason}"
        return
    before = {name: _setting(name) for name in ("jax_compilation_cache_dir", *_SETTINGS)}
    _set({"jax_compilation_cache_dir": str(folder), **_SETTINGS})
    try:
        yield None
    finally:
        _set(before)


def _setting(name: str) -> object:
    found: object = getattr(jax.config, name)
    return found


def _set(settings: dict[str, object]) -> None:
    """JAX looks at the folder once; it is made to look again."""
    for name, value in settings.items():
        jax.config.update(name, value)  # type: ignore[no-untyped-call]
    compilation_cache.reset_cache()
