"""Which steps a circuit's plan has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hqn.compiler.lower import lower
from hqn.compiler.plan import cost
from hqn.compiler.plan.simulate import simulate
from hqn.compiler.plan.steps import Layer, Loop, Result, Segment, SimPlan
from hqn.compiler.types import typed
from hqn.compiler.types.model import DType, TensorType
from support import typed_programs as build
from support.typed_programs import SPAN, f32, function, gate, local, prim, read, slot_read, weight


def planned(
    n: int,
    *statements: typed.Statement,
    params: tuple[typed.Local, ...] = (),
    slots: tuple[typed.SlotDeclaration, ...] = (),
) -> SimPlan:
    state = typed.StateVector(type=TensorType(DType.C64, (2**n,)), span=SPAN)
    circuit = function("f", "circuit", params, state, *statements, slots=slots, qubits=n)
    return simulate(lower(build.program(circuit)).module["f"])


def steps(plan: SimPlan) -> list[str]:
    """Step names with the gates in them."""
    (segment,) = (item for item in plan.items if isinstance(item, Segment))
    return [
        f"{type(step).__name__}({' '.join(use.name for use in step.uses)})"
        for step in segment.steps
        if step.uses
    ]


def every(n: int) -> tuple[tuple[int, ...], ...]:
    return tuple((wire,) for wire in range(n))


def ring(n: int) -> tuple[tuple[int, ...], ...]:
    return tuple((wire, (wire + 1) % n) for wire in range(n))


X = local("x", f32(6))
W = weight("w", TensorType(DType.F32, (6, 1)))
COLUMN = prim("reshape", f32(6, 1), read(X))


def turn(name: str, sample: bool = False) -> typed.ApplyGate:
    return gate(name, *every(6), angles=COLUMN if sample else slot_read(W))


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        # One-wire gates at the start, whatever they depend on, are written down.
        ([turn("rx", True), turn("rz"), gate("h", *every(6))], ["Product(rx rz h)"]),
        # Rotations of a wire merge, a diagonal one in front of them too.
        (
            [gate("cx", *ring(6)), turn("rz"), turn("ry"), turn("rz"), gate("cx", *ring(6))],
            ["Permute(cx)", "Layer(rz ry rz)", "Permute(cx)"],
        ),
        # Diagonal gates merge past each other, and stay apart from what does not commute with them.
        (
            [
                gate("cx", *ring(6)),
                gate("cz", *ring(6)),
                turn("rz"),
                gate("cz", (0, 3)),
                gate("swap", (0, 1)),
            ],
            ["Permute(cx)", "Phase(cz rz cz)", "Permute(swap)"],
        ),
        # Per sample, a rotation is a phase between changes of basis.
        (
            [gate("cx", *ring(6)), turn("ry", True), turn("rx")],
            ["Permute(cx)", "Layer(sdg h)", "Phase(rz)", "Layer(h s rx)"],
        ),
        # Gates on other wires are passed.
        (
            [gate("cx", (0, 1)), gate("cz", (2, 3)), gate("cx", (4, 5)), gate("cz", (2, 4))],
            ["Permute(cx cx)", "Phase(cz cz)"],
        ),
        # A layer in front of blocks on its wires is swallowed by them.
        (
            [gate("cx", *ring(6)), gate("h", *every(6)), gate("ecr", (0, 1), (2, 3), (4, 5))],
            ["Permute(cx)", "Dense(h ecr)", "Dense(h ecr)", "Dense(h ecr)"],
        ),
    ],
)
def test_steps(gates: list[typed.Statement], expected: list[str]) -> None:
    assert steps(planned(6, *gates, params=(X,), slots=(W,))) == expected


def test_few_wires_are_one_matrix() -> None:
    w = weight("w", TensorType(DType.F32, (3, 3)))
    plan = planned(
        3, gate("cx", *ring(3)), gate("rot", *every(3), angles=slot_read(w)), gate("cz", (0, 2)), slots=(w,)
    )
    assert steps(plan) == ["Dense(cx rot cz)"]


def test_modifiers() -> None:
    def modified(name: str, wires: tuple[int, ...], *mods: tuple[str, int]) -> typed.ApplyGate:
        listed = tuple(typed.GateModifier(kind, value) for kind, value in mods)  # type: ignore[arg-type]
        return typed.ApplyGate(gate=name, wires=(wires,), angles=None, modifiers=listed, span=SPAN)

    plan = planned(
        6,
        gate("cx", *ring(6)),
        modified("x", (0, 1, 2), ("ctrl", 2)),
        modified("x", (0,), ("pow", 2)),
        modified("s", (3, 4), ("negctrl", 1), ("inv", 1)),
        modified("h", (0, 1), ("ctrl", 1)),
    )
    assert steps(plan) == ["Permute(cx x)", "Phase(s)", "Dense(h)"]


def test_digits() -> None:
    plan = simulate(lower(build.program(build.digits())).module["vqc_3_5"])
    start, loop, result = plan.items
    assert isinstance(start, Segment) and isinstance(loop, Loop) and isinstance(result, Result)
    assert loop.unrolled
    (turn,) = loop.items
    assert isinstance(turn, Segment)
    assert isinstance(turn.steps[0], Layer)
    assert turn.steps[0].blocks == ((0, 1, 2), (3, 4))
    assert [row[0].strip() for row in plan.rows()] == [
        "product: rx", "repeat 3 (written out)", "blocks of 3+2: rot", "permute: cx", "expect",
    ]  # fmt: skip
    assert str(plan).startswith("vqc_3_5: state vector of 5 qubits, 256 bytes per sample\n")


def partitions(n: int, largest: int) -> Iterator[list[int]]:
    """Every way to write n as a sum, largest part first."""
    if n == 0:
        yield []
    for part in range(min(n, largest), 0, -1):
        yield from ([part, *rest] for rest in partitions(n - part, part))


@pytest.mark.parametrize("n", range(1, 21))
def test_a_layer_is_cut_as_the_cheapest_of_all_cuts(n: int) -> None:
    chosen = [len(block) for block in cost.split(range(n), n)]
    least = min(cost.layer_cost(widths, n) for widths in partitions(n, n))
    assert cost.layer_cost(chosen, n) == pytest.approx(least, rel=1e-12)
    assert (len(chosen) == 1) == (n <= cost.FULL)


MEASURED = {5: 3, 6: 3, 7: 4, 8: 4, 9: 5, 10: 5, 11: 4, 12: 4, 13: 5, 14: 4, 16: 4, 20: 4, 22: 4, 24: 5}
"""The widths whose training steps, and from 20 wires on forward passes, were the fastest."""


@pytest.mark.parametrize(("n", "width"), MEASURED.items())
def test_widths_are_those_measured(n: int, width: int) -> None:
    assert cost.width(n) == width


@pytest.mark.parametrize("n", range(1, 25))
def test_blocks_cover_the_wires_evenly(n: int) -> None:
    blocks = cost.split(range(n), n)
    assert [wire for block in blocks for wire in block] == list(range(n))
    sizes = [len(block) for block in blocks]
    assert max(sizes) - min(sizes) <= 1 and max(sizes) <= cost.width(n)
