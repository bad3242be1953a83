"""Reading sources and writing results: the only part of the compiler that touches the disk."""

from hqn.compiler.files.read import read_source, read_values
from hqn.compiler.files.write import replace_file, write_text

__all__ = ["read_source", "read_values", "replace_file", "write_text"]
