"""Circuits on state vectors: the words that emitted functions use for a register.

A circuit function makes a state (`zero_state`, `product_state`), carries it through the kernels `block`,
`permute` and `phase` (`repeat` for many equal turns), and reads results (`expect_z`, `expect`, `probs`,
`state`); with `adjoint` around the first state, gradients un-compute it. Gate functions give matrices;
`kron` and `fuse` make one matrix on several wires of them.
"""

from hqn.runtime.circuit.block import block, repeat
from hqn.runtime.circuit.calls import on
from hqn.runtime.circuit.diagonal import Diagonal as diagonal
from hqn.runtime.circuit.diagonal import phase
from hqn.runtime.circuit.expect import expect, expect_matrix, expect_z, probs, state
from hqn.runtime.circuit.gates import (
    control,
    cp,
    crx,
    cry,
    crz,
    cu,
    gate,
    p,
    rot,
    rx,
    rxx,
    ry,
    ryy,
    rz,
    rzx,
    rzz,
    u,
    u2,
    u3,
)  # fmt: skip
from hqn.runtime.circuit.generators import evolution, pauli_sum, su
from hqn.runtime.circuit.gradients import finite_difference, parameter_shift, reverse, spsa
from hqn.runtime.circuit.mixed import Mixed, mixed, postselect, reset
from hqn.runtime.circuit.moves import cx_chain, cx_ring, permutation, permute, tuples
from hqn.runtime.circuit.portions import at_once
from hqn.runtime.circuit.reduced import density, entropy, fidelity, purity
from hqn.runtime.circuit.shots import counts, most_likely, sample, shots
from hqn.runtime.circuit.sites import matrix_site, site
from hqn.runtime.circuit.state import State, amplitudes, product_state, zero_state
from hqn.runtime.circuit.tape import Tape, adjoint
from hqn.runtime.circuit.unitary import Unitary, embed, fuse, inverse, kron, matmul, power

__all__ = [
    "Mixed",
    "State",
    "Tape",
    "Unitary",
    "adjoint",
    "amplitudes",
    "at_once",
    "block",
    "control",
    "counts",
    "cp",
    "crx",
    "cry",
    "crz",
    "cu",
    "cx_chain",
    "cx_ring",
    "density",
    "diagonal",
    "embed",
    "entropy",
    "evolution",
    "expect",
    "expect_matrix",
    "expect_z",
    "fidelity",
    "finite_difference",
    "fuse",
    "gate",
    "inverse",
    "kron",
    "matmul",
    "matrix_site",
    "mixed",
    "most_likely",
    "on",
    "p",
    "parameter_shift",
    "pauli_sum",
    "permutation",
    "permute",
    "phase",
    "postselect",
    "power",
    "probs",
    "product_state",
    "purity",
    "repeat",
    "reset",
    "reverse",
    "rot",
    "rx",
    "rxx",
    "ry",
    "ryy",
    "rz",
    "rzx",
    "rzz",
    "sample",
    "shots",
    "site",
    "spsa",
    "state",
    "su",
    "tuples",
    "u",
    "u2",
    "u3",
    "undone",
    "zero_state",
]  # fmt: skip
