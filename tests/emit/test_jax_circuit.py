"""Emitted circuits against Qiskit: random programs, lowered, planned, emitted and run, in f64."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads
from qiskit import QuantumCircuit
from qiskit.quantum_info import Statevector

from hqn.compiler.emit.jax.module import module_text
from hqn.compiler.lower import lower
from hqn.compiler.passes.group_gates import group_gates
from hqn.compiler.types import typed
from hqn.compiler.types.circuits.gates import GATES
from hqn.compiler.types.model import DType, TensorType
from support import typed_programs as build
from support.qiskit_gates import modified, qiskit_gate
from support.typed_programs import SPAN, f32, function, local, prim, read, slot_read, weight


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def run(*functions: typed.Function) -> dict[str, Callable[..., Any]]:
    """The functions of the emitted module."""
    built = lower(build.program(*functions))
    group_gates(built)
    text, _ = module_text("test.hqn", list(built.module.functions.values()), lambda _: "")
    space: dict[str, Any] = {}
    exec(compile(text, "test.py", "exec"), space)
    return space


@dataclass(frozen=True)
class Applied:
    """A gate on tuples of wires; angles are weights, inputs or the product of both."""

    name: str
    wires: tuple[tuple[int, ...], ...]
    mods: tuple[typed.GateModifier, ...]
    source: str
    angles: np.ndarray


@st.composite
def gates(draw: st.DrawFn, n: int) -> Applied:
    name = draw(st.sampled_from(sorted({one.name for one in GATES.values()})))
    signature = GATES[name]
    mods = [
        typed.GateModifier(kind, draw(st.sampled_from((-1, 2, 3))) if kind == "pow" else 1)
        for kind in draw(st.lists(st.sampled_from(("ctrl", "negctrl", "inv", "pow")), max_size=2))
    ]
    width = signature.qubits + sum(mod.kind in ("ctrl", "negctrl") for mod in mods)
    while width > n:
        mods = mods[1:]
        width = signature.qubits + sum(mod.kind in ("ctrl", "negctrl") for mod in mods)
    count = draw(st.integers(1, 3))
    wires = tuple(tuple(draw(st.permutations(range(n)))[:width]) for _ in range(count))
    source = draw(st.sampled_from(("weight", "input", "both"))) if signature.params else "none"
    angles = draw(
        st.lists(st.floats(-3, 3), min_size=count * signature.params, max_size=count * signature.params)
    )
    return Applied(name, wires, tuple(mods), source, np.array(angles).reshape(count, signature.params))


def layers(draw: st.DrawFn, n: int) -> list[Applied]:
    return draw(st.lists(gates(n), min_size=1, max_size=5))


@st.composite
def circuits(draw: st.DrawFn) -> tuple[int, list[Applied], int, list[Applied]]:
    """Wires, gates, the turns of a loop and its gates."""
    n = draw(st.sampled_from((3, 4, 5)))
    return (
        n,
        layers(draw, n),
        draw(st.sampled_from((0, 2, 11))),
        draw(st.lists(gates(n), min_size=1, max_size=3)),
    )


def reference(n: int, plan: list[Applied]) -> np.ndarray:
    whole = QuantumCircuit(n)
    for applied in plan:
        for wires, angles in zip(applied.wires, applied.angles):
            gate = qiskit_gate(applied.name, list(angles))
            for mod in reversed(applied.mods):
                gate = modified(gate, mod.kind, mod.value)
            whole.append(gate, wires)
    return Statevector(whole.reverse_bits()).data


class Program:
    """A typed circuit function, and the values of its slots and inputs."""

    def __init__(self) -> None:
        self.params: list[typed.Local] = []
        self.slots: list[typed.SlotDeclaration] = []
        self.inputs: list[np.ndarray] = []
        self.weights: dict[str, np.ndarray] = {}

    def gate(self, applied: Applied, turn: typed.Local | None = None, trips: int = 0) -> typed.ApplyGate:
        shape = applied.angles.shape
        values = {
            "none": lambda: None,
            "weight": lambda: self.weight(applied.angles, turn, trips),
            "input": lambda: self.input(applied.angles),
            "both": lambda: build.elementwise(
                "mul", self.weight(np.full(shape, 2.0), turn, trips), self.input(applied.angles / 2)
            ),
        }[applied.source]()
        return typed.ApplyGate(
            gate=applied.name, wires=applied.wires, angles=values, modifiers=applied.mods, span=SPAN
        )

    def weight(self, value: np.ndarray, turn: typed.Local | None, trips: int) -> typed.Expr:
        name, loops = f"w{len(self.slots)}", (trips,) if turn else ()
        slot = weight(name, TensorType(DType.F32, value.shape, role="angle"), *loops)
        self.slots.append(slot)
        # Turn t reads its own angles: those of the drawn gate, scaled by 1 + t.
        scales = 1.0 + np.arange(trips)[:, None, None] if turn else 1.0
        self.weights[name] = value * scales
        return slot_read(slot, *([typed.Turn(turn, 1, 0)] if turn else []))

    def input(self, value: np.ndarray) -> typed.Expr:
        x = local(f"x{len(self.params)}", f32(*value.shape[:1]) if value.shape[1] == 1 else f32(*value.shape))
        self.params.append(x)
        self.inputs.append(value.reshape(x.type.shape))  # type: ignore[attr-defined]
        return prim("reshape", f32(*value.shape), read(x)) if value.shape[1] == 1 else read(x)


def turned(applied: Applied, turn: int) -> Applied:
    """The gate of turn `turn`: weights are scaled, inputs are not."""
    scale = 1 if applied.source in ("input", "none") else 1 + turn
    return Applied(applied.name, applied.wires, applied.mods, applied.source, applied.angles * scale)


def up_to_phase(ours: np.ndarray, theirs: np.ndarray) -> None:
    np.testing.assert_allclose(ours, theirs * np.exp(1j * np.angle(np.vdot(theirs, ours))), atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(circuits())
def test_random_circuits(drawn: tuple[int, list[Applied], int, list[Applied]]) -> None:
    n, first, trips, inside = drawn
    program, turn = Program(), local("t", build.I32)
    statements: list[typed.Statement] = [program.gate(one) for one in first]
    plan = list(first)
    if trips:
        body = tuple(program.gate(one, turn, trips) for one in inside)
        statements.append(typed.RepeatGates(trips=trips, index=turn, statements=body, span=SPAN))
        plan += [turned(one, t) for t in range(trips) for one in inside]
    state = typed.StateVector(type=TensorType(DType.C64, (2**n,)), span=SPAN)
    circuit = function(
        "f", "circuit", tuple(program.params), state, *statements, slots=tuple(program.slots), qubits=n
    )
    f = run(circuit)["f"]
    call = jax.jit((lambda *xs: f(program.weights, *xs)) if program.slots else f)
    theirs = reference(n, plan)
    up_to_phase(np.asarray(call(*program.inputs)), theirs)
    if program.inputs:
        many = [np.stack([x, x * 0.5, -x]) for x in program.inputs]
        batched = np.asarray(call(*many))
        assert batched.shape == (3, 2**n)
        up_to_phase(batched[0], theirs)
        for row in (1, 2):
            np.testing.assert_allclose(batched[row], call(*[x[row] for x in many]), atol=1e-9)


def test_digits_circuits_lift_and_differentiate() -> None:
    f = run(build.digits())["vqc_3_5"]
    rng = np.random.default_rng(0)
    p, x = {"w": rng.uniform(0, 6, (3, 5, 3))}, rng.uniform(-1, 1, (2, 3, 5))
    nested = jax.vmap(jax.vmap(lambda one: f(p, one)))(x)
    np.testing.assert_allclose(f(p, x), nested, atol=1e-12)
    check_grads(jax.jit(lambda w, x: f({"w": w}, x)), (p["w"], x), order=1, modes=["rev", "fwd"], atol=1e-5)


def test_depth_shows_in_literals_only() -> None:
    """A hundred layers are as much text and as many equations as eleven."""
    sizes = []
    for depth in (11, 100):
        f = run(build.vqc(8, depth))[f"vqc_{depth}_8"]
        shapes = (
            {"w": jax.ShapeDtypeStruct((depth, 8, 3), jnp.float32)},
            jax.ShapeDtypeStruct((4, 8), jnp.float32),
        )
        sizes.append(str(jax.make_jaxpr(f)(*shapes)).count(" = "))
    assert sizes[0] == sizes[1]


MODIFIERS = [(), ("inv",), ("ctrl",), ("negctrl", "inv"), ("pow",), ("ctrl", "pow"), ("ctrl", "negctrl")]


@dataclass(frozen=True)
class Nested:
    """A circuit with weights of its own on wires 3 and 1 of five, under modifiers, both ways."""

    kinds: tuple[str, ...]
    gates: tuple[Applied, ...]
    inside: Program

    @property
    def wires(self) -> tuple[int, ...]:
        """The wires of the controls, then of the circuit."""
        return (*(0, 4)[: sum(kind.endswith("ctrl") for kind in self.kinds)], 3, 1)

    @property
    def modifiers(self) -> tuple[typed.GateModifier, ...]:
        return tuple(typed.GateModifier(kind, 3 if kind == "pow" else 1) for kind in self.kinds)

    def ours(self) -> typed.Function:
        body = [self.inside.gate(one) for one in self.gates]
        params, slots = tuple(self.inside.params), tuple(self.inside.slots)
        callee = function(
            "block", "circuit", params, None, *body, slots=slots, qubits=2, qubit_params=2
        )  # fmt: skip
        x = local("x", params[0].type)
        applied = typed.ApplyCircuit(
            instance="block", function=callee, wires=self.wires, args=(read(x),),
            modifiers=self.modifiers, span=SPAN,
        )  # fmt: skip
        before = [build.gate("h", *((wire,) for wire in range(5))), build.gate("t", (3,), (0,))]
        state = typed.StateVector(type=TensorType(DType.C64, (32,)), span=SPAN)
        children = (build.child("block", callee),)
        body = [*before, applied, build.gate("cx", (3, 4))]
        return function("f", "circuit", (x,), state, *body, children=children, qubits=5)

    def theirs(self) -> QuantumCircuit:
        whole, inner = QuantumCircuit(5), QuantumCircuit(2)
        whole.h(range(5))
        whole.t([3, 0])
        for one in self.gates:
            for wires, row in zip(one.wires, one.angles):
                inner.append(qiskit_gate(one.name, list(row)), wires)
        gate = inner.to_gate()
        for modifier in reversed(self.modifiers):
            gate = modified(gate, modifier.kind, modifier.value)
        whole.append(gate, self.wires)
        whole.cx(3, 4)
        return whole


@pytest.mark.parametrize("kinds", MODIFIERS)
def test_circuits_applied_like_gates(kinds: tuple[str, ...]) -> None:
    angles = np.random.default_rng(0).uniform(-3, 3, (2, 1))
    gates = (
        Applied("ry", ((0,), (1,)), (), "weight", angles),
        Applied("cx", ((0, 1),), (), "none", np.zeros((1, 0))),
        Applied("rx", ((1,), (0,)), (), "input", angles),
    )
    nested = Nested(kinds, gates, Program())
    f = run(nested.ours())["f"]
    inputs, weights = nested.inside.inputs[0], nested.inside.weights
    ours = jax.jit(f)({"block": weights}, np.stack([inputs, -inputs]))
    up_to_phase(np.asarray(ours)[0], Statevector(nested.theirs().reverse_bits()).data)
