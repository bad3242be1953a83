"""Names that are there without a `use`: primitives, constants, gates, queries, initialisers.

Invariant: a definition or a local of the same name takes precedence, so a file may call anything `h`.
The rules of the primitives are in `types/prims/table.py`, those of gates and queries in
`types/circuits/check_circuit.py`; a test compares the names.
"""

from __future__ import annotations

UNARY = frozenset(
    [
        "abs",
        "sign",
        "exp",
        "log",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "tanh",
        "sinh",
        "cosh",
        "asin",
        "acos",
        "atan",
        "sigmoid",
        "relu",
        "gelu",
        "silu",
        "softplus",
        "floor",
        "ceil",
        "round",
        "square",
        "reciprocal",
        "erf",
    ]
)
"""Element functions of one argument."""

ELEMENTWISE = UNARY | frozenset(["minimum", "maximum", "clip", "atan2", "select", "min", "max", "div"])

STRUCTURAL = frozenset(
    [
        "zeros",
        "ones",
        "full",
        "iota",
        "reshape",
        "flatten",
        "transpose",
        "moveaxis",
        "concat",
        "stack",
        "sum",
        "mean",
        "prod",
        "any",
        "all",
        "argmax",
        "argmin",
        "std",
        "var",
        "logsumexp",
        "norm",
        "softmax",
        "log_softmax",
        "cumsum",
        "convolve2d",
        "maxpool2d",
        "avgpool2d",
        "patches",
        "pad",
        "pad_to",
        "one_hot",
        "stop",
        "ste",
        "batch_mean",
        "channel_mean",
        "dot",
        "outer",
        "scalar",
        "grad",
        "log2",
        "len",
    ]
)

CASTS = frozenset(["f16", "bf16", "f32", "f64", "i8", "i32", "bool", "c64", "c128"])

PRIMITIVES = ELEMENTWISE | STRUCTURAL

CONSTANTS: dict[str, float] = {"pi": 3.141592653589793, "inf": float("inf")}

QUERIES = frozenset(
    [
        "expect",
        "probs",
        "state",
        "var",
        "density",
        "entropy",
        "purity",
        "fidelity",
        "sample",
        "counts",
        "most_likely",
        "measure",
    ]
)
PAULIS = frozenset(["X", "Y", "Z", "I"])
PROJECTORS = frozenset(["P0", "P1"])
"""(I + Z) / 2 and (I - Z) / 2: whether a qubit reads 0, or 1."""
OBSERVABLES = PAULIS | PROJECTORS | frozenset(["hermitian", "diag", "projector"])

EVOLUTIONS = frozenset(["evolve", "su", "unitary"])
"""Gates made from matrices."""

INITIALISERS: dict[str, tuple[int, int]] = {
    "zeros": (0, 0),
    "ones": (0, 0),
    "constant": (1, 1),
    "uniform": (0, 2),
    "normal": (0, 1),
    "glorot_uniform": (0, 0),
    "glorot_normal": (0, 0),
    "he_uniform": (0, 0),
    "he_normal": (0, 0),
    "orthogonal": (0, 0),
    "identity": (0, 0),
    "near_identity": (1, 1),
}
"""Initialisers with the least and the greatest number of arguments."""

DISTRIBUTIONS: dict[str, tuple[int, int]] = {"bernoulli": (1, 1), "uniform": (0, 2), "normal": (0, 1)}
