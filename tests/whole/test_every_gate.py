"""Every gate by its name in a file, with modifiers and in modified sub-circuits, against Qiskit."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from zlib import crc32

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Gate, library
from qiskit.quantum_info import SparsePauliOp, Statevector
from scipy.linalg import expm

from hqn.compiler.types.circuits.gates import GATES
from support.qiskit_gates import modified, qiskit_gate
from support.whole import apply, model

RANDOM = np.random.default_rng(5)
WIRES = 4
X = RANDOM.normal(size=3)
SU = {1: RANDOM.normal(size=3), 2: RANDOM.normal(size=15)}
UNITARY = {k: np.linalg.qr(RANDOM.normal(size=(2**k, 2**k)))[0] for k in (1, 2)}
INPUTS = {"x": X, "a1": SU[1], "a2": SU[2], "m1": UNITARY[1], "m2": UNITARY[2]}
PARAMS = ", ".join(f"{name}: f32[{', '.join(map(str, value.shape))}]" for name, value in INPUTS.items())
MODIFIERS = ("ctrl", "negctrl", "ctrl(2)", "inv", "pow(2)", "pow(-1)", "pow(3)")


def taken(modifier: str) -> int:
    return 2 if modifier == "ctrl(2)" else int("ctrl" in modifier)


def with_modifier(gate: Gate, modifier: str) -> Gate:
    kind, _, number = modifier.rstrip(")").partition("(")
    return modified(gate, kind, int(number or 1))


@dataclass
class Line:
    """What is applied, as text and as Qiskit's gate, on places of `count` qubits."""

    text: str
    gate: Gate
    definitions: list[str] = field(default_factory=list)


def matrix(data: np.ndarray) -> Gate:
    """A dense gate, its first qubit the most significant."""
    circuit = QuantumCircuit(int(np.log2(len(data))))
    circuit.append(library.UnitaryGate(data), circuit.qubits[::-1])
    return circuit.to_gate()


def su(angles: np.ndarray) -> np.ndarray:
    k = (len(angles) + 1).bit_length() // 2
    words = ["".join(letters) for letters in product("IXYZ", repeat=k)][1:]
    return expm(1j * SparsePauliOp(words, angles).to_matrix())


MATRICES = {
    f"{name}{k}": (k, f"{name}({'m' if name == 'unitary' else 'a'}{k})", data)
    for k in (1, 2)
    for name, data in (("unitary", UNITARY[k]), ("su", su(SU[k])))
}


@st.composite
def plain(draw: st.DrawFn, most: int) -> Line:
    """One gate of at most so many qubits."""
    matrices = [name for name, (k, _, _) in MATRICES.items() if k <= most]
    gates = [name for name, one in GATES.items() if one.qubits <= most]
    name = draw(st.sampled_from(sorted(gates) + 3 * matrices + ["mcx"] * 3 * (most > 1)))
    if name in MATRICES:
        return Line(MATRICES[name][1], matrix(MATRICES[name][2]))
    if name == "mcx":
        return Line("mcx", library.XGate().control(draw(st.integers(1, most - 1)), annotated=False))
    angles = [draw(st.sampled_from([0, 1, 2])) for _ in range(GATES[name].params)]
    text = f"{name}({', '.join(f'x[{place}]' for place in angles)})" if angles else name
    return Line(text, qiskit_gate(name, [X[place] for place in angles]))


@st.composite
def applied(draw: st.DrawFn, most: int) -> Line:
    """A gate or a circuit of gates, with up to two modifiers."""
    modifiers = draw(st.lists(st.sampled_from(MODIFIERS), max_size=2))
    while sum(map(taken, modifiers)) >= most:
        modifiers.pop()
    left = most - sum(map(taken, modifiers))
    line = draw(sub_circuit(left)) if most == WIRES and draw(st.booleans()) else draw(plain(left))
    for modifier in reversed(modifiers):
        line.gate = with_modifier(line.gate, modifier)
    line.text = "".join(f"{one} @ " for one in modifiers) + line.text
    return line


def placed(draw: st.DrawFn, line: Line, wires: int) -> tuple[list[int], str]:
    places = draw(st.permutations(range(wires)))[: line.gate.num_qubits]
    return places, f"{line.text} {', '.join(f'q[{place}]' for place in places)}"


@st.composite
def sub_circuit(draw: st.DrawFn, most: int) -> Line:
    wires = draw(st.integers(1, min(most, 3)))
    circuit, lines = QuantumCircuit(wires), []
    for _ in range(draw(st.integers(1, 3))):
        line = draw(applied(wires))
        places, text = placed(draw, line, wires)
        circuit.append(line.gate, places)
        lines.append(text)
    name = f"sub{crc32(repr(lines).encode())}"
    params = ", ".join(f"r{wire}: qubit" for wire in range(wires))
    body = "\n".join(lines)
    for wire in range(wires):
        body = body.replace(f"q[{wire}]", f"r{wire}")
    arguments = ", ".join(INPUTS)
    definition = f"circuit {name}({PARAMS}, {params}) {{\n{body}\n}}"
    return Line(f"{name}({arguments})", circuit.to_gate(), [definition])


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, QuantumCircuit]:
    circuit, lines, definitions = QuantumCircuit(WIRES), [], []
    for wire in range(WIRES):
        circuit.ry(X[wire % 3] + wire, wire)
        lines.append(f"ry(x[{wire % 3}] + {wire}) q[{wire}]")
    for _ in range(draw(st.integers(1, 6))):
        line = draw(applied(WIRES))
        places, text = placed(draw, line, WIRES)
        circuit.append(line.gate, places)
        lines.append(text)
        definitions += line.definitions
    head = f"circuit c({PARAMS}) -> c64[{2**WIRES}] {{"
    given_ = ", ".join(f"one * {name}" for name in INPUTS)
    lines = [head, f"qubits q[{WIRES}]", *lines, "return state(q)", "}"]
    net = f"model net({PARAMS}) -> c64[{2**WIRES}] {{\nweight one: f32 = ones\nreturn c({given_})\n}}\n"
    return "\n".join(["hqn 0.1", *dict.fromkeys(definitions), *lines, net]), circuit


@given(programs())
@settings(
    max_examples=settings.default.max_examples // 10,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
def test_gates_modifiers_and_sub_circuits_are_qiskits(program: tuple[str, QuantumCircuit]) -> None:
    """The state, its phase included."""
    text, circuit = program
    found = apply(model(text), list(INPUTS.values()))
    np.testing.assert_allclose(found, Statevector(circuit.reverse_bits()).data, atol=1e-9)
