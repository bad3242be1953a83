"""Random OpenQASM programs, each with the plain list of gates that it means.

The structured text has loops, constants, aliases, definitions and registers as operands; the flat one has
gates on single qubits with numbers as angles, which other readers of OpenQASM understand. Both are made
side by side from one draw, so the flat text owes nothing to our importer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

N = 3
HALF = math.pi / 2
W = (0.1, 0.25, -0.3)
MINE = "gate mine(s, t) c, d { gphase(s / 2); cx c, d; ctrl @ rz(t / 2) c, d; inv @ h d; }"
MEANT = """gate meant_U(a, b, d) c { gphase(a / 2); U(a, b, d) c; }
gate meant_u2(a, b) c { rz(b) c; ry(pi / 2) c; rz(a) c; }
gate meant_u3(a, b, d) c { rz(d) c; ry(a) c; rz(b) c; }
"""
"""Gates as the specification of OpenQASM 3 defines them; Qiskit has another phase, which controls show."""
FLAT_HEAD = f'OPENQASM 3.0;\ninclude "stdgates.inc";\n{MINE}\n{MEANT}qubit[{N}] q;\nqubit a;\n'
HEAD = f"""OPENQASM 3.0;
include "stdgates.inc";
const int n = {N};
const float half = pi / 2;
array[float[64], {N}] w = {{{W[0]}, {W[1]}, {W[2]}}};
{MINE}
def sub(qubit[2] r, angle t, uint k) {{
  for int j in [0:k - 1] {{ crx(t) r[0], r[1]; rz(j * t) r[1]; }}
}}
qubit[n] q;
qubit a;
let mid = q[1:2];
let rev = q[{{2, 0}}];
"""

GATES = {
    "x": (0, 1), "h": (0, 1), "sx": (0, 1), "s": (0, 1), "tdg": (0, 1), "p": (1, 1), "rx": (1, 1),
    "rz": (1, 1),
    "U": (3, 1), "u2": (2, 1), "u3": (3, 1), "cx": (0, 2), "cz": (0, 2), "swap": (0, 2), "crx": (1, 2),
    "cp": (1, 2), "cu": (4, 2), "ccx": (0, 3), "cswap": (0, 3), "mine": (2, 2),
}  # fmt: skip
MODIFIERS = {"ctrl @ ": 1, "negctrl @ ": 1, "ctrl(2) @ ": 2, "inv @ ": 0, "pow(2) @ ": 0, "pow(-1) @ ": 0}

Index = int | None
Angle = tuple[str, Callable[[int], float]]
Qubit = tuple[str, Callable[[int], str]]

FIXED_ANGLES: list[Angle] = [
    ("0.3", lambda i: 0.3),
    ("-pi / 4", lambda i: -math.pi / 4),
    ("half / n", lambda i: HALF / N),
    ("7 / n", lambda i: 2.0),
    ("-(n + 4) / 2", lambda i: -3.0),
    ("1 / (n - 1.0)", lambda i: 0.5),
    ("w[1] * 2", lambda i: 2 * W[1]),
    ("w[-1]", lambda i: W[2]),
    ("sqrt(2) * sin(half / 2)", lambda i: math.sqrt(2) * math.sin(HALF / 2)),
    ("1.5 ** 2 - tau", lambda i: 2.25 - math.tau),
    ("2 - (1 - 0.25)", lambda i: 1.25),
]
TURN_ANGLES: list[Angle] = [
    ("i * pi / 4", lambda i: i * math.pi / 4),
    ("pi / 2 ** i", lambda i: math.pi / 2**i),
    ("-half * (i + 1)", lambda i: -HALF * (i + 1)),
    ("w[i]", lambda i: W[i]),
    ("i / 2 + 0.5", lambda i: i // 2 + 0.5),
    ("float(i) / 2", lambda i: i / 2),
    ("(i - 1) / 2", lambda i: float(int((i - 1) / 2))),
]
FIXED_QUBITS: list[Qubit] = [
    ("q[0]", lambda i: "q[0]"),
    ("q[n - 2]", lambda i: "q[1]"),
    ("q[-1]", lambda i: "q[2]"),
    ("a", lambda i: "a"),
    ("mid[0]", lambda i: "q[1]"),
    ("rev[1]", lambda i: "q[0]"),
    ("q[1:2][1]", lambda i: "q[2]"),
]
TURN_QUBITS: list[Qubit] = [
    ("q[i]", lambda i: f"q[{i}]"),
    ("q[(i + 1) % n]", lambda i: f"q[{(i + 1) % N}]"),
    ("q[n - 1 - i]", lambda i: f"q[{N - 1 - i}]"),
    ("mid[i % 2]", lambda i: f"q[{1 + i % 2}]"),
    ("rev[i % 2]", lambda i: f"q[{(2, 0)[i % 2]}]"),
]


@dataclass(frozen=True)
class Piece:
    """A statement, and the flat statements that it means in turn `i` of the loop around it."""

    text: str
    flat: Callable[[int], list[str]]


def call(name: str, angles: list[str]) -> str:
    return f"{name}({', '.join(angles)})" if angles else name


@st.composite
def gates(draw: st.DrawFn, turns: range) -> Piece:
    """A gate with modifiers on single qubits, which differ in every turn."""
    mods = draw(st.lists(st.sampled_from(sorted(MODIFIERS)), max_size=2))
    extra = sum(MODIFIERS[one] for one in mods)
    if extra > 2:
        mods, extra = [], 0
    name = draw(st.sampled_from([one for one, (_, qubits) in GATES.items() if qubits + extra <= 4]))
    params, qubits = GATES[name]
    in_loop = len(turns) > 0
    angles = draw(
        st.lists(st.sampled_from(FIXED_ANGLES + TURN_ANGLES * in_loop), min_size=params, max_size=params)
    )
    order = draw(st.permutations(FIXED_QUBITS + TURN_QUBITS * in_loop))
    chosen = _different(order, qubits + extra, turns or range(1))
    text = f"{''.join(mods)}{call(name, [one for one, _ in angles])} {', '.join(one for one, _ in chosen)};"

    def flat(i: int) -> list[str]:
        head = call(
            f"meant_{name}" if f"gate meant_{name}(" in MEANT else name,
            [repr(float(at(i))) for _, at in angles],
        )
        return [f"{''.join(mods)}{head} {', '.join(at(i) for _, at in chosen)};"]

    return Piece(text, flat)


def _different(order: list[Qubit], count: int, turns: range) -> list[Qubit]:
    """The first qubits of an order that never meet."""
    chosen: list[Qubit] = []
    for qubit in order:
        if all(qubit[1](i) != other[1](i) for other in chosen for i in turns):
            chosen.append(qubit)
    if len(chosen) < count:
        return _different(FIXED_QUBITS[:4], count, turns)
    return chosen[:count]


REGISTERS = {
    "h q;": ["h q[0];", "h q[1];", "h q[2];"],
    "rx(half) q[0:2:2];": [f"rx({HALF}) q[0];", f"rx({HALF}) q[2];"],
    "cx q[0:1], q[1:2];": ["cx q[0], q[1];", "cx q[1], q[2];"],
    "cx a, q;": ["cx a, q[0];", "cx a, q[1];", "cx a, q[2];"],
    "swap rev, mid;": ["swap q[2], q[1];", "swap q[0], q[2];"],
    "ry(0.4) q[{0, 2}];": ["ry(0.4) q[0];", "ry(0.4) q[2];"],
    "mine(0.1, 0.2) q[0:1], a;": ["mine(0.1, 0.2) q[0], a;", "mine(0.1, 0.2) q[1], a;"],
    "mine(0.1, 0.2) q[0:1], q[1:2];": ["mine(0.1, 0.2) q[0], q[1];", "mine(0.1, 0.2) q[1], q[2];"],
    "ctrl @ x a, mid ++ q[0:0];": ["cx a, q[1];", "cx a, q[2];", "cx a, q[0];"],
    "sub(mid, half, 2);": [
        *(f"crx({HALF}) q[1], q[2];", "rz(0.0) q[2];"),
        *(f"crx({HALF}) q[1], q[2];", f"rz({HALF}) q[2];"),
    ],
    "barrier q; gphase(0.3); reset q[{}];".replace("q[{}]", "a"): [],
    "pow(1/2) @ x a;": ["sx a;"],
    "inv @ pow(1/4) @ z a;": ["tdg a;"],
    "pow(-0.5) @ cz a, q[1];": ["inv @ ctrl @ s a, q[1];"],
    "ctrl @ pow(0.5) @ z a, q[0];": ["cs a, q[0];".replace("cs", "ctrl @ s")],
    "negctrl @ gphase(0.2) q[1];": ["negctrl @ gphase(0.2) q[1];"],
    "ctrl(2) @ gphase(0.2) q[1], a;": ["cp(0.2) q[1], a;"],
}


def registers(before: bool) -> st.SearchStrategy[Piece]:
    """Statements on whole registers; `reset` only while nothing was done `before`."""
    texts = sorted(text for text in REGISTERS if not (before and "reset" in text))
    return st.sampled_from(texts).map(lambda text: Piece(text, lambda i: REGISTERS[text]))


RANGES = {
    "[0:2]": range(3), "[0:n - 1]": range(3), "[1:2]": range(1, 3), "[0:2:2]": range(0, 3, 2),
    "[2:-1:0]": range(2, -1, -1), "[2:1]": range(0), "{2, 0}": (2, 0),
}  # fmt: skip
CONDITIONS: dict[str, Callable[[int], bool]] = {
    "i == 1": lambda i: i == 1,
    "i % 2 == 0 && n > 2": lambda i: i % 2 == 0,
    "!(i < 1) || false": lambda i: i >= 1,
    "n != 3": lambda i: False,
}


@st.composite
def loops(draw: st.DrawFn) -> Piece:
    domain = draw(st.sampled_from(sorted(RANGES)))
    body = draw(
        st.lists(
            st.one_of(gates(range(3)), gates(range(3)), choices(), registers(True)), min_size=1, max_size=3
        )
    )
    text = f"for int i in {domain} {{\n  " + "\n  ".join(one.text for one in body) + "\n}"
    return Piece(text, lambda _: [line for i in RANGES[domain] for one in body for line in one.flat(i)])


@st.composite
def choices(draw: st.DrawFn) -> Piece:
    condition = draw(st.sampled_from(sorted(CONDITIONS)))
    then, otherwise = draw(gates(range(3))), draw(gates(range(3)))
    text = f"if ({condition}) {{ {then.text} }} else {{ {otherwise.text} }}"
    return Piece(text, lambda i: then.flat(i) if CONDITIONS[condition](i) else otherwise.flat(i))


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, str]:
    """A structured program and the flat one."""
    first = draw(st.lists(registers(False), max_size=1))
    rest = draw(st.lists(st.one_of(gates(range(0)), loops(), registers(True)), min_size=1, max_size=5))
    pieces = [*first, *rest]
    text = HEAD + "\n".join(one.text for one in pieces) + "\n"
    return text, FLAT_HEAD + "\n".join(line for one in pieces for line in one.flat(0)) + "\n"


# --- OpenQASM 2.0 ---------------------------------------------------------------------------------

OLD_GATES = {
    "u3": (3, 1), "u2": (2, 1), "u1": (1, 1), "cx": (0, 2), "id": (0, 1), "u0": (1, 1), "u": (3, 1),
    "p": (1, 1), "x": (0, 1), "y": (0, 1), "z": (0, 1), "h": (0, 1), "s": (0, 1), "sdg": (0, 1), "t": (0, 1),
    "tdg": (0, 1), "rx": (1, 1), "ry": (1, 1), "rz": (1, 1), "sx": (0, 1), "sxdg": (0, 1), "cz": (0, 2),
    "cy": (0, 2), "swap": (0, 2), "ch": (0, 2), "ccx": (0, 3), "cswap": (0, 3), "crx": (1, 2),
    "cry": (1, 2), "crz": (1, 2), "cu1": (1, 2), "cp": (1, 2), "cu3": (3, 2), "csx": (0, 2), "cu": (4,
    2), "rxx": (1, 2), "rzz": (1, 2), "rccx": (0, 3), "rc3x": (0, 4), "c3x": (0, 4), "c3sqrtx": (0, 4),
    "mine": (1, 2), "U": (3, 1), "CX": (0, 2),
}  # fmt: skip
OLD_HEAD = """OPENQASM 2.0;
include "qelib1.inc";
gate mine(t) c, d { barrier c, d; u3(t / 2, -t, t ^ 2) c; CX c, d; U(0, 0, sin(t)) d; }
qreg q[4];
creg c[4];
"""
OLD_ANGLES = (
    "0.3",
    "-pi/4",
    "1/2",
    "3*pi/2",
    "2^3 - 7",
    "-(0.1 + sqrt(2))",
    "1e-3",
    "ln(2)",
    "5.",
    "cos(pi/3)",
)


@st.composite
def old_programs(draw: st.DrawFn) -> str:
    lines = []
    for name in draw(st.lists(st.sampled_from(sorted(OLD_GATES)), min_size=1, max_size=8)):
        params, qubits = OLD_GATES[name]
        angles = draw(st.lists(st.sampled_from(OLD_ANGLES), min_size=params, max_size=params))
        angles = ["1"] if name == "u0" else angles  # a number of waiting times, whole in Qiskit
        places = draw(st.permutations(range(4)))[:qubits]
        operands = (
            "q" if qubits == 1 and draw(st.booleans()) else ", ".join(f"q[{place}]" for place in places)
        )
        lines.append(f"{call(name, angles)} {operands};")
    return OLD_HEAD + "\n".join(lines) + "\n"
