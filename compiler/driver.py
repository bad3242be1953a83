"""The compiler's order: one function per question, each the stages in a row with an early return.

What came before: a `Source`. What leaves: what was asked for, or None with the reasons in the sink.
Invariant: a stage runs only if the stages before it found no mistake; heavy stages are imported when they
are reached, so that checking stays light.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from hqn.compiler.diagnostics import Diagnostic, Sink
from hqn.compiler.files.errors import NotChosen, UnknownChoice
from hqn.compiler.follow_ups import report_independent
from hqn.compiler.names.load import project_loader
from hqn.compiler.names.resolve import resolve
from hqn.compiler.outcome import CompileRequest, DrawRequest, Emitted, PlanRequest
from hqn.compiler.source import Source
from hqn.compiler.syntax import ast
from hqn.compiler.syntax.parse import parse
from hqn.compiler.types import profiles
from hqn.compiler.types.check import check as check_types
from hqn.compiler.types.check import instantiate
from hqn.compiler.types.instances import InstanceTree
from hqn.compiler.types.scope import Session
from hqn.compiler.types.typed import Program

if TYPE_CHECKING:
    from hqn.compiler.ir.module import Built

Values = Mapping[str, Any]
"""Arrays of a model's slots by path, as a checkpoint holds them."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file without mistakes: its typed program and the tree of its instances."""

    source: Source
    program: Program
    tree: InstanceTree
    session: Session
    """What the checker knows: profiles are asked for of it."""

    def summary(self) -> str:
        return self.tree.summary(self.source.name)

    def tree_text(self) -> str:
        return self.tree.text()

    def tree_data(self) -> dict[str, object]:
        return self.tree.data()


def check(source: Source, sink: Sink, run: str | None = None) -> Checked | None:
    """Everything that can be wrong with a file, found before anything runs.

    `run` may be a variant that the file itself does not ask for: `fit[16]`.
    """
    module = parse(source, sink)
    found = Sink() if sink.has_errors else sink
    resolved = resolve(module, project_loader(os.path.dirname(source.name)), found)
    typed_module = check_types(resolved, found)
    asked = _expression(run, "<run>", sink) if run is not None and "[" in run else None
    program, tree = instantiate(typed_module, found, asked)
    if found is not sink:
        report_independent(found, module, sink)
    return None if sink.has_errors else Checked(source, program, tree, typed_module.session)


def _expression(text: str, name: str, sink: Sink) -> ast.Expr | None:
    """`fit[16]` as an expression; None where it is anything else."""
    items = parse(Source(name, f"assert {text}"), sink).items
    first = items[0] if items else None
    return first.value if isinstance(first, ast.TopAssert) else None


def asked_profile(checked: Checked, model: str, text: str, sink: Sink) -> profiles.Profile | None:
    """A declared profile on a model, by its name with numbers: `lab(7)`; None after a mistake."""
    kind, _ = profiles.declared(checked.session)[profiles.bare(text)]
    for one in profiles.said(checked.program, kind, text):
        if (one.name, one.model) == (text, model):
            return one
    written = _expression(text, "<profile>", sink)
    if written is None:
        return None
    return profiles.ask(checked.session, checked.program, checked.tree, model, written, sink)


def build(
    checked: Checked,
    passes: tuple[str, ...] | None = None,
    after: Callable[[str, Built], None] | None = None,
) -> Built:
    """The IR of a checked file after the passes (None: the default ones)."""
    from hqn.compiler.lower import lower
    from hqn.compiler.passes import DEFAULT, run_passes

    return run_passes(lower(checked.program), DEFAULT if passes is None else passes, after)


def build_as_written(
    checked: Checked,
    passes: tuple[str, ...] | None = None,
    after: Callable[[str, Built], None] | None = None,
) -> Built:
    """The IR for exports that show sub-circuits and gates as they were written."""
    from hqn.compiler.passes import AS_WRITTEN

    return build(checked, AS_WRITTEN if passes is None else passes, after)


