"""What can be wrong with measuring, resetting and discarding qubits, and with measured bits: HQN0440-0447."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.source import Span


class QubitIsGone(Diagnostic):
    code = "HQN0440"
    title = "a qubit that is gone"
    label = "`{qubit}` is gone, and {user} needs it"

    qubit: str
    user: str
    how: str
    gone: Span

    def notes(self) -> Iterator[Note]:
        yield Note(f"it is {self.how} here", self.gone)

    def helps(self) -> Iterator[str]:
        if self.how in ("measured", "discarded"):
            yield f"`reset {self.qubit}` gives it back in |0>; what was measured is in the bit"
        elif self.how == "sampled":
            yield "samples use qubits up: exact results of the same qubits belong in a circuit of their own"
        else:
            yield "use the name that it is carried under"


class GoneInLoop(Diagnostic):
    code = "HQN0441"
    title = "a loop that uses up its qubits"
    label = "a qubit of `{register}` is {how} in every turn, and is gone when the second turn begins"

    register: str
    how: str

    def helps(self) -> Iterator[str]:
        yield "`reset` it in the turn, or declare a fresh one there: `qubits w`"


class BitIsNoValue(Diagnostic):
    code = "HQN0442"
    title = "a measured bit is no value"
    label = "`{name}` is measured, and steers gates only"

    name: str
    measured: Span

    def notes(self) -> Iterator[Note]:
        yield Note("it is measured here", self.measured)

    def helps(self) -> Iterator[str]:
        yield (
            f"write `if {self.name} {{ … }}`; as data, `probs(q)` gives the probabilities of outcomes and "
            "`sample(q, shots)` draws some"
        )


class QubitsLeft(Diagnostic):
    code = "HQN0443"
    title = "qubits are left over"
    label = "`{name}` exists in this {place} only, and nothing says what becomes of it"

    name: str
    place: str

    def helps(self) -> Iterator[str]:
        yield f"end with `discard {self.name}`, or measure it" + (
            f", or carry it on: `next c = {self.name}`" if self.place == "turn" else ""
        )


class ImpossibleOutcome(Diagnostic):
    code = "HQN0444"
    title = "an outcome of probability zero"
    label = "`{qubit}` is in |0> here and never reads {value}"

    qubit: str
    value: int

    def helps(self) -> Iterator[str]:
        yield "where this is known only at run time, every result of the circuit is 0 for that sample"


class NotUnderBit(Diagnostic):
    code = "HQN0445"
    title = "not under a measured bit"
    label = "{what} cannot depend on a measured bit"

    what: str
    condition: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the bits are read here", self.condition)

    def helps(self) -> Iterator[str]:
        yield "gates, and circuits of gates, can; measure, reset and discard before or after the `if`"


class BadCondition(Diagnostic):
    code = "HQN0446"
    title = "not a condition on measured bits"
    label = "{why}"

    why: str

    def helps(self) -> Iterator[str]:
        yield "conditions are `b`, `not b`, `b == 0`, `bs[1]`, `bs == 2`, and these under `and` and `or`"


class BadQubitCarry(Diagnostic):
    code = "HQN0447"
    title = "a carry of qubits that does not fit"
    label = "{why}"

    why: str
    start: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the carry begins here", self.start)

    def helps(self) -> Iterator[str]:
        yield "write `out = scan … carry (c = s) { qubits w …; discard c; next c = w }`"
