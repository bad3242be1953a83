"""Well-typed circuits as text, drawn at random: gates, registers, broadcasts, modifiers, loops, sub-circuits.

A drawn circuit stands in three models, `amplitudes`, `chances` and `energy`, which differ in their
query only. The label `c` gives all three the same slots, so one set of weights fits them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from hqn.compiler.types.circuits.gates import GATES, GateSignature
from support.written import File

Pauli = tuple[float, dict[int, str]]
FEATURES = 3
MODIFIERS = ("inv", "pow(2)", "pow(-1)", "pow(3)", "ctrl", "negctrl", "ctrl(2)")


@dataclass(frozen=True)
class WrittenCircuit:
    """A file with the three models, what `chances` looks at and what `energy` measures."""

    text: str
    wires: int
    looked_at: tuple[int, ...]
    observable: tuple[Pauli, ...]


@dataclass
class Wiring:
    """One body being written. `operands` are its wires as text, `registers` whole ones with their sizes."""

    file: File
    operands: list[str]
    registers: list[tuple[str, int]]
    angles: list[str]
    lines: list[str] = field(default_factory=list)
    depth: int = 0

    def some(self, count: int) -> list[str]:
        return self.file.draw(st.permutations(self.operands))[:count]

    def angle(self) -> str:
        form = self.file.pick(["{}", "{}", "0.5 * {} + 0.1", "-{}", "pi / 2 - {}", "sin({})"])
        return form.format(self.file.pick(self.angles))

    def weight(self, dims: str = "") -> str:
        name = self.file.fresh("w")
        self.lines.append(f"weight {name}: angle{dims} = uniform(0, 2 * pi)")
        return name

    def grow(self, statements: int) -> None:
        for _ in range(statements):
            self.file.pick(STATEMENTS)(self)


# --- statements -----------------------------------------------------------------------------------


def gate(body: Wiring) -> None:
    """One gate on wires of its own, at times modified."""
    modifiers = [body.file.pick(MODIFIERS) for _ in range(body.file.pick([0, 0, 0, 1, 1, 2]))]
    spare = len(body.operands) - sum(_controls(modifier) for modifier in modifiers)
    fits = sorted(name for name, one in GATES.items() if one.qubits <= spare)
    if not fits:
        return
    name = body.file.pick(fits)
    wires = body.some(len(body.operands) - spare + GATES[name].qubits)
    before = "".join(f"{modifier} @ " for modifier in modifiers)
    body.lines.append(f"{before}{name}{_angles(body, GATES[name])} {', '.join(wires)}")


def _controls(modifier: str) -> int:
    return 2 if modifier == "ctrl(2)" else int("ctrl" in modifier)


def _angles(body: Wiring, signature: GateSignature) -> str:
    angles = [body.angle() for _ in range(signature.params)]
    return f"({', '.join(angles)})" if angles else ""


def weighted_gate(body: Wiring) -> None:
    name = body.file.pick(["rx", "ry", "rz", "p"])
    weight = body.weight()
    body.lines.append(f"{name}({weight}) {body.some(1)[0]}")


def broadcast(body: Wiring) -> None:
    """A gate on every qubit of a register; angles per qubit, or one for all."""
    if not body.registers:
        return
    register, size = body.file.pick(body.registers)
    match body.file.below(4):
        case 0:
            body.lines.append(f"{body.file.pick(['h', 'sx', 't', 'y'])} {register}")
        case 1:
            body.lines.append(f"{body.file.pick(['rx', 'ry', 'rz'])}({body.angle()}) {register}")
        case 2:
            body.lines.append(f"rot({body.weight(f'[{size}, 3]')}) {register}")
        case _:
            body.lines.append(f"{body.file.pick(['rx', 'ry', 'rz'])}({body.weight(f'[{size}]')}) {register}")


def ring(body: Wiring) -> None:
    """A spatial loop: its variable is part of the qubit index."""
    register, size = body.file.pick(body.registers or [("", 0)])
    if size < 2:
        return
    i, name = body.file.fresh("i"), body.file.pick(["cx", "cz", "swap", "ecr"])
    if body.file.chance():
        ends = f"{register}[{i}], {register}[({i} + 1) % {size}]"
        body.lines.append(f"repeat {i} in 0..{size} {{ {name} {ends} }}")
    else:
        body.lines.append(f"repeat {i} in 0..{size - 1} {{ {name} {register}[{i}], {register}[{i} + 1] }}")


def loop(body: Wiring) -> None:
    """A temporal loop with weights of its own, at times with a variable that turns around a register."""
    if body.depth > 1:
        return
    turns, index = body.file.pick([1, 2, 3, 7, 20]), body.file.fresh("i")
    register, size = body.file.pick(body.registers or [("", 0)])
    inner = Wiring(body.file, body.operands, body.registers, body.angles, depth=body.depth + 1)
    inner.grow(body.file.below(3) + 1)
    if register and body.file.chance():
        inner.lines.append(f"ry({inner.weight()}) {register}[{index} % {size}]")
        head = f"repeat {index} in 0..{turns}"
    else:
        head = f"repeat {turns}"
    body.lines.append("\n".join([f"{head} {{", *inner.lines, "}"]))


def choice(body: Wiring) -> None:
    """An `if` that checking decides."""
    first = Wiring(body.file, body.operands, body.registers, body.angles, depth=body.depth + 1)
    second = Wiring(body.file, body.operands, body.registers, body.angles, depth=body.depth + 1)
    gate(first)
    gate(second)
    condition = body.file.pick(["1 < 2", "2 ** 3 < 8"])
    lines = [f"if {condition} {{", *first.lines, "} else {", *second.lines, "}"]
    body.lines.append("\n".join(lines))


def applied(body: Wiring) -> None:
    """A circuit of its own, applied like a gate, at times modified: to single qubits, or to a register."""
    if body.depth > 1 or len(body.file.definitions) > 2:
        return
    modifier = body.file.pick(["", "", "inv @ ", "ctrl @ ", "negctrl @ ", "pow(2) @ "])
    controls = int("ctrl" in modifier)
    register, size = body.file.pick(body.registers or [("", 0)])
    outside = [operand for operand in body.operands if not operand.startswith(f"{register}[")]
    if register and len(outside) >= controls and body.file.chance():
        name = define(body, [f"r[{wire}]" for wire in range(size)], [("r", size)], f"r: qubit[{size}]")
        operands = [*outside[:controls], register]
    elif len(body.operands) > controls:
        count = body.file.below(len(body.operands) - controls) + 1
        wires = [f"r{wire}" for wire in range(count)]
        name = define(body, wires, [], f"{', '.join(wires)}: qubit")
        operands = body.some(controls + count)
    else:
        return
    label = body.file.fresh("s")
    body.lines.append(f"{modifier}{name}({body.angle()}) {', '.join(operands)} as {label}")


def define(body: Wiring, wires: list[str], registers: list[tuple[str, int]], params: str) -> str:
    """A circuit that takes one angle and these qubits."""
    name, angle = body.file.fresh("sub"), body.file.fresh("t")
    inner = Wiring(body.file, wires, registers, [angle, "0.4"], depth=body.depth + 1)
    inner.grow(body.file.below(3) + 1)
    lines = [f"circuit {name}({angle}: f32, {params}) {{", *inner.lines, "}"]
    body.file.definitions.append("\n".join(lines))
    return name


STATEMENTS = (gate, gate, gate, weighted_gate, broadcast, broadcast, ring, loop, choice, applied)


# --- files ----------------------------------------------------------------------------------------


@st.composite
def observables(draw: st.DrawFn, wires: int) -> tuple[Pauli, ...]:
    """Sums of Pauli products with coefficients."""
    product = st.dictionaries(st.integers(0, wires - 1), st.sampled_from("XYZ"), min_size=1, max_size=3)
    terms = st.tuples(st.sampled_from([1.0, 0.5, -2.0, 0.25]), product)
    return tuple(draw(st.lists(terms, min_size=1, max_size=3)))


def observable_text(observable: tuple[Pauli, ...], operands: list[str]) -> str:
    products = [
        f"{coefficient} * {' * '.join(f'{pauli}({operands[wire]})' for wire, pauli in product.items())}"
        for coefficient, product in observable
    ]
    return " + ".join(products)


@st.composite
def circuits(draw: st.DrawFn, statements: int = 6) -> WrittenCircuit:
    """A file with one circuit on two to four wires in one or two registers."""
    file = File(draw)
    wires = draw(st.integers(2, 4))
    first = draw(st.integers(1, wires))
    sizes = [("q", first), *([("a", wires - first)] if first < wires else [])]
    operands = [f"{name}[{at}]" for name, size in sizes for at in range(size)]
    angles = [*(f"x[{k}]" for k in range(FEATURES)), "0.7", "pi / 3"]
    body = Wiring(file, operands, sizes, angles)
    weighted_gate(body)  # the weights of a model say in which precision it computes
    body.grow(statements)
    looked_at = tuple(draw(st.lists(st.integers(0, wires - 1), min_size=1, unique=True)))
    observable = draw(observables(wires))
    queries = {
        "amplitudes": (f"c64[{2**wires}]", f"state({', '.join(name for name, _ in sizes)})"),
        "chances": (f"f32[{2 ** len(looked_at)}]", f"probs({', '.join(operands[w] for w in looked_at)})"),
        "energy": ("f32", f"expect({observable_text(observable, operands)})"),
    }
    declared = "qubits " + ", ".join(f"{name}[{size}]" for name, size in sizes)
    parts = ["hqn 0.1", *file.definitions]
    for name, (result, query) in queries.items():
        lines = [f"circuit c_{name}(x: f32[{FEATURES}]) -> {result} {{", declared, *body.lines]
        parts += ["\n".join([*lines, f"return {query}", "}"])]
        parts += [f"model {name}(x: f32[{FEATURES}]) -> {result} {{ return c_{name}(x) as c }}"]
    return WrittenCircuit("\n".join(parts) + "\n", wires, looked_at, observable)