def emit(source: Source, request: CompileRequest, sink: Sink, values: Values | None = None) -> Emitted | None:
    """A file as text of one stage or target; `values` are those of a checkpoint."""
    if request.emit == "ast":
        module = parse(source, sink)
        return None if sink.has_errors else Emitted(_tree_of(module))
    checked = check(source, sink)
    if checked is None or not _passes_exist(request, sink):
        return None
    if request.emit == "tree":
        return Emitted(json.dumps(checked.tree_data(), indent=2) + "\n")
    is_structured = request.emit == "qasm3" and not request.is_flat
    built = (build_as_written if is_structured else build)(checked, request.passes, _printer(request))
    if request.emit == "ir":
        return Emitted(built.module.text() + "\n")
    if request.emit == "jax" and not (request.model or request.policy or request.execution):
        return _jax(built, source, sink)
    model = chosen_model(built, request.model, sink)
    asked = None if model is None else _asked(checked, model, sink, request.policy, request.execution)
    if model is None or asked is None:
        return None
    built = under(built, asked)
    if request.emit == "jax":
        return _jax(only(built, model), source, sink)
    if request.emit == "stablehlo":
        return _stablehlo(built, source, model, sink)
    return _qasm(built, request, model, sink, values)


def jax_text(built: Built, name: str, sink: Sink) -> str | None:
    """The emitted JAX module, or None where something has no form there."""
    from hqn.compiler.emit.jax.target import JaxTarget

    target = JaxTarget(name)
    for found in target.unsupported(built):
        sink.report(found)
    return None if sink.has_errors else target.emit(built).text


def qasm_programs(
    built: Built,
    language: str,
    model: str,
    sink: Sink,
    values: Values | None = None,
    args: Values | None = None,
    is_flat: bool = False,
) -> dict[str, Emitted]:
    """The circuits of a model by path; none where one of them has no form in the language."""
    found = qasm_each(built, language, model, values, args, is_flat)
    return _expressible(found, model, sink)


def qasm_each(
    built: Built,
    language: str,
    model: str,
    values: Values | None = None,
    args: Values | None = None,
    is_flat: bool = False,
) -> dict[str, Emitted | Diagnostic]:
    """Every circuit of a model by path: its program, or why it has no form in the language."""
    from hqn.compiler.emit.qasm.target import QasmTarget

    target = QasmTarget(language, model, values, args or {}, is_flat)
    return {
        path: one
        if isinstance(one, Diagnostic)
        else Emitted(one.text, {".manifest.json": json.dumps(one.manifest, indent=2) + "\n"})
        for path, one in target.each(built)
    }


def _expressible(found: Mapping[str, Emitted | Diagnostic], model: str, sink: Sink) -> dict[str, Emitted]:
    """All of them, if there are any and none has no form."""
    from hqn.compiler.emit.qasm.errors import NoCircuit

    if not found:
        sink.report(NoCircuit(model=model))
    for one in found.values():
        if isinstance(one, Diagnostic):
            sink.report(one)
    return {} if sink.has_errors else {path: one for path, one in found.items() if isinstance(one, Emitted)}


def plan(source: Source, request: PlanRequest, sink: Sink) -> str | None:
    """What will be done, and why."""
    checked = check(source, sink)
    if checked is None:
        return None
    if request.policy is not None or request.execution is not None:
        return _tables(checked, request, sink)
    from hqn.compiler.plan.text import contractions_text, execution_text

    built = build(checked)
    views = request.views or ("execution", "contractions")
    texts = {"execution": execution_text, "contractions": contractions_text}
    return "\n\n".join(texts[view](built) for view in views)


def draw(source: Source, request: DrawRequest, sink: Sink) -> str | None:
    """Models and circuits as text or SVG, before any pass: gates stand as they were written."""
    checked = check(source, sink)
    if checked is None:
        return None
    from hqn.compiler.draw.page import drawn_svg, drawn_text

    built = build(checked, ())
    if request.model is not None or request.policy is not None:
        model = chosen_model(built, request.model, sink)
        asked = None if model is None else _asked(checked, model, sink, request.policy)
        if asked is None:
            return None
        built = under(built, asked)
    return (drawn_svg if request.svg else drawn_text)(built, request, sink)


def _tables(checked: Checked, request: PlanRequest, sink: Sink) -> str | None:
    """What a profile says: on every model that the file puts it on, or on the one that is asked for."""
    kind, text = ("policy", request.policy) if request.policy else ("execution profile", request.execution)
    found = profiles.said(checked.program, profiles.KINDS[kind], text or "")
    if not found:
        model = chosen_model(checked.program, request.model, sink)
        asked = None if model is None else _asked(checked, model, sink, request.policy, request.execution)
        found = [] if asked is None else [one for one in (asked.policy, asked.execution) if one is not None]
    return "\n\n".join(one.text() for one in found) or None


