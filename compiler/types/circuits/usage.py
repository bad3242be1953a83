"""Which qubits are there: wires that are measured or discarded, those of blocks, those to be used again.

What came before: registers as wires, in an instance. What leaves: wires for new qubits, and diagnostics about
qubits that are gone or left over. Invariant: qubits that a block declares (a turn, a branch, a circuit that
takes qubits) are gone when it ends; later qubits take their wires, behind a reset.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.circuits import measurement_errors as errors
from hqn.compiler.types.circuits.wires import Qubits, is_concrete
from hqn.compiler.types.scope import Scope


@dataclass(frozen=True, slots=True)
class Gone:
    """What became of a wire: `how` is measured or discarded."""

    how: str
    register: str
    span: Span
    told: bool = False
    """A use of it is reported: others are not."""


@dataclass(slots=True)
class Usage:
    """What is known of the wires of one frame."""

    gone: dict[int, Gone] = field(default_factory=dict)
    zero: set[int] = field(default_factory=set)
    """Wires that are surely in |0>."""
    free: set[int] = field(default_factory=set)
    """Wires of blocks that have ended."""
    blocks: list[list[Qubits]] = field(default_factory=list)
    """The qubits that the blocks around the present statement declare."""
    loops: int = 0
    """Loops around the present statement whose turns are elaborated once."""
    bits: int = 0
    """Classical bits so far."""
    mixed: Span | None = None
    """The first statement after which the state is not a pure one of all wires."""
    condition: Span | None = None
    """Measured bits that the present statement depends on."""
    guarded: set[int] = field(default_factory=set)
    """Wires that are declared under that condition."""


def check_there(scope: Scope, usage: Usage, qubits: Qubits, span: Span, user: str) -> None:
    """Reports the first of some qubits that is gone, unless one of them is reported already."""
    if not usage.gone:
        return
    gone = {wire: usage.gone[wire] for wire in known_wires(qubits) if wire in usage.gone}
    if not gone:
        return
    found = next(iter(gone.values()))
    if not any(one.told for one in gone.values()):
        scope.report(
            errors.QubitIsGone(span=span, qubit=span.text, user=user, how=found.how, gone=found.span)
        )
    usage.gone |= {wire: replace(one, told=True) for wire, one in gone.items()}


def known_wires(qubits: Qubits) -> tuple[int, ...]:
    """The wires, where they are numbers; none in a definition whose sizes are not known."""
    return qubits.wires() if is_concrete(qubits) else ()


def end(usage: Usage, qubits: Qubits, how: str, span: Span) -> None:
    """The qubits are measured or discarded."""
    wires = known_wires(qubits)
    usage.gone |= {wire: Gone(how, qubits.name, span) for wire in wires if wire not in usage.gone}
    usage.zero -= set(wires)
    usage.mixed = usage.mixed or span


def revive(usage: Usage, qubits: Qubits) -> None:
    """The qubits are in |0>."""
    for wire in known_wires(qubits):
        usage.gone.pop(wire, None)
        usage.zero.add(wire)


# --- wires for new qubits -------------------------------------------------------------------------


def take_wires(scope: Scope, usage: Usage, count: int, width: int, span: Span) -> int:
    """The first of `count` neighbouring wires in |0>: those of an ended block, or new ones."""
    first = next((start for start in sorted(usage.free) if _is_free(usage, start, count)), width)
    wires = tuple(range(first, first + count))
    if scope.concrete and (first < width or usage.loops):
        scope.emit(typed.QubitOperation(kind="reset", wires=wires, span=span))
        usage.mixed = usage.mixed or span
    usage.free -= set(wires)
    usage.zero |= set(wires)
    usage.guarded |= set(wires)
    return first


def _is_free(usage: Usage, start: int, count: int) -> bool:
    return all(wire in usage.free for wire in range(start, start + count))


def release(usage: Usage, wires: tuple[int, ...]) -> None:
    """The wires may be taken again."""
    usage.free |= set(wires)
    usage.zero -= set(wires)
    for wire in wires:
        usage.gone.pop(wire, None)


# --- blocks ---------------------------------------------------------------------------------------


@contextmanager
def block(scope: Scope, usage: Usage, place: str) -> Iterator[None]:
    """A turn, a branch, or a circuit that takes qubits: its own qubits are gone when it ends."""
    usage.blocks.append([])
    yield
    for qubits in usage.blocks.pop():
        close(scope, usage, qubits, place)


def close(scope: Scope, usage: Usage, qubits: Qubits, place: str) -> None:
    wires = known_wires(qubits)
    if any(wire not in usage.gone for wire in wires) and qubits.declared is not None:
        scope.report(errors.QubitsLeft(span=qubits.declared, name=qubits.name, place=place))
    release(usage, wires)


@contextmanager
def either(usage: Usage, others: list[Usage]) -> Iterator[None]:
    """One of several branches, where a definition does not know which is taken; `others` gathers the ends."""
    before = replace(usage, gone=dict(usage.gone), zero=set(usage.zero))
    yield
    others.append(replace(usage))
    usage.gone, usage.zero, usage.mixed = before.gone, before.zero, before.mixed


def joined(usage: Usage, ends: list[Usage]) -> None:
    """What holds whichever branch is taken."""
    usage.gone = {w: found for w, found in ends[0].gone.items() if all(w in end.gone for end in ends)}
    usage.zero = set.intersection(*(end.zero for end in ends))
    usage.mixed = ends[0].mixed if all(end.mixed for end in ends) else None


@contextmanager
def turns(scope: Scope, usage: Usage, again: bool) -> Iterator[None]:
    """The body of a loop that is elaborated once for all turns; `again` if there is more than one."""
    before = set(usage.gone)
    usage.loops += 1
    usage.zero.clear()
    yield
    usage.loops -= 1
    usage.zero.clear()
    lost = [found for wire, found in usage.gone.items() if wire not in before]
    if lost and again:
        scope.report(errors.GoneInLoop(span=lost[0].span, register=lost[0].register, how=lost[0].how))


@contextmanager
def under(usage: Usage, condition: Span) -> Iterator[None]:
    """Statements that depend on measured bits."""
    before = usage.condition, usage.guarded
    usage.condition, usage.guarded = condition, set()
    yield
    usage.condition, usage.guarded = before


def allowed_here(scope: Scope, usage: Usage, qubits: Qubits, what: str, span: Span) -> bool:
    """Whether qubits may be measured or reset here: not under a bit, unless they are declared there."""
    if usage.condition is None or set(known_wires(qubits)) <= usage.guarded:
        return True
    scope.report(errors.NotUnderBit(span=span, what=what, condition=usage.condition))
    return False
