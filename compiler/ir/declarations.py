"""What a function declares: its slots, the instances it creates, how it is executed, as attributes.

What came before: `SlotDeclaration` and `ChildInstance` of the typed program. What leaves: `Slot` and
`Child`, plain values that print as `#hqn.slot<…>` and `#hqn.child<…>`. Invariant: a slot's type is that
of one turn; `loops` are the trip counts of the creating loops, outermost first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hqn.compiler.ir.record import RecordAttr
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.xdsl_api import TensorType, irdl_attr_definition
from hqn.compiler.types.model import DType


@dataclass(frozen=True, slots=True)
class Slot:
    """A weight, frozen weight or state of a function; `role` is "angle" or empty."""

    name: str
    kind: str
    loops: tuple[int, ...]
    type: TensorType
    init: str
    init_args: tuple[float, ...] = ()
    role: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape as stored: loop axes first."""
        return (*self.loops, *shape(self.type))

    @property
    def dtype(self) -> DType:
        return dtype(self.type)


@dataclass(frozen=True, slots=True)
class Child:
    """An instance of a function: `callee` is the name of an `hqn.func`.

    A `shared` one is not created here: whoever calls the function says which of its own it is.
    """

    name: str
    callee: str
    loops: tuple[int, ...] = ()
    frozen: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Sharing:
    """Child `label` of a callee is the caller's `instance`, read in so many `turns`."""

    label: str
    instance: str
    turns: int = 0


@dataclass(frozen=True, slots=True)
class Execution:
    """How a circuit is differentiated, and from how many shots its results are estimated; 0: exact."""

    gradient: str
    arguments: tuple[float, ...] = ()
    shots: int = 0

    @property
    def runs_again(self) -> bool:
        """Whether derivatives come from running the circuit at other angles."""
        return self.gradient in ("parameter_shift", "finite_difference", "spsa")

    @property
    def draws(self) -> bool:
        return bool(self.shots) or self.gradient == "spsa"


@irdl_attr_definition
class SlotAttr(RecordAttr[Slot]):
    """`#hqn.slot<"w", "weight", [3], tensor<5x3xf32>, "uniform", [0.0, 6.28], "angle">`."""

    name = "hqn.slot"
    HOLDS: ClassVar[type] = Slot


@irdl_attr_definition
class ChildAttr(RecordAttr[Child]):
    """`#hqn.child<"encoder", "dense_64_20", [], false, false>`."""

    name = "hqn.child"
    HOLDS: ClassVar[type] = Child


@irdl_attr_definition
class SharingAttr(RecordAttr[Sharing]):
    """`#hqn.shared<"f", "net", 1>`."""

    name = "hqn.shared"
    HOLDS: ClassVar[type] = Sharing


@irdl_attr_definition
class ExecutionAttr(RecordAttr[Execution]):
    """`#hqn.execution<"spsa", [0.1], 1024>`."""

    name = "hqn.execution"
    HOLDS: ClassVar[type] = Execution
