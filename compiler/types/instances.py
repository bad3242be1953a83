"""The instance tree: every slot and instance of the compiled models, by path.

What came before: typed functions. What leaves: a tree that init, checkpoints, freezing, policies, manifests
and editors read; nothing else names weights. Invariants: paths are unique; a loop axis stands in `loops` of
the node that is created in it; the JSON form carries `VERSION` and changes only with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.types import typed

VERSION = 1


@dataclass(frozen=True, slots=True)
class SlotNode:
    """A weight, frozen weight or state. `shape` is as stored: the axes of all loops around it first."""

    path: str
    kind: str
    dtype: str
    shape: tuple[int, ...]
    loops: tuple[int, ...]
    """Leading axes of `shape`, outermost first: of the instances around it and of its own loops."""
    role: str | None
    initial: str
    place: str
    frozen: bool

    @property
    def count(self) -> int:
        total = 1
        for dim in self.shape:
            total *= dim
        return total


@dataclass(frozen=True, slots=True)
class InstanceNode:
    """A layer, circuit or model under its path; `loops` are the axes of all loops around it."""

    path: str
    kind: str
    definition: str
    function: str
    loops: tuple[int, ...]
    frozen: bool
    place: str
    slots: tuple[SlotNode, ...]
    children: tuple[InstanceNode, ...]

    def walk(self) -> Iterator[InstanceNode]:
        """This instance and all inside it, in the order of the text."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class InstanceTree:
    """One root per model, in the order of the file."""

    roots: tuple[InstanceNode, ...]

    def instances(self) -> Iterator[InstanceNode]:
        for root in self.roots:
            yield from root.walk()

    def slots(self) -> Iterator[SlotNode]:
        for instance in self.instances():
            yield from instance.slots

    def data(self) -> dict[str, object]:
        """Plain data with fixed keys, for JSON."""
        return {"version": VERSION, "roots": [_instance_json(root) for root in self.roots]}

    def text(self) -> str:
        """One line per instance and slot: path, what it is, shape, where."""
        rows: list[tuple[str, str, str, str]] = []
        for node in self.instances():
            axes = f" x {list(node.loops)}" if node.loops else ""
            rows.append((node.path, f"{node.kind} {node.definition}{axes}", "", visible(node.place)))
            for slot in node.slots:
                shown = f"{slot.role or slot.dtype}{list(slot.shape)}"
                rows.append((slot.path, slot.kind, shown, visible(slot.place)))
        widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
        return "".join(
            "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[3]]) + "\n"
            for row in rows
        )

    def summary(self, name: str) -> str:
        """What a file holds, in a line per model."""
        lines = [f"{visible(name)}: no mistakes"]
        for root in self.roots:
            weights = sum(slot.count for node in root.walk() for slot in node.slots if slot.kind == "weight")
            instances = sum(1 for _ in root.walk()) - 1
            plural = "" if instances == 1 else "s"
            lines.append(f"  model {root.path}: {weights:,} parameters in {instances:,} instance{plural}")
        return "\n".join(lines)


def tree_of(entries: Iterable[typed.Entry]) -> InstanceTree:
    """The tree of compiled models. Both modes have the same slots; that of training is shown."""
    return InstanceTree(tuple(instance_node(entry.name, entry.training) for entry in entries))


def instance_node(
    path: str,
    function: typed.Function,
    loops: tuple[int, ...] = (),
    frozen: bool = False,
    place: str | None = None,
) -> InstanceNode:
    """The node of a function under a path, with everything inside it."""
    return InstanceNode(
        path=path,
        kind=function.kind,
        definition=function.definition,
        function=function.name,
        loops=loops,
        frozen=frozen,
        place=place or str(function.span),
        slots=tuple(_slot_node(path, slot, loops, frozen) for slot in function.slots),
        children=tuple(
            instance_node(
                f"{path}.{child.name}",
                child.function,
                (*loops, *child.loops),
                frozen or child.frozen,
                str(child.span),
            )
            for child in function.created
        ),
    )


def as_word(*path: str) -> str:
    """A path as a part of an identifier: `block[0].W` is `block_0_W`."""
    return "_".join(path).replace("[", "_").replace("]", "").replace(".", "_")


def _slot_node(path: str, slot: typed.SlotDeclaration, loops: tuple[int, ...], frozen: bool) -> SlotNode:
    around = (*loops, *slot.loops)
    return SlotNode(
        path=f"{path}.{slot.name}",
        kind=slot.kind,
        dtype=slot.type.dtype.value,
        shape=(*around, *slot.type.shape),  # type: ignore[arg-type]
        loops=around,
        role=slot.type.role,
        initial=_initial_text(slot.initial),
        place=str(slot.span),
        frozen=frozen or slot.kind != "weight",
    )


def _initial_text(initial: typed.Initial) -> str:
    return f"{initial.name}({', '.join(map(repr, initial.args))})" if initial.args else initial.name


def _instance_json(node: InstanceNode) -> dict[str, object]:
    return {
        "path": node.path,
        "kind": node.kind,
        "definition": node.definition,
        "loops": list(node.loops),
        "frozen": node.frozen,
        "place": node.place,
        "slots": [_slot_json(slot) for slot in node.slots],
        "instances": [_instance_json(child) for child in node.children],
    }


def _slot_json(slot: SlotNode) -> dict[str, object]:
    return {
        "path": slot.path,
        "kind": slot.kind,
        "dtype": slot.dtype,
        "shape": list(slot.shape),
        "loops": list(slot.loops),
        "role": slot.role,
        "initial": slot.initial,
        "frozen": slot.frozen,
        "place": slot.place,
    }
