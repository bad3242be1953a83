"""What can be wrong with a circuit: HQN04xx."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.source import Span


class QubitUsedTwice(Diagnostic):
    code = "HQN0401"
    title = "one qubit used twice in one operation"
    label = "{qubit} is already an operand of `{gate}`"

    qubit: str
    gate: str
    first: Span

    def notes(self) -> Iterator[Note]:
        yield Note("the first use of the qubit", self.first)

    def helps(self) -> Iterator[str]:
        yield "the operands of one operation are different qubits"


class QubitOutOfRange(Diagnostic):
    code = "HQN0402"
    title = "qubit index out of range"
    label = "`{register}` has {size}, so there is no `{register}[{index}]`"

    register: str
    size: str
    index: str
    declared: Span | None

    def notes(self) -> Iterator[Note]:
        if self.declared:
            yield Note(f"`{self.register}` is declared here", self.declared)

    def helps(self) -> Iterator[str]:
        yield f"indices run from 0 up to the number of qubits, exclusive; `{self.register}[-1]` is the last"


class WrongQubitCount(Diagnostic):
    code = "HQN0403"
    title = "wrong number of qubits"
    label = "`{gate}` acts on {takes}, and {given} given"

    gate: str
    takes: str
    given: str
    defined: Span | None = None

    def notes(self) -> Iterator[Note]:
        if self.defined:
            yield Note(f"`{self.gate}` is defined here", self.defined)

    def helps(self) -> Iterator[str]:
        if self.defined is None:
            yield "controls come first; operands are separated by commas"


class WrongParameterCount(Diagnostic):
    code = "HQN0404"
    title = "wrong number of gate parameters"
    label = "`{gate}` takes {takes}, and {given} given"

    gate: str
    takes: str
    given: str
    example: str

    def helps(self) -> Iterator[str]:
        yield f"write `{self.example}`"


class BadParameter(Diagnostic):
    code = "HQN0405"
    title = "a gate parameter has the wrong type"
    label = "this is {found}, but `{gate}` takes {wanted}"

    gate: str
    found: str
    wanted: str

    def helps(self) -> Iterator[str]:
        yield (
            "an angle is a number in radians (f32); on m qubits, a gate of p parameters takes p values of "
            "shape [] or [m], or one of shape [p] or [m, p]"
        )


class RegistersDiffer(Diagnostic):
    code = "HQN0406"
    title = "registers of different lengths"
    label = "this has {here}"

    here: str
    there: str
    other: Span

    def notes(self) -> Iterator[Note]:
        yield Note(f"but this has {self.there}", self.other)

    def helps(self) -> Iterator[str]:
        yield "registers pair up qubit by qubit, so they are equally long; a single qubit goes with each pair"


class NotAGate(Diagnostic):
    code = "HQN0407"
    title = "not a gate"
    label = "{what}"

    what: str
    nearest: str | None = None

    def helps(self) -> Iterator[str]:
        if self.nearest:
            yield f"did you mean `{self.nearest}`?"
        else:
            yield "qubits follow a gate or a circuit that takes qubits: `cx q[0], q[1]`, `entangle[2](w) q`"


class NotQubits(Diagnostic):
    code = "HQN0408"
    title = "not a qubit"
    label = "{found}, and {wanted} acts on qubits"

    found: str
    wanted: str

    def helps(self) -> Iterator[str]:
        yield "declare qubits with `qubits q[n]`, or take them as a parameter: `q: qubit[n]`"


class BadQubitSelection(Diagnostic):
    code = "HQN0409"
    title = "this does not select qubits"
    label = "{why}"

    why: str

    def helps(self) -> Iterator[str]:
        yield "select with `q[i]`, `q[-1]`, `q[a..b]`, `q[a..b step c]` or the whole `q`"


class CircuitNotApplicable(Diagnostic):
    code = "HQN0410"
    title = "this circuit cannot be applied like a gate"
    label = "`{name}` {why}"

    name: str
    why: str
    defined: Span | None = None
    instead: str | None = None

    def notes(self) -> Iterator[Note]:
        if self.defined:
            yield Note(f"`{self.name}` is defined here", self.defined)

    def helps(self) -> Iterator[str]:
        if self.instead:
            yield self.instead


class NotAnObservable(Diagnostic):
    code = "HQN0411"
    title = "not an observable"
    label = "{found}"

    found: str
    instead: str | None = None

    def helps(self) -> Iterator[str]:
        if self.instead:
            yield f"did you mean `{self.instead}`?"
        yield (
            "observables are sums and products of `X(q[i])`, `Y(q[i])`, `Z(q[i])` and numbers, and sums with "
            "`hermitian(m, q)` and `diag(c, q)`"
        )


class PaulisDoNotCommute(Diagnostic):
    code = "HQN0412"
    title = "a product of two different Pauli matrices on one qubit"
    label = "this product holds {first} and {second} of the same qubit"

    first: str
    second: str

    def helps(self) -> Iterator[str]:
        yield "such a product is not Hermitian, so it has no expectation value; a sum of them is"


class ObservableShapesDiffer(Diagnostic):
    code = "HQN0413"
    title = "observables of different shapes"
    label = "the left side has shape {left}, the right side {right}"

    left: str
    right: str

    def helps(self) -> Iterator[str]:
        yield "combine equal shapes, or one observable with many: `Z(q[0]) * Z(r)`"


class BadModifier(Diagnostic):
    code = "HQN0414"
    title = "wrong use of a gate modifier"
    label = "{why}"

    why: str

    def helps(self) -> Iterator[str]:
        yield "modifiers are `ctrl @`, `ctrl(2) @`, `negctrl @`, `inv @`, `pow(3) @` and `pow(0.5) @`"


class QueryNeedsQubits(Diagnostic):
    code = "HQN0415"
    title = "nothing to measure"
    label = "{why}"

    why: str
    example: str | None = None

    def helps(self) -> Iterator[str]:
        if self.example:
            yield f"write `{self.example}`"
            return
        yield (
            "queries are `expect(Z(q))`, `var(Z(q))`, `probs(q)`, `probs(q[0..2])`, `state(q)`, "
            "`density(q[0])`, `purity(q[0])` and `entropy(q[0])`"
        )


class StateTooLarge(Diagnostic):
    code = "HQN0416"
    title = "a state that does not fit"
    label = "{qubits} qubits need {needed} for one sample"

    qubits: int
    needed: str
    limit: str

    def notes(self) -> Iterator[Note]:
        yield Note(f"three states of 2 ** {self.qubits} amplitudes of 8 bytes; the limit is {self.limit}")

    def helps(self) -> Iterator[str]:
        yield "use fewer qubits, or several smaller circuits; `--memory` sets another limit"


class TooManyGates(Diagnostic):
    code = "HQN0417"
    title = "too many gates"
    label = "this makes at least {gates} gates"

    gates: int
    limit: int

    def notes(self) -> Iterator[Note]:
        yield Note(f"the limit is {self.limit} gates after loops over qubits are expanded")

    def helps(self) -> Iterator[str]:
        yield "a loop whose variable is in no qubit index stays a loop and is not expanded"


class RegisterSize(Diagnostic):
    code = "HQN0418"
    title = "a register without qubits"
    label = "a register has at least one qubit, and this is {size}"

    size: str


class QubitsNotGiven(Diagnostic):
    code = "HQN0419"
    title = "qubits are given behind a call, not in it"
    label = "`{name}` acts on qubits and stands alone here"

    name: str

    def helps(self) -> Iterator[str]:
        yield f"apply it to qubits on a line of its own: `{self.name}(…) q`"


class NotForGates(Diagnostic):
    code = "HQN0420"
    title = "a built-in gate is only a gate"
    label = "`{gate}` is a built-in gate and takes no {what}"

    gate: str
    what: str

    def helps(self) -> Iterator[str]:
        yield "gates are written `rz(t) q[0]`; statics and labels belong to circuits"


class TooManyTerms(Diagnostic):
    code = "HQN0421"
    title = "an observable with too many terms"
    label = "this has {terms} terms"

    terms: int
    limit: int

    def notes(self) -> Iterator[Note]:
        yield Note(f"the limit is {self.limit} products of Pauli matrices in one observable")


class MatrixDoesNotFit(Diagnostic):
    code = "HQN0422"
    title = "a matrix that does not fit its qubits"
    label = "this is {found}, and `{user}` on {qubits} takes {wanted}"

    user: str
    qubits: str
    found: str
    wanted: str

    def helps(self) -> Iterator[str]:
        if self.user == "su":
            yield "k qubits take 4^k - 1 angles, one for each product of Pauli matrices but the identity"
            return
        yield "a matrix of k qubits is [2^k, 2^k], a diagonal [2^k]; the first qubit is the highest bit"


class NotHermitian(Diagnostic):
    code = "HQN0423"
    title = "a matrix that is not Hermitian"
    label = "element [{row}, {column}] differs from element [{column}, {row}]"

    row: int
    column: int

    def helps(self) -> Iterator[str]:
        yield "`(m + transpose(m)) / 2` is symmetric; of a matrix from data, this part is what is measured"


class NotUnitary(Diagnostic):
    code = "HQN0424"
    title = "a matrix that is not unitary"
    label = "{why}"

    why: str

    def helps(self) -> Iterator[str]:
        yield "`su(angles) q` is unitary for any angles, and `evolve(hermitian(m, q), t)` for any symmetric m"


class MatrixTooLarge(Diagnostic):
    code = "HQN0425"
    title = "a matrix on too many qubits"
    label = "`{user}` acts on {qubits} qubits at once"

    user: str
    qubits: int
    limit: int

    def notes(self) -> Iterator[Note]:
        yield Note(f"a dense matrix has 4^k elements; the limit is {self.limit} qubits")

    def helps(self) -> Iterator[str]:
        yield "split it into matrices on fewer qubits"
        if self.user == "evolve":
            yield "as a product formula it takes Pauli words of any width: `evolve[steps = 10](H, t)`"
