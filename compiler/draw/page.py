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
from hqn.compiler.draw.flow import Flow
from hqn.compiler.draw.flow_svg import flow_svg
from hqn.compiler.draw.flow_text import flow_text
from hqn.compiler.draw.picture import Picture
from hqn.compiler.draw.read_flow import read_flow
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
    found = _found(built, request, sink)
    if found is None:
        return None
    texts = [flow_text(one) if isinstance(one, Flow) else picture_text(one, request.width) for one in found]
    return "\n\n\n".join(texts) or "No models and no circuits."


def drawn_svg(built: Built, request: DrawRequest, sink: Sink) -> str | None:
    """The same as one page of SVG."""
    found = _found(built, request, sink)
    if found is None:
        return None
    drawings = [flow_svg(one) if isinstance(one, Flow) else picture_svg(one) for one in found]
    return page(drawings, request.title)


def _found(built: Built, request: DrawRequest, sink: Sink) -> list[Flow | Picture] | None:
    """A named circuit, or a named model, or all models and all circuits."""
    if request.circuit is not None:
        return _named(built, request.model, request.circuit, sink)
    entries = [entry for entry in built.entries if request.model in (None, entry.name)]
    flows: list[Flow | Picture] = [read_flow(built.module, built.module[one.evaluation]) for one in entries]
    return flows if request.model is not None else flows + _pictures(built, circuits(built, None))


def _named(built: Built, model: str | None, asked: str, sink: Sink) -> list[Flow | Picture] | None:
    known = circuits(built, model)
    meant = {name: places for name, places in known.items() if _is_meant(built, name, places, asked)}
    if not meant:
        choices = tuple(chain.from_iterable(known.values()))
        sink.report(UnknownChoice(kind="circuit", asked=asked, choices=choices))
        return None
    return _pictures(built, meant)


def _pictures(built: Built, found: dict[str, list[str]]) -> list[Flow | Picture]:
    module = built.module
    return [_with_places(picture(module, module[name]), places) for name, places in found.items()]


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
