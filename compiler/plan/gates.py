"""Gates of a circuit as a simulator sees them: what they move, what they only turn, what they mix.

What came before: `qc.gate` operations, whose angles may vary per sample. What leaves: `Use`s, one gate name
on a list of wire tuples with controls and signs resolved, each with the kernel made for it; gates that vary
per sample become diagonal ones between constant changes of basis. Invariant: the product of what leaves is
the operation that came, modifiers included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from hqn.compiler.ir.qc import GateOp, Mod, Wires
from hqn.compiler.ir.xdsl_api import Operation, SSAValue
from hqn.compiler.types.circuits.gates import GATES, MATRIX

MOVES = frozenset({"x", "cx", "ccx", "swap", "cswap"})
DIAGONAL = frozenset({"id", "z", "s", "sdg", "t", "tdg", "cz", "rz", "p", "rzz", "crz", "cp"})
_SAME = {"u1": "p"}
_SELF_INVERSE = frozenset({"id", "x", "y", "z", "h", "cx", "cy", "cz", "ch", "swap", "ccx", "cswap", "ecr"})
_TURNS = frozenset({"rx", "ry", "rz", "p", "rxx", "ryy", "rzz", "rzx", "crx", "cry", "crz", "cp"})
"""One angle t, and U(t)^k = U(k t)."""


@dataclass(frozen=True, slots=True)
class Use:
    """One gate name on tuples of wires in order. Row i of `angles` belongs to tuple i: `rows` picks them
    where they are not all, `column` picks one parameter of a gate that has several (None: all, as they are).
    Of the gate `MATRIX`, `angles` are the matrix.

    `on` are the values of the controls in front; `power` is an exponent, for a turn a factor of its angle.
    The angles of a `site` may be shifted one gate at a time.
    """

    name: str
    wires: Wires
    angles: SSAValue | None = None
    on: tuple[int, ...] = ()
    power: int = 1
    varies: bool = False
    rows: tuple[int, ...] | None = None
    column: int | None = None
    site: bool = False

    @property
    def touched(self) -> frozenset[int]:
        return frozenset(wire for one in self.wires for wire in one)

    @property
    def is_move(self) -> bool:
        return self.name in MOVES

    @property
    def is_diagonal(self) -> bool:
        return self.name in DIAGONAL

    @property
    def is_local(self) -> bool:
        """Whether each tuple is one wire, no wire twice, and the gate is one of angles."""
        if self.name == MATRIX:
            return False
        return all(len(one) == 1 for one in self.wires) and len(self.touched) == len(self.wires)

    def within(self, wires: Sequence[int]) -> Use | None:
        """The part whose tuples lie on `wires`."""
        kept = [place for place, one in enumerate(self.wires) if set(one) <= set(wires)]
        return self.picked(kept) if kept else None

    def picked(self, places: Sequence[int]) -> Use:
        if len(places) == len(self.wires):
            return self
        rows = self.rows or tuple(range(len(self.wires)))
        chosen = tuple(rows[place] for place in places) if self.angles is not None else None
        return replace(self, wires=tuple(self.wires[place] for place in places), rows=chosen)


Varies = Callable[[SSAValue], bool]


def uses(op: GateOp, varies: Varies, sites: bool = False) -> Iterator[Use]:
    """The uses that an operation stands for, exponents and inverses resolved where a name allows it."""
    angles = op.angles
    use = Use(
        _SAME.get(op.gate, op.gate),
        op.wires,
        angles,
        _on(op.mods),
        _power(op.mods),
        angles is not None and varies(angles),
        site=sites and angles is not None and not _is_constant(angles),
    )
    for one in _resolved(use):
        yield from _one_by_one(one) if one.site else (one,)


def _is_constant(value: SSAValue) -> bool:
    """Whether a value is made of constants alone."""
    op = value.owner
    return isinstance(op, Operation) and op.name.startswith("nn.") and all(map(_is_constant, op.operands))


def _one_by_one(use: Use) -> Iterator[Use]:
    """A power of a gate that is no turn about one axis as so many gates, each with angles of its own."""
    if use.name == MATRIX or scales_angle(use) or abs(use.power) == 1:
        yield use
    else:
        for _ in range(abs(use.power)):
            yield replace(use, power=1 if use.power > 0 else -1)


def _on(mods: Sequence[Mod]) -> tuple[int, ...]:
    values = {"ctrl": 1, "negctrl": 0}
    return tuple(values[mod.kind] for mod in mods if mod.kind in values for _ in range(mod.value))


def _power(mods: Sequence[Mod]) -> int:
    power = 1
    for mod in mods:
        power *= -1 if mod.kind == "inv" else mod.value if mod.kind == "pow" else 1
    return power


def _resolved(use: Use) -> Iterator[Use]:
    """Fewest applications: nothing for the identity, one where an exponent is a parity."""
    if use.power == 0 or use.name == "id" or (use.name in _SELF_INVERSE and use.power % 2 == 0):
        return
    if use.name in _SELF_INVERSE:
        use = replace(use, power=1)
    yield from map(use.picked, _rounds(use.wires) if len(use.wires[0]) == 1 else [range(len(use.wires))])


def _rounds(wires: Wires) -> list[list[int]]:
    """One-wire tuples, split before a wire occurs again."""
    rounds: list[list[int]] = [[]]
    seen: set[tuple[int, ...]] = set()
    for place, one in enumerate(wires):
        if one in seen:
            rounds.append([])
            seen.clear()
        seen.add(one)
        rounds[-1].append(place)
    return rounds


# --- per sample: diagonal between constant changes of basis ---------------------------------------
# A rotation about X is one about Z between two H; about Y, between S H and its inverse. A state's worth of
# phases costs one product per amplitude and sample, whatever the number of gates.

_TO_Z = {"X": (("h",), ("h",)), "Y": (("sdg", "h"), ("h", "s"))}
_AXES = {"rx": "X", "ry": "Y", "rxx": "XX", "ryy": "YY", "rzx": "ZX", "crx": "-X", "cry": "-Y"}
_DIAGONAL_OF = {"rx": "rz", "ry": "rz", "rxx": "rzz", "ryy": "rzz", "rzx": "rzz", "crx": "crz", "cry": "crz"}
_EULER: dict[str, tuple[tuple[str, int], ...]] = {
    "rot": (("rz", 0), ("ry", 1), ("rz", 2)),
    "u3": (("rz", 2), ("ry", 0), ("rz", 1)),
}


def can_diagonalise(use: Use) -> bool:
    return use.is_diagonal or use.name in _AXES or (use.name in _EULER and abs(use.power) == 1)


def diagonalised(use: Use) -> Iterator[Use]:
    """A use that varies per sample, as diagonal uses that vary and constant gates that do not."""
    if use.is_diagonal:
        yield use
        return
    disjoint = len(use.touched) == sum(map(len, use.wires))
    for part in [use] if disjoint else [use.picked([place]) for place in range(len(use.wires))]:
        if part.name in _EULER:
            for name, column in _EULER[part.name][:: part.power]:
                yield from diagonalised(replace(part, name=name, column=column))
        else:
            yield from _changed(part, 0)
            yield replace(part, name=_DIAGONAL_OF[part.name])
            yield from _changed(part, 1)


def _changed(use: Use, side: int) -> Iterator[Use]:
    controls = len(use.on)
    for place, axis in enumerate(_AXES[use.name]):
        wires = tuple((one[controls + place],) for one in use.wires)
        for name in _TO_Z[axis][side] if axis in _TO_Z else ():
            yield Use(name, wires)


def scales_angle(use: Use) -> bool:
    """Whether `power` is a factor of the angle."""
    return use.name in _TURNS


def own_controls(name: str) -> int:
    """How many of a moving gate's own wires are controls."""
    return {"cx": 1, "ccx": 2, "cswap": 1}.get(name, 0)


def parameters(name: str) -> int:
    """How many angles a gate takes; one that is a matrix takes none."""
    return 0 if name == MATRIX else GATES[name].params
