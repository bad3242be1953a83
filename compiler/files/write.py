"""Results into files: whole or not at all.

What came before: finished text. What leaves: a file. Invariant: a reader sees the old content or the
new one, never a part, whatever happens in between (temporary file, fsync, rename).
"""

from __future__ import annotations

import os
import stat

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.files.errors import CannotWrite, OutputExists


def write_text(path: str, text: str, sink: Sink, *, force: bool) -> bool:
    """Write UTF-8 text; an existing file is kept unless `force`. True when it was written."""
    if not force and os.path.lexists(path) and _is_plain(path):
        sink.report(OutputExists(path=visible(path)))
        return False
    try:
        replace_file(path, text.encode("utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        sink.report(CannotWrite(path=visible(path), reason=visible(reason)))
        return False
    return True


def replace_file(path: str, data: bytes) -> None:
    """Put `data` in place of a file in one step; links are followed and permissions kept."""
    target = os.path.realpath(path)
    if not _is_plain(target):  # /dev/null and pipes are written to, not replaced
        with open(target, "wb") as device:
            device.write(data)
        return
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        _write_through(temporary, data)
        if os.path.exists(target):
            os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(temporary, target)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _write_through(path: str, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: str) -> None:
    """The rename itself reaches the disk; some file systems refuse this, which loses nothing else."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def _is_plain(path: str) -> bool:
    """A file, or nothing yet."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return True
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)
