"""Gates written in terms of others.

What came before: nothing. What leaves: `DEFINITIONS`, one gate as a product of simpler ones. OpenQASM 3
programs define what `stdgates.inc` lacks by them; OpenQASM 2 programs inline them until only gates of
the original `qelib1.inc` are left. Invariant: each definition equals its gate, phase included, so that its
controlled form follows. Formulas: Barenco et al. 1995 (arXiv quant-ph/9503016), Cross et al. 2017
(arXiv 1707.03429).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hqn.compiler.emit.qasm.scalar import Number, Scalar
from hqn.compiler.emit.qasm.structure import Gate

Angles = tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Linear:
    """`sum(factor * parameter) + offset`: all that a definition does to its parameters."""

    terms: tuple[tuple[int, float], ...]
    offset: float = 0.0

    def at(self, angles: Angles) -> Scalar:
        total: Scalar = Number(self.offset)
        for parameter, factor in self.terms:
            scaled = angles[parameter] if factor == 1 else Number(factor) * angles[parameter]
            total = total + scaled
        return total


@dataclass(frozen=True, slots=True)
class Part:
    """One gate of a definition, on wires of the defined gate."""

    gate: str
    wires: tuple[int, ...]
    angles: tuple[Linear, ...] = ()


def _part(gate: str, *wires: int, angle: Linear | None = None) -> Part:
    return Part(gate, wires, () if angle is None else (angle,))


def _times(factor: float, parameter: int = 0) -> Linear:
    return Linear(((parameter, factor),))


def _fixed(offset: float) -> Linear:
    return Linear((), offset)


_A, _HALF, _MINUS_HALF = _times(1), _times(0.5), _times(-0.5)
_QUARTER = _fixed(math.pi / 2)


_ZZ = (_part("cx", 0, 1), _part("rz", 1, angle=_A), _part("cx", 0, 1))
_H0, _H1 = _part("h", 0), _part("h", 1)
_BASIS_Y = tuple(_part("rx", wire, angle=_QUARTER) for wire in (0, 1))
_BASIS_Y_BACK = tuple(_part("rx", wire, angle=_fixed(-math.pi / 2)) for wire in (0, 1))

DEFINITIONS: dict[str, tuple[Part, ...]] = {
    "rot": (
        _part("rz", 0, angle=_A),
        _part("ry", 0, angle=_times(1, 1)),
        _part("rz", 0, angle=_times(1, 2)),
    ),
    "rzz": _ZZ,
    "rxx": (_H0, _H1, *_ZZ, _H0, _H1),
    "ryy": (*_BASIS_Y, *_ZZ, *_BASIS_Y_BACK),
    "rzx": (_H1, *_ZZ, _H1),
    "iswap": (
        _part("s", 0),
        _part("s", 1),
        _part("h", 0),
        _part("cx", 0, 1),
        _part("cx", 1, 0),
        _part("h", 1),
    ),
    "ecr": (
        _part("h", 1),
        _part("cx", 0, 1),
        _part("rz", 1, angle=_fixed(math.pi / 4)),
        _part("cx", 0, 1),
        _part("h", 1),
        _part("x", 0),
        _part("h", 1),
        _part("cx", 0, 1),
        _part("rz", 1, angle=_fixed(-math.pi / 4)),
        _part("cx", 0, 1),
        _part("h", 1),
    ),
}
"""What OpenQASM 3's `stdgates.inc` lacks, in its gates."""

OLD_DEFINITIONS: dict[str, tuple[Part, ...]] = DEFINITIONS | {
    "p": (_part("u1", 0, angle=_A),),
    "sx": (_part("h", 0), _part("s", 0), _part("h", 0)),
    "u": (Part("u3", (0,), (_A, _times(1, 1), _times(1, 2))),),
    "swap": (_part("cx", 0, 1), _part("cx", 1, 0), _part("cx", 0, 1)),
    "cp": (_part("cu1", 0, 1, angle=_A),),
    "cry": (
        _part("ry", 1, angle=_HALF),
        _part("cx", 0, 1),
        _part("ry", 1, angle=_MINUS_HALF),
        _part("cx", 0, 1),
    ),
    "crx": (_part("h", 1), _part("crz", 0, 1, angle=_A), _part("h", 1)),
    "cu": (_part("u1", 0, angle=_times(1, 3)), Part("cu3", (0, 1), (_A, _times(1, 1), _times(1, 2)))),
    "cswap": (_part("cx", 2, 1), _part("ccx", 0, 1, 2), _part("cx", 2, 1)),
}
"""What the original `qelib1.inc` lacks, in gates that are nearer to it."""


def expand(gate: Gate, parts: tuple[Part, ...]) -> list[Gate]:
    """The gates that a definition stands for; `gate` has no modifiers."""
    return [
        Gate(
            part.gate, tuple(gate.wires[w] for w in part.wires), tuple(a.at(gate.angles) for a in part.angles)
        )
        for part in parts
    ]
