"""Diagnostics: the model, the sink that collects them, and their rendering."""

from hqn.compiler.diagnostics.model import Diagnostic, Note, known_codes
from hqn.compiler.diagnostics.sink import Sink

__all__ = ["Diagnostic", "Note", "Sink", "known_codes"]
