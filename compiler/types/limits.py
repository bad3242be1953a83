"""Limits on what a program may grow to, counted before anything is expanded or allocated.

What came before: trip counts, sizes and the graph of typed functions. What leaves: diagnostics that hold the
number and the limit. Invariant: counting takes time linear in the written program, because a function is
counted once however often it is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from hqn.compiler import memory
from hqn.compiler.diagnostics import Diagnostic, Note, Sink
from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.circuits import errors as circuit_errors
from hqn.compiler.types.circuits.qubits import circuit_state
from hqn.compiler.types.scope import Scope

MOST_INSTANCES = 100_000
MOST_GATES = 200_000
MOST_WEIGHT_BYTES = 4 * 2**30
MOST_TURNS = 10**6
MOST_WRITTEN_TURNS = 1_000
MOST_FACTORS = 10_000
MOST_WIRES = 1_024
"""Registers beyond this are refused where they stand; below, what counts is what a result depends on."""
_AMPLITUDE_BYTES = 8


class TooManyTurns(Diagnostic):
    code = "HQN0390"
    title = "a loop with too many turns"
    label = "this loop has {turns} turns"

    turns: int
    limit: int

    def notes(self) -> Iterator[Note]:
        yield Note(f"the limit is {self.limit} turns")


class TooManyInstances(Diagnostic):
    code = "HQN0391"
    title = "too many instances"
    label = "`{name}` is made of {instances} instances"

    name: str
    instances: int
    limit: int

    def notes(self) -> Iterator[Note]:
        yield Note(f"the limit is {self.limit} instances of layers and circuits")


class TooManyWeights(Diagnostic):
    code = "HQN0392"
    title = "too many weights"
    label = "the weights of `{name}` need {needed}"

    name: str
    needed: str
    limit: str

    def notes(self) -> Iterator[Note]:
        yield Note(f"the limit is {self.limit}")


# --- while a body is elaborated -------------------------------------------------------------------


def allow_turns(scope: Scope, span: Span, turns: int) -> bool:
    """Whether a loop may have so many turns; reported where not."""
    if turns <= MOST_TURNS:
        return True
    scope.report(TooManyTurns(span=span, turns=turns, limit=MOST_TURNS))
    return False


def allow_written_turns(scope: Scope, span: Span, turns: int) -> bool:
    """Whether a function may have so many more written turns of classical loops; reported where not."""
    scope.frame.written_turns += turns
    if scope.frame.written_turns <= MOST_WRITTEN_TURNS:
        return True
    scope.report(TooManyTurns(span=span, turns=scope.frame.written_turns, limit=MOST_WRITTEN_TURNS))
    return False


def charge_gates(scope: Scope, span: Span, gates: int) -> bool:
    """Adds gates to those of the present circuit; False, and reported once, beyond the limit."""
    state = circuit_state(scope.frame)
    if state.full:
        return False
    state.gates += gates
    state.full = not allow_gates(scope, span, state.gates)
    return not state.full


def allow_gates(scope: Scope, span: Span, gates: int) -> bool:
    """Whether a circuit may have so many gates; reported where not."""
    if gates <= MOST_GATES:
        return True
    scope.report(circuit_errors.TooManyGates(span=span, gates=gates, limit=MOST_GATES))
    return False


def allow_qubits(scope: Scope, span: Span, qubits: int) -> bool:
    """Whether a state of so many qubits fits; reported with the bytes it needs where not."""
    if _fits(qubits):
        return True
    amplitude = memory.STATES * _AMPLITUDE_BYTES
    limit = show_bytes(memory.limit())
    needed = show_bytes(amplitude << qubits) if qubits <= 64 else f"more than 2 ** {qubits} bytes"
    scope.report(circuit_errors.StateTooLarge(span=span, qubits=qubits, needed=needed, limit=limit))
    return False


def _fits(qubits: int) -> bool:
    return qubits <= (memory.limit() // (memory.STATES * _AMPLITUDE_BYTES)).bit_length() - 1


def allow_states(scope: Scope, result: typed.Expr | None) -> None:
    """Reports a circuit with a result whose light cone does not fit."""
    state = circuit_state(scope.frame)
    if state.declared is None or not isinstance(state.width, int) or _fits(state.width):
        return
    from hqn.compiler.types.circuits.light_cone import widest_cone

    allow_qubits(scope, state.declared, widest_cone(scope.statements, result, state.width))


def show_bytes(number: int) -> str:
    """`8 GiB`, `1.5 MiB`: up to one decimal, in the largest unit below the number."""
    units = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
    power = min(max(number.bit_length() - 1, 0) // 10, len(units) - 1)
    whole, rest = divmod(number, 1 << (10 * power))
    tenth = rest * 10 >> (10 * power)
    return f"{whole}.{tenth} {units[power]}" if tenth else f"{whole} {units[power]}"


# --- of a whole program ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counts:
    """What one instance of a function comes to, with everything below it."""

    instances: int
    gates: int
    weight_bytes: int


class Counter:
    """Counts functions, each once."""

    def __init__(self) -> None:
        self._known: dict[typed.Function, Counts] = {}

    def count(self, function: typed.Function) -> Counts:
        """The counts of one instance, itself included."""
        if function not in self._known:
            self._known[function] = self._add(function)
        return self._known[function]

    def _add(self, function: typed.Function) -> Counts:
        instances, weight_bytes = 1, sum(slot_bytes(slot) for slot in function.slots)
        for child in function.created:
            below, times = self.count(child.function), prod(child.loops)
            instances += times * below.instances
            weight_bytes += times * below.weight_bytes
        return Counts(instances, self._gates(function.statements), weight_bytes)

    def _gates(self, statements: tuple[typed.Statement, ...]) -> int:
        total = 0
        for statement in statements:
            match statement:
                case typed.ApplyGate():
                    total += len(statement.wires)
                case typed.ApplyCircuit():
                    total += self.count(statement.function).gates
                case typed.RepeatGates():
                    total += self._gates(statement.statements)
        return total


def slot_bytes(slot: typed.SlotDeclaration) -> int:
    """The bytes of a slot with its loop axes."""
    shape = [size for size in slot.shape if isinstance(size, int)]
    return prod(shape) * slot.type.dtype.bytes


def within_limits(sink: Sink, name: str, function: typed.Function, counter: Counter) -> bool:
    """Whether a root of a program (a model, an instance of a run) stays below all limits; reported if not."""
    found = list(_exceeded(name, function, counter))
    for diagnostic in found:
        sink.report(diagnostic)
    return not found


def _exceeded(name: str, function: typed.Function, counter: Counter) -> Iterator[Diagnostic]:
    counts, span = counter.count(function), function.span
    if counts.instances > MOST_INSTANCES:
        yield TooManyInstances(span=span, name=name, instances=counts.instances, limit=MOST_INSTANCES)
    if counts.gates > MOST_GATES:
        yield circuit_errors.TooManyGates(span=span, gates=counts.gates, limit=MOST_GATES)
    if counts.weight_bytes > MOST_WEIGHT_BYTES:
        needed, limit = show_bytes(counts.weight_bytes), show_bytes(MOST_WEIGHT_BYTES)
        yield TooManyWeights(span=span, name=name, needed=needed, limit=limit)
