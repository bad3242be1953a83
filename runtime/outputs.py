"""Files, whole or not at all, and never over an existing one unasked.

What came before: finished bytes. What leaves: files. Invariant: whatever happens in between, a reader sees
the old content or the new one (temporary file, fsync, rename).
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from hqn.runtime.errors import CannotWrite, OutputExists


def refuse_existing(folder: str, names: tuple[str, ...], *, force: bool) -> None:
    """Raise OutputExists for the first file that writing would replace; called before a run begins."""
    for name in names:
        path = os.path.join(folder, name)
        if os.path.lexists(path) and not force:
            raise OutputExists(path=path)


def write_all(folder: str, files: Mapping[str, bytes], *, force: bool) -> None:
    """Write files into a folder, which is made where it is missing. Raises OutputExists, CannotWrite."""
    refuse_existing(folder, tuple(files), force=force)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise CannotWrite(path=folder, reason=error.strerror) from None
    for name, data in files.items():
        write_whole(os.path.join(folder, name), data, force=True)


def write_whole(path: str, data: bytes, *, force: bool) -> None:
    """Put `data` at `path` in one step. Raises OutputExists, CannotWrite."""
    if os.path.lexists(path) and not force:
        raise OutputExists(path=path)
    target = os.path.realpath(path)
    temporary = f"{target}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        raise CannotWrite(path=path, reason=error.strerror or str(error)) from None
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)
