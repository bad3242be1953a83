"""Policies, resolved: what happens to every weight and activation, and which rule said so.

What came before: `check_policy`. What leaves: one `Policy` per policy, its statics and the model that it is
put on; plain data that passes, plans and artefacts read. Invariants: every weight and every activation of the
model that a policy can act on has exactly one `Treatment`; nothing is quantized that is not in the table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hqn.compiler.source import Span

Role = Literal["w", "b", "a", "angle"]
ROLE_WORDS = {
    "w": "weights of two or more axes",
    "b": "weights of one axis or none",
    "a": "activations that meet a weight",
    "angle": "weights that are angles",
}


@dataclass(frozen=True, slots=True)
class Spec:
    """How one tensor is quantized. `bits` is None where it stays float.

    `per` channel: one scale for each output channel; group: for every `size` elements in a row along the last
    axis. `range` is absmax, minmax or percentile, which leaves out what lies beyond `percentile` percent.
    """

    bits: int | None = None
    per: Literal["tensor", "channel", "group"] = "tensor"
    size: int = 0
    symmetric: bool = True
    scale: Literal["f32", "po2"] = "f32"
    range: Literal["absmax", "minmax", "percentile"] = "absmax"
    percentile: float = 100.0

    def text(self, role: str) -> str:
        """As a policy would write it, every field said."""
        if self.bits is None:
            return "f32"
        if role == "angle":
            return f"{self.bits} bits"
        if role == "b":
            return f"int{self.bits}, scale of w * a"
        per = f"group({self.size})" if self.per == "group" else self.per
        limit = f"percentile({self.percentile:g})" if self.range == "percentile" else self.range
        scale = " scale po2" if self.scale == "po2" else ""
        return f"int{self.bits} per {per} {'sym' if self.symmetric else 'asym'} range {limit}{scale}"


FLOAT = Spec()


@dataclass(frozen=True, slots=True)
class Treatment:
    """What happens to one weight (`path` is its slot) or to the activations of one instance."""

    path: str
    role: str
    spec: Spec
    rule: str
    """The rule that won, as written; "no rule" where the tensor stays float because none is about it."""
    place: str | None = None
    """`file:line` of that rule."""


@dataclass(frozen=True, slots=True)
class Calibrate:
    """`calibrate on d8.train[512]`: the first `count` samples of a split, None for all."""

    data: str
    split: str
    count: int | None

    @property
    def text(self) -> str:
        return f"{self.data}.{self.split}" + (f"[{self.count}]" if self.count is not None else "")


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy on a model. `name` has the values of its statics: `w[2]`."""

    name: str
    model: str
    treatments: tuple[Treatment, ...]
    calibrate: Calibrate | None = None
    lower: Literal["simulate", "integer"] = "simulate"
    span: Span | None = field(default=None, compare=False, repr=False)

    def find(self, path: str, role: str) -> Treatment | None:
        return next((one for one in self.treatments if (one.path, one.role) == (path, role)), None)

    def text(self) -> str:
        """The table, one line per treatment."""
        source = f", calibrated on {self.calibrate.text}" if self.calibrate else ""
        lines = [f"policy {self.name} on model {self.model}: {self.lower}{source}"]
        cells = [(one.path, one.role, one.spec.text(one.role), _rule(one)) for one in self.treatments]
        widths = [max((len(row[column]) for row in cells), default=0) for column in range(3)]
        for row in cells:
            padded = [cell.ljust(width) for cell, width in zip(row, widths)]
            lines.append("  " + "  ".join([*padded, row[3]]))
        return "\n".join(lines)

    def data(self) -> dict[str, object]:
        """Plain data with fixed keys, for manifests."""
        rows = [
            {"path": one.path, "role": one.role, "spec": one.spec.text(one.role), "rule": _rule(one)}
            for one in self.treatments
        ]
        calibrate = self.calibrate.text if self.calibrate else None
        head = {"policy": self.name, "model": self.model, "lower": self.lower, "calibrate": calibrate}
        return {**head, "table": rows}


def _rule(one: Treatment) -> str:
    return f"{one.rule}, {one.place}" if one.place else one.rule
