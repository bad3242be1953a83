"""Which script stands for which peer in which case: names, arguments, environments, limits in seconds.

What came before: nothing. What leaves: `ORDER` and `peers`. Invariant: a peer runs in the environment
`build/peers/NAME`, made by `make peers` from `requirements/peers/NAME.txt`; frozen scripts run as they are.
Limits are some twice what a quiet machine with two cores needs.
"""

from __future__ import annotations

from dataclasses import dataclass

HERE = "own:"
"""A script of `benchmarks/peers`; any other is one of the folder of frozen scripts."""
TITLES = {
    "w1": "W1: training step, batch 32, 4 layers, by qubits",
    "w2": "W2: one state, 4 layers, by qubits; forward, and the gradient by the adjoint method",
    "w3": "W3: training step, batch 64, 6 qubits, by layers",
    "w4": "W4: 40 qubits, depth 6, value and gradient of local expectation values",
    "w5": "W5: training step, two convolutions and 8 qubits, batch 128",
    "tfim": "Ising chain, 20 qubits, 10 layers, energy and gradient",
    "shots": "Finite shots: gradient of 32 terms, 8 qubits, batch 8, 1,024 shots, under jit and vmap",
}
ORDER = (
    *(("w1", n) for n in ("8", "10", "4", "12")),
    ("w5", "128"),
    ("w4", "site"),
    ("shots", "8"),
    ("tfim", "20"),
    *(("w3", layers) for layers in ("100", "200")),
    *(("w2", n) for n in ("16", "20", "24", "18", "22", "16 adjoint", "20 adjoint")),
    ("w1", "16"),
    ("w4", "sites"),
)
"""Workload and case; whose figures are asked for first come first, for the time may not be enough for all."""
FROZEN = "frozen baseline"
"""What the names of hand-written programs begin with; they are no peers."""
TC, PENNYLANE, TORCH, AER = "tensorcircuit", "pennylane", "torchquantum", "aer"


@dataclass(frozen=True, slots=True)
class Peer:
    """`line` is the part of `fw` that tells this figure from others that the script prints."""

    name: str
    environment: str
    script: str
    args: tuple[str, ...]
    line: str
    limit: float = 60.0
    later: bool = False
    """No aim is about it: it is asked once all others have been."""


def peers(workload: str, case: str) -> tuple[Peer, ...]:
    """Whoever is asked; those that aims are about, the best known of each case, are no `later` ones."""
    match workload, case:
        case "w1", n:
            return _training(n)
        case "w2", n:
            return _large(*n.split())
        case "w3", "100":
            return (
                Peer("tensorcircuit-ng, hand-written scan", TC, "w3.py", ("tcscan", "100"), "scan", 90, True),
            )
        case "w4", "site":
            return (Peer("tensorcircuit-ng", TC, "w4.py", ("tc", "40"), "value_and_grad", 120),)
        case "w5", _:
            return (
                Peer("tensorcircuit-ng", TC, "w5_jax.py", ("tc",), "tensorcircuit"),
                Peer("PennyLane default.qubit", PENNYLANE, "w5_jax.py", ("pl",), "pennylane", 80, True),
            )
        case "tfim", _:
            script = f"{HERE}tfim_tc.py"
            return (
                Peer("tensorcircuit-ng, scan", TC, script, ("20", "10", "scan"), "scan", 300),
                Peer("tensorcircuit-ng", TC, script, ("20", "10", "plain"), "plain", 400, True),
            )
        case "shots", _:
            script = f"{HERE}shots_pl.py"
            return tuple(
                Peer(f"PennyLane default.qubit, {mode}", PENNYLANE, script, (mode,), mode, 100, mode == "jit")
                for mode in ("plain", "jit")
            )
    return ()


def _training(n: str) -> tuple[Peer, ...]:
    """W1: whoever is slower than the limit at a size is not asked at a larger one, and lightning, a thousand
    times slower than the best at 4 qubits, is not asked at all.
    """
    size = int(n)
    limit = {4: 40, 8: 80, 10: 130, 12: 200}.get(size, 90)
    torch = Peer("torchquantum", TORCH, "w1_tq.py", (n,), "torchquantum", limit, size < 12)
    jitted = Peer("tensorcircuit-ng", TC, "w1_tc.py", (n, "tc"), "tensorcircuit", limit)
    default = Peer("PennyLane default.qubit", PENNYLANE, "w1_tc.py", (n, "pl"), "pennylane", limit, size > 4)
    return (*([jitted] if size <= 12 else []), torch, *([default] if size <= 10 else []))


def _large(n: str, gradient: str = "") -> tuple[Peer, ...]:
    """W2: at 24 qubits only those that a quiet machine answers within the limit."""
    what, shape = ("grad", "diff='adj'") if gradient else ("fwd", "perm='gcv'")
    blocks = f"[dict(method='kron',k=4,{shape})]"
    lightning = Peer(
        "PennyLane lightning.qubit",
        PENNYLANE,
        "w2_pll2.py",
        (n, what, "c64"),
        "lightning",
        later=bool(gradient),
    )
    aer = Peer("qiskit-aer", AER, "w2_aer.py", (n,), "single fusion=True", later=int(n) < 24)
    frozen = Peer(f"{FROZEN}, blocks", TC, "w2_hand.py", (n, blocks, what), "hand", later=True)
    return tuple(
        peer
        for peer, wanted in (
            (lightning, int(n) < 24),
            (aer, not gradient),
            (frozen, gradient or int(n) in (16, 20)),
        )
        if wanted
    )
