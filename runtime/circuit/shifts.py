"""Shift rules: the derivative of an expectation value from its values at shifted angles.

What came before: a gate's name. What leaves: per angle the frequencies that occur in expectation values as
functions of it, and the shifts and coefficients of a derivative. A gate exp(-i t G) makes frequencies of the
differences of eigenvalues of G: 1 for turns about a Pauli word (two evaluations), 1/2 and 1 where such a turn
is controlled (four). A control adds the eigenvalue 0. Source: Wierichs, Izaac, Wang, Lin, "General
parameter-shift rules for quantum gradients", Quantum 6, 677 (2022).
"""

from __future__ import annotations

from functools import cache

import numpy as np

Spectrum = tuple[float, ...]
"""Eigenvalues of a generator."""
Rule = tuple[tuple[float, float], ...]
"""Pairs of a shift s and a coefficient c: f'(t) = sum c f(t + s)."""

_TURN: Spectrum = (-0.5, 0.5)
_PHASE: Spectrum = (0.0, 1.0)
_CONTROLLED: Spectrum = (-0.5, 0.0, 0.5)
SPECTRA: dict[str, tuple[Spectrum, ...]] = {
    "rx": (_TURN,), "ry": (_TURN,), "rz": (_TURN,), "rxx": (_TURN,), "ryy": (_TURN,), "rzz": (_TURN,),
    "rzx": (_TURN,), "p": (_PHASE,), "u1": (_PHASE,), "cp": (_PHASE,),
    "crx": (_CONTROLLED,), "cry": (_CONTROLLED,), "crz": (_CONTROLLED,), "rot": (_TURN,) * 3,
    "u3": (_TURN,) * 3, "u2": (_TURN,) * 2, "u": (_PHASE,) * 3,
    "cu": (_CONTROLLED, _PHASE, _PHASE, _PHASE),
}  # fmt: skip
"""Per angle of a gate the eigenvalues of its generator, phases that controls make visible included."""


def frequencies(spectrum: Spectrum, controlled: bool = False) -> tuple[float, ...]:
    """The positive differences of eigenvalues, ascending."""
    values = {*spectrum, 0.0} if controlled else set(spectrum)
    return tuple(sorted({round(a - b, 12) for a in values for b in values if a > b}))


@cache
def shift_rule(found: tuple[float, ...]) -> Rule:
    """The rule for these frequencies, 2 evaluations for each; shifts are odd parts of the longest period."""
    count = len(found)
    shifts = (2 * np.arange(1, count + 1) - 1) * np.pi / (2 * count * found[0])
    waves = 2 * np.sin(np.outer(found, shifts))
    halves = np.linalg.solve(waves, np.array(found))
    return tuple((float(sign * s), float(sign * c)) for s, c in zip(shifts, halves) for sign in (1, -1))
