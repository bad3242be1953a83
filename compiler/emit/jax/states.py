"""What the turns of a function's loops set, on its way to one dictionary of next states.

What came before: values set for a state, or states returned by an instance, in a turn of each creating
loop. What leaves: per loop the dictionary that a turn gives, per function the one that it returns, shaped
as slots are stored. Invariant: what a loop sets is stacked along the axis that the loop has in the slot.
"""

from __future__ import annotations

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import SSAValue

Path = tuple["int | SSAValue", ...]


class States:
    """States set so far: by name and, outermost first, the turns that they are of."""

    def __init__(self) -> None:
        self._set: dict[tuple[str, Path], str] = {}

    def __bool__(self) -> bool:
        return bool(self._set)

    def copy(self) -> States:
        other = States()
        other._set = dict(self._set)
        return other

    def put(self, name: str, turns: tuple[Turn, ...], text: str) -> None:
        path = tuple(turn.offset if turn.index is None else turn.index for turn in turns)
        self._set[name, path] = text

    @property
    def names(self) -> tuple[str, ...]:
        """The slots and instances of which states are set."""
        return tuple(dict.fromkeys(name for name, _ in self._set))

    def leave(self, loop_index: SSAValue) -> tuple[str, list[tuple[str, Path]]]:
        """The dictionary that a turn of the loop gives; what is left is as set outside of it, see `enter`."""
        groups: dict[tuple[str, Path], dict[Path, str]] = {}
        for (name, path), text in self._set.items():
            if loop_index not in path:
                raise InternalError("emit", f"state `{name}` is set in a loop that does not create it")
            place = path.index(loop_index)
            groups.setdefault((name, path[:place]), {})[path[place + 1 :]] = text
        shown = [f'"{_key(*group)}": {_assembled(found)}' for group, found in groups.items()]
        return f"{{{', '.join(shown)}}}", list(groups)

    def enter(self, stacked: str, groups: list[tuple[str, Path]]) -> None:
        """Set what a loop gave, stacked in the variable `stacked`."""
        for group in groups:
            self._set[group] = f'{stacked}["{_key(*group)}"]'

    def dictionary(self) -> str:
        """All states of the function."""
        groups: dict[str, dict[Path, str]] = {}
        for (name, path), text in self._set.items():
            groups.setdefault(name, {})[path] = text
        shown = [f'"{name}": {_assembled(found)}' for name, found in groups.items()]
        return f"{{{', '.join(shown)}}}"


def _key(name: str, path: Path) -> str:
    return ".".join([name, *(str(turn) for turn in path if isinstance(turn, int))])


def _assembled(found: dict[Path, str]) -> str:
    """States of written-out turns, stacked."""
    if () in found:
        return found[()]
    rows: dict[int | SSAValue, dict[Path, str]] = {}
    for path, text in found.items():
        rows.setdefault(path[0], {})[path[1:]] = text
    if set(rows) != set(range(len(rows))):
        raise InternalError("emit", "a state is set in some turns of its loop only")
    return f"nn.stack_turns([{', '.join(_assembled(rows[turn]) for turn in range(len(rows)))}])"
