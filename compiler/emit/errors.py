"""What the JAX target cannot express (HQN070x)."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic, Note


class BatchInLoop(Diagnostic):
    """`what` ("a state is set", "a mean over the batch is taken") happens once per turn of one shared
    layer.
    """

    code = "HQN0701"
    title = "one batch, several turns"
    label = "{place}: in `{function}` {what} inside of a loop that shares the layer between its turns"

    place: str
    function: str
    what: str

    def helps(self) -> Iterator[str]:
        yield "`parallel` and `repeat` give every turn a layer of its own"
        yield "a layer whose parameter is `f32[..s, c]` takes all elements at once"


class SimulationTooLarge(Diagnostic):
    """`what` ("the gradient by a state vector of 29 qubits") of a circuit, whatever strategy is taken."""

    code = "HQN0702"
    title = "a simulation that does not fit"
    label = "{place}: in `{function}` {what} takes {needed}"

    place: str
    function: str
    what: str
    needed: str
    limit: str

    def notes(self) -> Iterator[Note]:
        yield Note(f"the limit is {self.limit}; `hqn plan --execution` lists what was tried")

    def helps(self) -> Iterator[str]:
        yield "use fewer qubits, or `--memory` for another limit"
