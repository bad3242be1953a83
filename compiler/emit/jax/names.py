"""Names of one emitted function: like those of the .hqn text, and unique.

What came before: hints. What leaves: Python names. Invariant: no name hides a function of the module, an
import or another value of the function; the same function always gets the same names.
"""

from __future__ import annotations

from collections.abc import Iterable

from hqn.compiler.emit.text import as_identifier

IMPORTED = frozenset({"jax", "jnp", "nn", "qc", "keys", "rt", "p"})


class Names:
    """Gives each hint a name of its own: `x`, `x_2`, `x_3`."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken) | IMPORTED

    def new(self, hint: str | None, default: str = "t") -> str:
        """A new name; `default` where there is no hint."""
        wanted = as_identifier(hint or default)
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name

    def copy(self) -> Names:
        return Names(self._taken)
