"""Selectors of policies and what they select.

What came before: selectors as written and the instance trees of models. What leaves: the targets of a model
and, for a selector and a target, how specific the selection is. Invariants: matching takes time linear in
pattern times path, whatever the pattern; no regular expressions.

A path is that of the instance tree: the model's name, labels, a slot: `digits.head.W`. A selector selects
what it names and everything below it. `*` stands for any part of one step of a path, `**` for any number of
steps. `digits.head.a` names one role of an instance. `kind circuit` selects what an instance of that kind,
or of a definition of that name, owns itself. `first` and `last` select the first and last instance that
owns a weight `w`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hqn.compiler.syntax import ast
from hqn.compiler.types.instances import InstanceNode, SlotNode
from hqn.compiler.types.policies.specs import Role

DEFAULT, KIND, GLOB, EXACT = range(4)
Specificity = tuple[int, int]
"""What wins is larger: default < kind < glob, first, last < exact; of exact paths, the longer."""

_FLOATS = ("f32", "f64")


@dataclass(frozen=True, slots=True)
class Target:
    """What a profile can act on: a slot, the activations of an instance, a circuit."""

    path: str
    role: str
    owner: InstanceNode
    slot: SlotNode | None = None

    @property
    def row(self) -> int:
        """Elements along the last axis."""
        return self.slot.shape[-1] if self.slot and self.slot.shape else 1


def targets_of(model: InstanceNode) -> tuple[Target, ...]:
    """Every target of a model, in the order of the text."""
    return tuple(target for node in model.walk() for target in _targets(node))


def _targets(node: InstanceNode) -> Iterator[Target]:
    weights = [slot for slot in node.slots if slot.kind != "state" and slot.dtype in _FLOATS]
    own = [Target(slot.path, _role(slot), node, slot) for slot in weights]
    if any(target.role == "w" for target in own):
        yield Target(node.path, "a", node)
    yield from own


def _role(slot: SlotNode) -> Role:
    if slot.role == "angle":
        return "angle"
    return "w" if len(slot.shape) - len(slot.loops) >= 2 else "b"


def specificity(selector: ast.Selector, target: Target, targets: Sequence[Target]) -> Specificity | None:
    """How specifically a selector selects a target; None where it does not."""
    match selector.kind:
        case "kind":
            owner = target.owner
            return (KIND, 0) if selector.pattern in (owner.kind, owner.definition) else None
        case "first" | "last":
            owners = [one.owner.path for one in targets if one.role == "w"]
            wanted = owners[0 if selector.kind == "first" else -1] if owners else None
            return (GLOB, 0) if target.owner.path == wanted else None
    return _path_specificity(selector.pattern, target)


def _path_specificity(pattern: str, target: Target) -> Specificity | None:
    steps = pattern.split(".")
    if not matches_below(steps, target):
        return None
    return (GLOB, 0) if "*" in pattern else (EXACT, len(steps))


def matches_below(steps: list[str], target: Target) -> bool:
    """Whether a pattern names the target, its role, or an instance that it is in."""
    path = target.path.split(".")
    named = [*target.owner.path.split("."), target.role]
    prefixes = [path[:count] for count in range(1, len(path) + 1)]
    return any(matches(steps, one) for one in (*prefixes, named))


def matches(steps: Sequence[str], path: Sequence[str]) -> bool:
    """Whether a pattern, step by step, is a path; `**` may be any number of steps."""
    reached = {0}  # how many steps of the path the pattern so far may have taken
    for step in steps:
        if step == "**":
            reached = set(range(min(reached), len(path) + 1))
        else:
            reached = {i + 1 for i in reached if i < len(path) and fits(step, path[i])}
        if not reached:
            return False
    return len(path) in reached


def fits(pattern: str, text: str) -> bool:
    """Whether `*`s of one step can be filled to give `text`: parts are found from left to right."""
    first, *parts = pattern.split("*")
    if not parts:
        return text == pattern
    *inner, last = parts
    if not text.startswith(first) or not text[len(first) :].endswith(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in inner:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return place <= end
