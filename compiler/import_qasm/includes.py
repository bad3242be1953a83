"""Files that a program includes.

What came before: the path behind `include`. What leaves: a `Source`, or a diagnostic raised as `Mistake`.
Invariants: nothing outside of the program's folder is opened, whatever links say; the number and the size
of all files together are limited; a file that includes itself is refused.
"""

from __future__ import annotations

import os
from typing import NoReturn

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.files import read_source
from hqn.compiler.files.read import MOST_BYTES, STDIN
from hqn.compiler.import_qasm import errors
from hqn.compiler.import_qasm.scope import Mistake
from hqn.compiler.source import Source, Span

MOST_FILES = 256


class Includes:
    """The files of one import, beginning with the program itself."""

    def __init__(self, program: Source, sink: Sink) -> None:
        self._sink = sink
        self._root = os.path.realpath(os.path.dirname(program.name) or ".")
        self._open = [os.path.realpath(program.name)]
        """Files that are being read, the innermost last."""
        self._files = 1
        self._characters = len(program.text)
        self._has_folder = program.name not in (STDIN, "<stdin>")

    def open(self, path: str, span: Span) -> Source:
        """The text of an included file; `close` when its statements are done."""
        target = self._target(path, span)
        own = Sink()
        source = read_source(target, own)
        if source is None:
            for found in own.all:
                self._sink.report(found)
            self._refuse(path, span, "cannot be read")
        self._files += 1
        self._characters += len(source.text)
        if self._files > MOST_FILES:
            raise Mistake(errors.QasmTooLong(span=span, limit=MOST_FILES, what="included files"))
        if self._characters > MOST_BYTES:
            raise Mistake(errors.QasmTooLong(span=span, limit=MOST_BYTES, what="characters in all files"))
        self._open.append(os.path.realpath(target))
        return source

    def close(self) -> None:
        self._open.pop()

    def _target(self, path: str, span: Span) -> str:
        if not self._has_folder:
            self._refuse(path, span, "is no standard include, and standard input has no folder")
        if "\x00" in path or os.path.isabs(path) or not path:
            self._refuse(path, span, "is no path below the folder of the program")
        target = os.path.join(os.path.dirname(self._open[-1]), path)
        real = os.path.realpath(target)
        if os.path.commonpath([real, self._root]) != self._root:
            self._refuse(path, span, "is outside of the folder of the program")
        if not os.path.isfile(real):
            self._refuse(path, span, "is no file")
        if real in self._open:
            self._refuse(path, span, "includes itself")
        return os.path.relpath(real) if real.startswith(os.getcwd() + os.sep) else real

    def _refuse(self, path: str, span: Span, reason: str) -> NoReturn:
        raise Mistake(errors.QasmInclude(span=span, path=visible(path), reason=reason))