def chosen_model(program: Program | Built, name: str | None, sink: Sink) -> str | None:
    """The model that a command is about: the named one, or the only one, or the first."""
    known = tuple(entry.name for entry in program.entries)
    if name is None and known:
        return known[0]
    if name in known:
        return name
    sink.report(UnknownChoice(kind="model", asked=name or "", choices=known))
    return None


def under(built: Built, asked: profiles.Under) -> Built:
    """A model as a policy makes it and an execution profile executes it."""
    if asked == profiles.Under():
        return built
    from hqn.compiler.specialize import execute, specialize

    found = built if asked.policy is None else specialize(built, asked.policy)
    return found if asked.execution is None else execute(found, asked.execution)


def _asked(
    checked: Checked, model: str, sink: Sink, policy: str | None, execution: str | None = None
) -> profiles.Under | None:
    """The profiles that a command names for a model; None after a mistake."""
    found = profiles.Under()
    for kind, text in zip(profiles.KINDS, (policy, execution)):
        if text is None:
            continue
        known = profiles.declared(checked.session)
        choices = {key: shown for key, (one, shown) in known.items() if one is profiles.KINDS[kind]}
        if profiles.bare(text) not in choices:
            sink.report(UnknownChoice(kind=kind, asked=text, choices=tuple(choices.values())))
            continue
        profile = asked_profile(checked, model, text, sink)
        found = found if profile is None else found.also(profile)
    return None if sink.has_errors else found


def _passes_exist(request: CompileRequest, sink: Sink) -> bool:
    from hqn.compiler.passes import PASSES

    known = tuple(one.name for one in PASSES)
    for name in (*(request.passes or ()), *request.print_after):
        if name not in known:
            sink.report(UnknownChoice(kind="pass", asked=name, choices=known))
    return not sink.has_errors


def _printer(request: CompileRequest) -> Callable[[str, Built], None] | None:
    """Shows the IR after the passes that the command names."""
    if not request.print_after:
        return None

    def show(name: str, built: Built) -> None:
        if name in request.print_after:
            request.show(f"// after {name}\n{built.module.text()}")

    return show


def _qasm(
    built: Built, request: CompileRequest, model: str, sink: Sink, values: Values | None
) -> Emitted | None:
    """One circuit as it stands; of several, the one that the command names."""
    found = qasm_each(built, request.emit, model, values, request.bound, request.is_flat)
    names = tuple(found)
    if request.circuit is None and len(names) > 1:
        sink.report(NotChosen(model=model, count=len(names), choices=names))
        return None
    if request.circuit is not None and names and request.circuit not in names:
        sink.report(UnknownChoice(kind="circuit", asked=request.circuit, choices=names))
        return None
    chosen = {path: one for path, one in found.items() if request.circuit in (None, path)}
    return next(iter(_expressible(chosen, model, sink).values()), None)


def _jax(built: Built, source: Source, sink: Sink) -> Emitted | None:
    text = jax_text(built, source.name, sink)
    return None if text is None else Emitted(text)


def only(built: Built, model: str) -> Built:
    """The program with one model, without runs and data."""
    from hqn.compiler.passes import run_passes

    entry = built.entry(model)
    roots = frozenset((entry.evaluation, entry.training))
    return run_passes(replace(built, roots=roots, entries=(entry,), runs=(), data=()), ("eliminate_dead",))


def _stablehlo(built: Built, source: Source, model: str, sink: Sink) -> Emitted | None:
    text = jax_text(built, source.name, sink)
    if text is None:
        return None
    from hqn.compiler.emit.stablehlo import stablehlo_text

    return Emitted(stablehlo_text(text, source.name, model))


def _tree_of(node: Any) -> str:
    """A syntax tree as indented text, spans left out."""
    lines: list[str] = []
    _write_tree(node, "", 0, lines)
    return "\n".join(lines) + "\n"


def _write_tree(value: Any, label: str, depth: int, lines: list[str]) -> None:
    pad = "  " * depth + label
    if isinstance(value, ast.Node):
        lines.append(f"{pad}{type(value).__name__}")
        for name in (found.name for found in fields(value)):
            if name != "span":
                _write_tree(getattr(value, name), f"{name}: ", depth + 1, lines)
    elif isinstance(value, tuple) and value:
        lines.append(pad.rstrip())
        for item in value:
            _write_tree(item, "- ", depth + 1, lines)
    elif value not in (None, (), False):
        lines.append(f"{pad}{value!r}")
