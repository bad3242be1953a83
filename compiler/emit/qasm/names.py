"""Names of an OpenQASM program, each used once.

What came before: names of hqn. What leaves: identifiers that are no word of OpenQASM and no gate's name, and
arrays of scalars under them. Invariant: no element's name, `w_0_2`, is any other name of the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from hqn.compiler.emit.qasm.evaluate import Array
from hqn.compiler.emit.qasm.scalar import Affine, Family, Input, Number
from hqn.compiler.emit.text import as_identifier
from hqn.compiler.types.circuits.gates import GATES

_WORDS = frozenset([
    "CX", "OPENQASM", "U", "angle", "arccos", "arcsin", "arctan", "array", "barrier", "bit",
    "bool", "box", "break", "cal", "case", "ceiling", "complex", "const", "continue", "cos", "cphase",
    "creg", "ctrl", "def", "default", "defcal", "defcalgrammar", "delay", "dim", "duration", "durationof",
    "else", "end", "euler", "exp", "extern", "false", "float", "floor", "for", "gate", "gphase", "id",
    "if", "im", "imag", "in", "include", "input", "int", "inv", "let", "log", "measure", "mod", "mutable",
    "negctrl", "nop", "opaque", "output", "phase", "pi", "popcount", "pow", "pragma", "qreg", "qubit",
    "readonly", "real", "reset", "return", "rotl", "rotr", "sin", "sizeof", "sqrt", "stretch", "switch",
    "tan", "tau", "true", "u1", "u2", "u3", "uint", "void", "while",
])  # fmt: skip
_QUBIT = re.compile("q[0-9]*")
_TURNS = "ijklmn"


class Names:
    """Names that are taken, and the families among them."""

    def __init__(self) -> None:
        self.taken = set(GATES) | _WORDS
        self.families: list[Family] = []

    def free(self, wanted: str) -> str:
        """A name like this one, taken from now on."""
        name = as_identifier(wanted)
        while self._has(name):
            name += "_"
        self.taken.add(name)
        return name

    def _has(self, name: str) -> bool:
        return name in self.taken or _QUBIT.fullmatch(name) is not None

    def turn(self, depth: int) -> str:
        """The variable of a loop that so many others stand around."""
        name = _TURNS[depth] if depth < len(_TURNS) else f"i{depth}"
        while self._has(name):
            name += "_"
        return name

    def array(self, path: tuple[str, ...], shape: tuple[int, ...], values: Any = None) -> Array:
        """The elements of a parameter or slot: inputs, or numbers that know where they come from."""
        stem = as_identifier("_".join(path))
        while any(self._has(one) for one in _names(stem, shape)):
            stem += "_"
        self.taken.update(_names(stem, shape))
        family = Family(self.free(stem) if shape else stem, stem, shape, ".".join(path), values)
        self.families.append(family)
        result = np.empty(shape, dtype=object)
        for place in np.ndindex(shape):
            element = Input(family, tuple(map(Affine, place)))
            result[place] = element if values is None else Number(np.asarray(values)[place].item(), element)
        return result


def elements(family: Family) -> Iterator[tuple[str, str]]:
    """Each element's own name, and where it comes from: `w_0_2`, `vqc.w[0][2]`."""
    for name, place in zip(_names(family.stem, family.shape), np.ndindex(family.shape), strict=True):
        yield name, family.origin + "".join(f"[{number}]" for number in place)


def _names(stem: str, shape: tuple[int, ...]) -> Iterator[str]:
    return ("_".join([stem, *map(str, place)]) for place in np.ndindex(shape))
