"""Which script stands for which peer in which case: names, arguments, environments, limits in seconds.

What came before: nothing. What leaves: `CASES` and `peers`. Invariant: a peer runs in the environment
`build/peers/NAME`, made by `make peers` from `requirements/peers/NAME.txt`; frozen scripts run as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

HERE = "own:"
"""A script of `benchmarks/peers`; any other is one of the folder of frozen scripts."""
CASES = {
    "w1": ("4", "8", "10", "12", "16"),
    "w3": ("100", "200"),
    "w4": ("site", "sites"),
    "w5": ("128",),
    "tfim": ("20",),
}
TITLES = {
    "w1": "W1: training step, batch 32, 4 layers, by qubits",
    "w3": "W3: training step, batch 64, 6 qubits, by layers",
    "w4": "W4: 40 qubits, depth 6, value and gradient of local expectation values",
    "w5": "W5: training step, two convolutions and 8 qubits, batch 128",
    "tfim": "Ising chain, 20 qubits, 10 layers, energy and gradient",
}
TC, PENNYLANE, TORCH = "tensorcircuit", "pennylane", "torchquantum"


@dataclass(frozen=True, slots=True)
class Peer:
    """`line` is the part of `fw` that tells this figure from others that the script prints."""

    name: str
    environment: str
    script: str
    args: tuple[str, ...]
    line: str
    limit: float = 120.0


def peers(workload: str, case: str) -> tuple[Peer, ...]:
    """Whoever is asked, with the limit that each has."""
    match workload, case:
        case "w1", n:
            return _training(n)
        case "w3", layers:
            scanned = Peer("tensorcircuit-ng, hand-written scan", TC, "w3.py", ("tcscan", layers), "scan")
            return (scanned,) if layers == "100" else ()
        case "w4", "site":
            return (Peer("tensorcircuit-ng", TC, "w4.py", ("tc", "40"), "value_and_grad", 180),)
        case "w5", _:
            return (
                Peer("tensorcircuit-ng", TC, "w5_jax.py", ("tc",), "tensorcircuit"),
                Peer("PennyLane default.qubit", PENNYLANE, "w5_jax.py", ("pl",), "pennylane"),
            )
        case "tfim", _:
            return (Peer("tensorcircuit-ng", TC, f"{HERE}tfim_tc.py", (), "tensorcircuit", 180),)
    return ()


def _training(n: str) -> tuple[Peer, ...]:
    """W1: whoever is slower than the limit at a size is not asked at a larger one."""
    size = int(n)
    torch = Peer("torchquantum", TORCH, "w1_tq.py", (n,), "torchquantum")
    jitted = Peer("tensorcircuit-ng", TC, "w1_tc.py", (n, "tc"), "tensorcircuit", 180)
    default = Peer("PennyLane default.qubit", PENNYLANE, "w1_tc.py", (n, "pl"), "pennylane")
    lightning = Peer("PennyLane lightning.qubit", PENNYLANE, "w1_tc.py", (n, "pll"), "lightning")
    found = [torch, *([jitted] if size <= 12 else []), *([default] if size <= 10 else [])]
    return (*found, *([lightning] if size <= 4 else []))
