"""Names of one emitted function: like those of the .hqn text, and unique.

What came before: hints. What leaves: Python names. Invariant: no name hides a function of the module, an
import or another value of the function; the same function always gets the same names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hqn.compiler.emit.text import as_identifier, is_identifier

IMPORTED = frozenset({"jax", "jnp", "nn", "qc", "rnd", "tn", "quant", "keys", "rt", "p"})
OF_THE_MODULE = IMPORTED | {"ABI", "PROGRAM"}


def function_names(symbols: Sequence[str]) -> dict[str, str]:
    """The Python name of every function: its symbol, unless that means something else in the module."""
    names = {symbol: symbol for symbol in symbols if _is_free(symbol)}
    for symbol in symbols:
        if symbol not in names:
            name = f"{as_identifier(symbol)}_"
            while name in names.values():
                name += "_"
            names[symbol] = name
    return names


def _is_free(symbol: str) -> bool:
    known = symbol in OF_THE_MODULE or symbol.startswith("TABLE_")
    return is_identifier(symbol) and as_identifier(symbol) == symbol and not known


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
