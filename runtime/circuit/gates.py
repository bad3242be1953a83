"""Matrices of gates.

What came before: angles in radians, `[...]` or with the gate's parameters last, `[..., p]`. What leaves: one
matrix per angle, `[..., 2^k, 2^k]`, the first wire of the gate being the most significant bit. A matrix is
real where the gate is (`ry`), complex otherwise; gates without angles are NumPy constants in double
precision, which take the precision of whatever they are combined with. Definitions: OpenQASM 3,
`stdgates.inc`; `rxx ryy rzz rzx` are exp(-i t/2 P P), `rot(a, b, c)` is rz(c) ry(b) rz(a) as matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

Matrix = jax.Array | np.ndarray[Any, Any]
"""`[..., 2^k, 2^k]`."""

_R = np.sqrt(0.5)
_I2 = np.eye(2)

ID = _I2
X = np.array([[0.0, 1.0], [1.0, 0.0]])
Y = np.array([[0.0, -1j], [1j, 0.0]])
Z = np.diag([1.0, -1.0])
H = np.array([[_R, _R], [_R, -_R]])
S = np.diag([1.0, 1j])
SDG = S.conj()
T = np.diag([1.0, np.exp(0.25j * np.pi)])
TDG = T.conj()
SX = 0.5 * np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]])
SXDG = SX.conj()
SWAP = np.eye(4)[[0, 2, 1, 3]]
ISWAP = np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]])
ECR = _R * (np.kron(X, _I2) - np.kron(Y, X))
"""The echoed cross resonance (X I - Y X) / sqrt 2."""


def control(u: Matrix, on: tuple[int, ...] = (1,)) -> Matrix:
    """`u` where the leading control wires are in the state `on`: `[..., 2^c K, 2^c K]`."""
    size = u.shape[-1]
    first = size * int("".join(map(str, on)), 2)
    total = size << len(on)
    if isinstance(u, np.ndarray):
        full = np.broadcast_to(np.eye(total, dtype=u.dtype), (*u.shape[:-2], total, total)).copy()
        full[..., first : first + size, first : first + size] = u
        return full
    identity = jnp.broadcast_to(jnp.eye(total, dtype=u.dtype), (*u.shape[:-2], total, total))
    return identity.at[..., first : first + size, first : first + size].set(u)


CX = control(X)
CY = control(Y)
CZ = control(Z)
CH = control(H)
CCX = control(X, (1, 1))
CSWAP = control(SWAP)

CONSTANTS: dict[str, np.ndarray[Any, Any]] = {
    "id": ID, "x": X, "y": Y, "z": Z, "h": H, "s": S, "sdg": SDG, "t": T, "tdg": TDG, "sx": SX, "sxdg": SXDG,
    "cx": np.asarray(CX), "cy": np.asarray(CY), "cz": np.asarray(CZ), "ch": np.asarray(CH), "swap": SWAP,
    "ccx": np.asarray(CCX), "cswap": np.asarray(CSWAP), "iswap": ISWAP, "ecr": ECR,
}  # fmt: skip


def _array(rows: list[list[jax.Array]]) -> jax.Array:
    return jnp.stack([jnp.stack(row, -1) for row in rows], -2)


def _angle(t: ArrayLike) -> jax.Array:
    t = jnp.asarray(t)
    return t if jnp.issubdtype(t.dtype, jnp.floating) else t.astype(jnp.float32)


def _half(t: ArrayLike) -> tuple[jax.Array, jax.Array, jax.Array]:
    """cos(t/2), sin(t/2) and a zero of their shape."""
    t = _angle(t) / 2
    return jnp.cos(t), jnp.sin(t), jnp.zeros_like(t)


def _expi(t: jax.Array) -> jax.Array:
    return jax.lax.complex(jnp.cos(t), jnp.sin(t))


def rx(t: ArrayLike) -> jax.Array:
    """exp(-i t/2 X): `[...]` -> `[..., 2, 2]`."""
    c, s, o = _half(t)
    d, f = jax.lax.complex(c, o), jax.lax.complex(o, -s)
    return _array([[d, f], [f, d]])


def ry(t: ArrayLike) -> jax.Array:
    """exp(-i t/2 Y), a real matrix: `[...]` -> `[..., 2, 2]`."""
    c, s, _ = _half(t)
    return _array([[c, -s], [s, c]])


def rz(t: ArrayLike) -> jax.Array:
    """exp(-i t/2 Z): `[...]` -> `[..., 2, 2]`."""
    c, s, o = _half(t)
    zero = jax.lax.complex(o, o)
    return _array([[jax.lax.complex(c, -s), zero], [zero, jax.lax.complex(c, s)]])


def p(t: ArrayLike) -> jax.Array:
    """diag(1, e^(i t)): `[...]` -> `[..., 2, 2]`."""
    e = _expi(_angle(t))
    return _array([[jnp.ones_like(e), jnp.zeros_like(e)], [jnp.zeros_like(e), e]])


def rot(w: ArrayLike) -> jax.Array:
    """rz(c) ry(b) rz(a) with (a, b, c) last: `[..., 3]` -> `[..., 2, 2]`."""
    w = _angle(w)
    a, b, c = w[..., 0], w[..., 1], w[..., 2]
    cos, sin, _ = _half(b)
    plus, minus = (a + c) / 2, (a - c) / 2
    d = jax.lax.complex(cos * jnp.cos(plus), -cos * jnp.sin(plus))
    f = jax.lax.complex(-sin * jnp.cos(minus), -sin * jnp.sin(minus))
    return _array([[d, f], [-f.conj(), d.conj()]])


def u3(w: ArrayLike) -> jax.Array:
    """rz(phi) ry(theta) rz(lambda), (theta, phi, lambda) last, of determinant 1 as in `stdgates.inc`."""
    w = _angle(w)
    return rot(jnp.stack([w[..., 2], w[..., 0], w[..., 1]], -1))


def u(w: ArrayLike) -> jax.Array:
    """The built-in U(theta, phi, lambda), e^(i (theta + phi + lambda) / 2) times u3: as `u3`."""
    w = _angle(w)
    return _expi(w.sum(-1) / 2)[..., None, None] * u3(w)


def u2(w: ArrayLike) -> jax.Array:
    """u3(pi/2, phi, lambda): `[..., 2]` -> `[..., 2, 2]`."""
    w = _angle(w)
    right = jnp.full_like(w[..., :1], np.pi / 2)
    return u3(jnp.concatenate([right, w], -1))


def _pauli_rotation(t: ArrayLike, pauli: np.ndarray[Any, Any]) -> jax.Array:
    """exp(-i t/2 P) = cos(t/2) - i sin(t/2) P for P^2 = 1."""
    c, s, _ = _half(t)
    identity = np.eye(pauli.shape[-1], dtype=c.dtype)
    real, imag = pauli.real.astype(c.dtype), pauli.imag.astype(c.dtype)
    c, s = c[..., None, None], s[..., None, None]
    return jax.lax.complex(c * identity + s * imag, -s * real)


def rxx(t: ArrayLike) -> jax.Array:
    """exp(-i t/2 X X): `[...]` -> `[..., 4, 4]`."""
    return _pauli_rotation(t, np.kron(X, X))


def ryy(t: ArrayLike) -> jax.Array:
    """exp(-i t/2 Y Y): `[...]` -> `[..., 4, 4]`."""
    return _pauli_rotation(t, np.kron(Y, Y))


def rzz(t: ArrayLike) -> jax.Array:
    """exp(-i t/2 Z Z): `[...]` -> `[..., 4, 4]`."""
    return _pauli_rotation(t, np.kron(Z, Z))


def rzx(t: ArrayLike) -> jax.Array:
    """exp(-i t/2 Z X): `[...]` -> `[..., 4, 4]`."""
    return _pauli_rotation(t, np.kron(Z, X))


def crx(t: ArrayLike) -> Matrix:
    """Controlled rx: `[...]` -> `[..., 4, 4]`."""
    return control(rx(t))


def cry(t: ArrayLike) -> Matrix:
    """Controlled ry: `[...]` -> `[..., 4, 4]`."""
    return control(ry(t))


def crz(t: ArrayLike) -> Matrix:
    """Controlled rz: `[...]` -> `[..., 4, 4]`."""
    return control(rz(t))


def cp(t: ArrayLike) -> Matrix:
    """Controlled phase: `[...]` -> `[..., 4, 4]`."""
    return control(p(t))


def cu(w: ArrayLike) -> Matrix:
    """Controlled e^(i (gamma - theta/2)) U(theta, phi, lambda), gamma fourth: `[..., 4]` -> `[..., 4, 4]`."""
    w = _angle(w)
    phase = _expi(w[..., 3] - w[..., 0] / 2)
    return control(phase[..., None, None] * u(w[..., :3]))


GATES: dict[str, tuple[int, Callable[[ArrayLike], Matrix]]] = {
    "rx": (1, rx), "ry": (1, ry), "rz": (1, rz), "p": (1, p), "phase": (1, p), "u1": (1, p), "u2": (2, u2),
    "u3": (3, u3), "u": (3, u), "rot": (3, rot), "rxx": (1, rxx), "ryy": (1, ryy), "rzz": (1, rzz),
    "rzx": (1, rzx), "crx": (1, crx), "cry": (1, cry), "crz": (1, crz), "cp": (1, cp), "cphase": (1, cp),
    "cu": (4, cu),
}  # fmt: skip
"""Parametrised gates: how many angles, and the matrix of them (one angle `[...]`, several `[..., p]`)."""


def gate(name: str, angles: ArrayLike | None = None) -> Matrix:
    """The matrix of a gate by its name; `angles` are `[..., p]`, p the number of parameters."""
    if angles is None:
        return CONSTANTS[name]
    count, build = GATES[name]
    return build(jnp.asarray(angles)[..., 0] if count == 1 else angles)
