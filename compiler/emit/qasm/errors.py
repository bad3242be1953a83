"""What OpenQASM cannot say (HQN072x)."""

from __future__ import annotations

from collections.abc import Iterator

from hqn.compiler.diagnostics import Diagnostic

_SHOWN = 6


class NoCircuit(Diagnostic):
    code = "HQN0721"
    title = "nothing to export"
    label = "the model `{model}` has no circuit, and OpenQASM says circuits only"

    model: str

    def helps(self) -> Iterator[str]:
        yield "`--emit jax` exports the whole model; `--model NAME` chooses another one"


class NotInTarget(Diagnostic):
    code = "HQN0722"
    title = "not in the target language"
    label = "{target} cannot express {reason}, in the circuit `{circuit}`"

    circuit: str
    target: str
    reason: str
    help: str | None = None

    def helps(self) -> Iterator[str]:
        if self.help:
            yield self.help


class InputsNotBound(Diagnostic):
    code = "HQN0723"
    title = "OpenQASM 2.0 has no inputs"
    label = "the circuit `{circuit}` needs values of {shown}"

    circuit: str
    names: tuple[str, ...]

    @property
    def message(self) -> str:
        listed = ", ".join(self.names[:_SHOWN])
        more = f" and {len(self.names) - _SHOWN} more" if len(self.names) > _SHOWN else ""
        return self.label.format(circuit=self.circuit, shown=listed + more)

    def helps(self) -> Iterator[str]:
        weights, own = "`--from CHECKPOINT`", "`--bind FILE`"
        yield f"give trained weights with {weights} and the circuit's own parameters with {own}"
        yield "`--emit qasm3` keeps them as `input` declarations"
