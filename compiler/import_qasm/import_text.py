"""From a program of OpenQASM to the text of an hqn file.

What came before: a `Source`. What leaves: formatted text, or None with the reasons in the sink. Invariant:
the text passes `hqn check`; the tree is checked before it is written, so that what is wrong is shown where
it stands in the OpenQASM program.
"""

from __future__ import annotations

import os

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.import_qasm import errors
from hqn.compiler.import_qasm.fit import fitted
from hqn.compiler.import_qasm.program import import_module
from hqn.compiler.import_qasm.write import module_text
from hqn.compiler.names.load import project_loader
from hqn.compiler.names.resolve import resolve
from hqn.compiler.source import Source
from hqn.compiler.syntax.errors import NestedTooDeeply
from hqn.compiler.syntax.machine import DEEPEST
from hqn.compiler.syntax.parse import LARGEST_FILE
from hqn.compiler.types.check import check, instantiate


def import_text(source: Source, sink: Sink) -> str | None:
    """The hqn file that means what the program means."""
    text = _checked(source, sink)
    return None if text is None else _formatted(source, text, sink)


def _checked(source: Source, sink: Sink) -> str | None:
    """The text before it is formatted; its trees, the largest things in here, end with this."""
    module = import_module(source, sink)
    if sink.has_errors:
        return None
    loader = project_loader(os.path.dirname(source.name))
    instantiate(check(resolve(module, loader, sink), sink), sink)
    return None if sink.has_errors else module_text(module)


def _formatted(source: Source, text: str, sink: Sink) -> str | None:
    own, start = Sink(), source.span(0, 0)
    if len(text) > LARGEST_FILE:
        sink.report(errors.QasmTooLong(span=start, limit=LARGEST_FILE, what="characters of hqn text"))
        return None
    formatted = fitted(text, own)
    if not own.has_errors:
        return formatted
    found = own.all[0]
    if not isinstance(found, NestedTooDeeply):
        raise InternalError("import", f"the text that was written is wrong: {found.message}", found.span)
    sink.report(errors.QasmTooDeep(span=start, limit=DEEPEST))
    return None
