"""What `hqn draw` shows: models and circuits of a file, one below the other.

What came before: `Built` without passes, so that gates stand as they were written. What leaves: text for a
terminal or one SVG page. Invariant: a circuit that is called in several places at one size is drawn once,
with all of its places; order is that of the models, callers before callees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from math import prod

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.draw.circuit import picture
from hqn.compiler.draw.picture import Picture
from hqn.compiler.draw.svg import picture_svg
from hqn.compiler.draw.svg_parts import page
from hqn.compiler.draw.text import picture_text
from hqn.compiler.files.errors import UnknownChoice
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Built, Module, calls
from hqn.compiler.outcome import DrawRequest

_MOST_PLACES = 3


def drawn_text(built: Built, request: DrawRequest, sink: Sink) -> str | None:
    """Everything that is asked for, within the width of the terminal."""
    pictures = _pictures(built, request, sink)
    if pictures is None:
        return None
    return "\n\n\n".join(picture_text(one, request.width) for one in pictures) or "No circuits."


def drawn_svg(built: Built, request: DrawRequest, sink: Sink) -> str | None:
    pictures = _pictures(built, request, sink)
    if pictures is None:
        return None
    return page([picture_svg(one) for one in pictures], request.title)


def _pictures(built: Built, request: DrawRequest, sink: Sink) -> list[Picture] | None:
    found = circuits(built, request.model)
    if request.circuit is not None:
        meant = [name for name, places in found.items() if _is_meant(built, name, places, request.circuit)]
        found = {name: found[name] for name in meant}
        if not found:
            known = chain.from_iterable(circuits(built, request.model).values())
            sink.report(UnknownChoice(kind="circuit", asked=request.circuit, choices=tuple(known)))
            return None
    return [_with_places(picture(built.module, built.module[name]), places) for name, places in found.items()]


def _is_meant(built: Built, name: str, places: list[str], asked: str) -> bool:
    """A circuit is named by its definition, its function, or a path, with or without turns."""
    plain = re.sub(r"\[[^\]]*\]", "", asked)
    known = {name, built.module[name].definition, *(re.sub(r"\[[^\]]*\]", "", place) for place in places)}
    return plain in known


def _with_places(one: Picture, places: list[str]) -> Picture:
    shown = ", ".join(map(visible, places[:_MOST_PLACES])) + (", …" if len(places) > _MOST_PLACES else "")
    return replace(one, facts=(*one.facts[:-1], shown, one.facts[-1])) if places else one


def circuits(built: Built, model: str | None) -> dict[str, list[str]]:
    """Functions of circuits with the paths under which they are called, callers first."""
    entries = [entry for entry in built.entries if model in (None, entry.name)]
    roots = [(entry.evaluation, entry.name) for entry in entries]
    if model is None:
        named = {name for entry in built.entries for name in (entry.evaluation, entry.training)}
        roots += [(name, "") for name in built.module.functions if name in built.roots - named]
    found: dict[str, list[str]] = {}
    for root, path in roots:
        for name, place in _called(built.module, root, path):
            places = found.setdefault(name, [])
            if place and place not in places:
                places.append(place)
    return found


def _called(module: Module, name: str, path: str) -> Iterator[tuple[str, str]]:
    func = module[name]
    if func.kind == "circuit":
        yield name, path
    seen: set[tuple[str, str]] = set()
    for call in calls(func):
        if (call.callee, call.instance) not in seen:
            seen.add((call.callee, call.instance))
            inner = f"{path}.{_instance(func, call.instance)}" if path else ""
            yield from _called(module, call.callee, inner)


def _instance(func: FuncOp, name: str) -> str:
    """`vqc[0..4]`: an instance with the turns that create it."""
    child = func.child(name)
    return f"{name}[0..{prod(child.loops)}]" if child is not None and child.loops else name
