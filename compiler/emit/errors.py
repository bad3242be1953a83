"""What the JAX target cannot express (HQN070x)."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic


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
