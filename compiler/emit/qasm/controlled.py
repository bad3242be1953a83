"""Gates with more controls, in gates of `qelib1.inc` and those that `definitions.py` expands.

What came before: a gate without modifiers and wires. What leaves: gates that are its controlled form, phase
included. A gate between another one and its inverse needs the control in the middle only. Formulas: Barenco
et al. 1995 (arXiv quant-ph/9503016). Invariant: more than `MOST_CONTROLS` controls are refused, since their
number of gates triples with each.
"""

from __future__ import annotations

import math
from dataclasses import replace

from hqn.compiler.emit.qasm.definitions import OLD_DEFINITIONS, expand
from hqn.compiler.emit.qasm.scalar import NeedsNewer, Number, Scalar
from hqn.compiler.emit.qasm.structure import Gate

MOST_CONTROLS = 8

_CONTROLLED = {
    "x": "cx", "y": "cy", "z": "cz", "h": "ch", "rz": "crz", "rx": "crx", "ry": "cry", "p": "cp", "u1": "cu1",
    "u3": "cu3", "cx": "ccx", "swap": "cswap",
}  # fmt: skip
"""The gate that is another one with one more control, phase included."""

_PHASES = {"s": math.pi / 2, "sdg": -math.pi / 2, "t": math.pi / 4, "tdg": -math.pi / 4}
"""Gates that are a phase of |1>."""

_EIGHTH = math.pi / 4
_AROUND: dict[str, tuple[Gate, str, Gate]] = {
    "cy": (Gate("sdg", (1,)), "cx", Gate("s", (1,))),
    "cz": (Gate("h", (1,)), "cx", Gate("h", (1,))),
    "ch": (Gate("ry", (1,), (Number(-_EIGHTH),)), "cz", Gate("ry", (1,), (Number(_EIGHTH),))),
    "crx": (Gate("h", (1,)), "crz", Gate("h", (1,))),
    "sx": (Gate("h", (0,)), "s", Gate("h", (0,))),
    "cswap": (Gate("cx", (2, 1)), "ccx", Gate("cx", (2, 1))),
}
"""What stands around a gate to make it another one; places are of that gate's wires."""


def with_controls(gate: Gate, controls: tuple[int, ...]) -> list[Gate]:
    """`ctrl(k) @ gate controls, …`."""
    if not controls or gate.name == "id":
        return [gate] if gate.name != "id" else []
    *others, last = controls
    if gate.name in _CONTROLLED:
        inner = replace(gate, name=_CONTROLLED[gate.name], wires=(last, *gate.wires))
        return with_controls(inner, tuple(others))
    if gate.name in _PHASES:
        return _phase(Number(_PHASES[gate.name]), (*controls, *gate.wires))
    if gate.name in _AROUND:
        before, core, behind = (_on(gate, one) for one in _AROUND[gate.name])
        return [before, *with_controls(core, controls), behind]
    return _by_turns(gate, controls)


def _on(gate: Gate, part: Gate | str) -> Gate:
    """A part of a definition on the wires of its gate; a name stands for all of them and the angles."""
    if isinstance(part, str):
        return replace(gate, name=part)
    return replace(part, wires=tuple(gate.wires[place] for place in part.wires))


def _by_turns(gate: Gate, controls: tuple[int, ...]) -> list[Gate]:
    wires = (*controls, *gate.wires)
    match gate.name:
        case "ccx":
            return _flip(wires[:-1], wires[-1])
        case "cu1" | "cp":
            return _phase(gate.angles[0], wires)
        case "crz" | "cry":
            return _turn(gate.name[1:], gate.angles[0], wires)
        case "cu3":
            return _general(gate.angles, wires)
    if gate.name not in OLD_DEFINITIONS:
        raise NeedsNewer(f"{gate.name} with a control")
    parts = expand(gate, OLD_DEFINITIONS[gate.name])
    return [one for part in parts for one in with_controls(part, controls)]


def _flip(controls: tuple[int, ...], target: int) -> list[Gate]:
    """X of the target where all controls are 1."""
    if len(controls) <= 2:
        return [Gate("cx" if len(controls) == 1 else "ccx", (*controls, target))]
    if len(controls) > MOST_CONTROLS:
        raise NeedsNewer(f"a gate with more than {MOST_CONTROLS} controls")
    h = Gate("h", (target,))
    return [h, *_phase(Number(math.pi), (*controls, target)), h]


def _phase(angle: Scalar, wires: tuple[int, ...]) -> list[Gate]:
    """e^(i angle) where all wires are 1."""
    *others, last, target = wires
    if not others:
        return [Gate("cu1", wires, (angle,))]
    half = Number(0.5) * angle
    flip = _flip(tuple(others), last)
    rest = _phase(half, (*others, target))
    return [
        Gate("cu1", (last, target), (half,)), *flip, Gate("cu1", (last, target), (-half,)), *flip, *rest
    ]  # fmt: skip


def _turn(name: str, angle: Scalar, wires: tuple[int, ...]) -> list[Gate]:
    """A turn about Z or Y of the last wire where the others are 1: X turns it around."""
    half, target = Number(0.5) * angle, wires[-1:]
    flip = _flip(wires[:-1], wires[-1])
    return [Gate(name, target, (half,)), *flip, Gate(name, target, (-half,)), *flip]


def _general(angles: tuple[Scalar, ...], wires: tuple[int, ...]) -> list[Gate]:
    """cu3 with more controls: what stands between the flips undoes itself without them."""
    theta, phi, lam = angles
    half, target = Number(0.5), wires[-1:]
    flip = _flip(wires[:-1], wires[-1])
    return [
        *_phase(half * (lam + phi), wires[:-1]),
        Gate("u1", target, (half * (lam + -phi),)),
        *flip,
        Gate("u3", target, (-half * theta, Number(0.0), -half * (phi + lam))),
        *flip,
        Gate("u3", target, (half * theta, phi, Number(0.0))),
    ]
