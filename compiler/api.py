"""The compiler and the run time together: what Python scripts and `hqn run` use.

What came before: a path, a text or a `Source`. What leaves: the run time's `Program`, or the outcome of
its runs. Invariant: this is the only module of the compiler that knows the run time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from hqn.compiler import driver, memory
from hqn.compiler.diagnostics import Diagnostic, Sink
from hqn.compiler.diagnostics.render import render_all
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.emit.qasm.errors import NoCircuit
from hqn.compiler.files import read_source
from hqn.compiler.files.errors import UnknownChoice
from hqn.compiler.ir.module import Built
from hqn.compiler.outcome import Outcome, RunRequest
from hqn.compiler.passes.apply_policy import find_policy
from hqn.compiler.source import Source
from hqn.compiler.types import profiles
from hqn.compiler.types.policies.specs import Policy
from hqn.runtime import loading
from hqn.runtime.checkpoint import read_header, restore_model
from hqn.runtime.compile_cache import kept_programs
from hqn.runtime.errors import Interrupted, NotFinite, UnknownEntry
from hqn.runtime.program import Model, Program
from hqn.runtime.report import (
    assert_lines,
    final_lines,
    folder_of,
    progress_line,
    refuse_existing_run,
    save_run,
)
from hqn.runtime.results import Result
from hqn.runtime.training import enforce, train
from hqn.runtime.variables import Variables, leaves

QASM = {"3": "qasm3", "2.0": "qasm2"}


class CompileError(Exception):
    """A file with mistakes; `diagnostics` are all of them, the text is what `hqn check` prints."""

    def __init__(self, sink: Sink) -> None:
        self.diagnostics: list[Diagnostic] = sink.all
        super().__init__(render_all(sink, color=False))


@dataclass(frozen=True)
class _Compiled:
    """A file for the run time, and its IR for the exports: for the run time, and as it was written."""

    program: Program
    checked: driver.Checked
    built: Built

    @cached_property
    def written(self) -> Built:
        return driver.build_as_written(self.checked)


def load(path: str | os.PathLike[str]) -> Program:
    """The program of a `.hqn` file. Raises CompileError."""
    sink = Sink()
    source = read_source(os.fspath(path), sink)
    return _program(source, sink)


def compile(text: str, name: str = "<text>") -> Program:
    """The program of a text. Raises CompileError."""
    return _program(Source(name, text), Sink())


def restore(path: str | os.PathLike[str], model: Model) -> Variables:
    """The variables of `model` in a checkpoint of it or of a run that trained it.

    Raises NotACheckpoint, ForeignCheckpoint, WrongSlotShape.
    """
    return restore_model(_checkpoint_file(os.fspath(path)), model)


def checkpoint_values(source: Source, model: str | None, path: str, sink: Sink) -> Mapping[str, Any] | None:
    """The slots of a model of a file, by path, from a checkpoint."""
    compiled = _compiled(source, sink)
    name = None if compiled is None else driver.chosen_model(compiled.built, model, sink)
    if compiled is None or name is None:
        return None
    found = compiled.program.models[name]
    return _arrays(restore_model(_checkpoint_file(path), found))


def policy_of(path: str) -> str | None:
    """The policy that the first model of a checkpoint was trained under, if it was. Raises NotACheckpoint."""
    header, _ = read_header(_checkpoint_file(path))
    policies, first = header.get("policies"), next(iter(header["models"]), "")
    return str(policies[first]) if isinstance(policies, dict) and first in policies else None


def perform_runs(source: Source, request: RunRequest, sink: Sink) -> Outcome:
    """Perform a file's runs in order, save what they leave, and hold what they assert.

    What is compiled is kept for the next process (`runtime/compile_cache.py`).
    """
    with kept_programs() as said:
        if said:
            request.show(said)
        return _perform_runs(source, request, sink)


def _perform_runs(source: Source, request: RunRequest, sink: Sink) -> Outcome:
    compiled = _compiled(source, sink, request.name)
    if compiled is None:
        return Outcome()
    names = _chosen_runs(compiled.program, request.name, sink)
    if not names and not sink.has_errors:
        return Outcome(
            f"{visible(source.name)}: no runs to perform; `run NAME {{ … }}` says what to train", {}
        )
    folders = {name: os.path.join(request.out, folder_of(name)) for name in names}
    for folder in folders.values():
        refuse_existing_run(folder, force=request.force)
    results: dict[str, Result] = {}
    lines: list[str] = []
    for name, folder in folders.items():
        results[name] = _perform(compiled, name, folder, request, results)
        lines += [f"{name}: {line}" for line in [*final_lines(results[name]), f"saved in {folder}"]]
    held = _held(compiled.program, results, request)
    lines += [line for result in held for line in assert_lines(result)]
    done = (*results.values(), *held)
    if any(not check.holds for result in done for check in result.checks):
        for line in lines:
            request.show(line)
    for result in done:
        enforce(result)
    return Outcome("\n".join(lines), {result.run.name: _data(result) for result in done})


def check_gradients(source: Source, request: RunRequest, methods: tuple[str, str], sink: Sink) -> Outcome:
    """Compare the gradients of runs before their first step by two methods. Raises GradientDiffers."""
    compiled = _compiled(source, sink, request.name)
    if compiled is None:
        return Outcome()
    runs = compiled.program.runs
    chosen = _asked_runs(compiled.program, request.name, sink)
    if request.name is None:
        chosen = [name for name in chosen if runs[name].spec.minimize]
    found = [runs[name].check_gradient(*methods, seed=request.seed) for name in chosen]
    text = "\n\n".join(one.text() for one in found)
    if not all(one.agrees for one in found):
        request.show(text)
    for one in found:
        one.enforce()
    if not found and not sink.has_errors:
        text = f"{visible(source.name)}: no run has a `minimize`"
    return Outcome(text, {one.run: one.data() for one in found})


def _held(program: Program, results: Mapping[str, Result], request: RunRequest) -> list[Result]:
    """The assertions outside of runs, those about runs that were performed."""
    asked = [one.spec for one in program.asserts if all(needed in results for needed in one.spec.after)]
    return [train(program, spec, precision=request.precision, results=results) for spec in asked]


def _perform(
    compiled: _Compiled, name: str, folder: str, request: RunRequest, results: Mapping[str, Result]
) -> Result:
    """One run, saved whatever stops it."""
    spec = compiled.program.runs[name].spec
    try:
        result = train(
            compiled.program,
            spec,
            seeds=None if request.seed is None else (request.seed,),
            precision=request.precision,
            results=results,
            show=lambda progress: request.show(progress_line(progress)),
        )
    except (Interrupted, NotFinite) as stopped:
        if stopped.result is not None:
            _save(compiled, stopped.result, folder, request.force)
        raise
    _save(compiled, result, folder, request.force)
    return result


def _save(compiled: _Compiled, result: Result, folder: str, force: bool) -> None:
    unsaid: dict[str, str] = {}
    beside = dict(_circuit_files(compiled, result, unsaid)) | dict(_policy_files(compiled, result))
    save_run(result, folder, force=force, beside=beside, unsaid=unsaid)


def _circuit_files(
    compiled: _Compiled, result: Result, unsaid: dict[str, str]
) -> Iterator[tuple[str, bytes]]:
    """The trained circuits of every model of a run as OpenQASM 3, each with its manifest.

    `unsaid` is told why a circuit has no such form: that must not cost a run its results.
    """
    for let in result.run.lets:
        if let.model is None:
            continue
        _, variables = result.model(let.name)
        policy = find_policy(compiled.built, let.policy, let.model) if let.policy else None
        built = driver.under(compiled.written, profiles.Under(policy))
        for path, emitted in driver.qasm_each(built, "qasm3", let.model, _arrays(variables)).items():
            name = f"{let.name}{path.removeprefix(let.model)}"
            if isinstance(emitted, Diagnostic):
                unsaid[name] = emitted.message
                continue
            stem = name.replace("[", ".").replace("]", "")
            yield f"{stem}.qasm", emitted.text.encode()
            yield from ((f"{stem}{suffix}", text.encode()) for suffix, text in emitted.beside.items())


def _policy_files(compiled: _Compiled, result: Result) -> Iterator[tuple[str, bytes]]:
    """What the policy of every quantized instance did, tensor by tensor."""
    for let in result.run.lets:
        policy = find_policy(compiled.built, let.policy, let.model) if let.policy else None
        if policy is not None:
            yield f"{let.name}.policy.json", (json.dumps(policy.data(), indent=2) + "\n").encode()


def _programs(
    built: Built,
    language: str,
    model: str,
    values: Mapping[str, Any] | None,
    args: Mapping[str, Any],
    is_flat: bool = False,
) -> dict[str, Any]:
    """Emitted circuits by path, none where the model has none. Raises CompileError."""
    sink = Sink()
    programs = driver.qasm_programs(built, language, model, sink, values, args, is_flat)
    if any(not isinstance(found, NoCircuit) for found in sink.all):
        raise CompileError(sink)
    return programs


def _program(source: Source | None, sink: Sink) -> Program:
    compiled = None if source is None else _compiled(source, sink)
    if compiled is None:
        raise CompileError(sink)
    return compiled.program


def _compiled(source: Source, sink: Sink, run: str | None = None) -> _Compiled | None:
    checked = driver.check(source, sink, run)
    if checked is None:
        return None
    built = driver.build(checked)
    text = driver.jax_text(built, source.name, sink)
    if text is None:
        return None
    program = loading.load(text, source.name)
    program.memory = _memory()
    compiled = _Compiled(program, checked, built)
    for name, model in program.models.items():
        exporter, placer = _exporter(compiled, name), _placer(compiled, name)
        program.models[name] = replace(model, exporter=exporter, placer=placer, memory=program.memory)
    return compiled


def _memory() -> int:
    """What may be taken here: never more than the machine has."""
    return min(memory.limit(), memory.machine())


def _exporter(compiled: _Compiled, model: str) -> Any:
    """What `Model.qasm` calls: the compiler, which the run time does not know."""

    def export(
        variables: Variables | None,
        version: str,
        inputs: Mapping[str, Any],
        policy: Policy | str | None = None,
        is_flat: bool = False,
    ) -> dict[str, str]:
        is_flat = is_flat or version != "3"
        if isinstance(policy, str):  # the run time knows the policy of a `let` by its name
            policy = find_policy(compiled.built, policy, model)
        values = None if variables is None else _arrays(variables)
        built = driver.under(compiled.built if is_flat else compiled.written, profiles.Under(policy))
        found = _programs(built, QASM[version], model, values, inputs, is_flat)
        return {path: emitted.text for path, emitted in found.items()}

    return export


def _placer(compiled: _Compiled, model: str, before: profiles.Under | None = None) -> Any:
    """What `Model.under` calls; `before` is what the model is under already."""

    def placed(names: tuple[str, ...]) -> Model:
        chosen = _asked(compiled.checked, model, names, before or profiles.Under())
        built = driver.under(compiled.built, chosen)
        sink, name = Sink(), compiled.program.name
        text = driver.jax_text(driver.only(built, model), name, sink)
        if text is None:
            raise CompileError(sink)
        exporter = partial(_exporter(compiled, model), policy=chosen.policy)
        found = loading.load(text, name).models[model]
        placer = _placer(compiled, model, chosen)
        return replace(found, exporter=exporter, placer=placer, memory=compiled.program.memory)

    return placed


def _asked(
    checked: driver.Checked, model: str, names: tuple[str, ...], under: profiles.Under
) -> profiles.Under:
    """A policy and an execution profile of a model by their names. Raises UnknownEntry, CompileError."""
    declared, kinds = profiles.declared(checked.session), set[type]()
    for name in names:
        kind, _ = declared.get(profiles.bare(name), (None, ""))
        if kind is None or kind in kinds:
            known = ", ".join(f"`{shown}`" for _, shown in declared.values()) or "none"
            raise UnknownEntry(kind="further profile of the model", name=name, known=known)
        kinds.add(kind)
        sink = Sink()
        found = driver.asked_profile(checked, model, name, sink)
        if found is None:
            raise CompileError(sink)
        under = under.also(found)
    return under


def _arrays(variables: Variables) -> dict[str, np.ndarray]:
    return {path: np.asarray(value) for path, value in leaves(variables.merged())}


def _asked_runs(program: Program, name: str | None, sink: Sink) -> list[str]:
    """The named run (all of its variants, without brackets), or all."""
    asked = name and name.replace(" ", "")
    known = {run: (None, run.replace(" ", ""), run.partition("[")[0]) for run in program.runs}
    chosen = [run for run, words in known.items() if asked in words]
    if name is not None and not chosen:
        sink.report(UnknownChoice(kind="run", asked=name, choices=tuple(program.runs)))
    return chosen


def _chosen_runs(program: Program, name: str | None, sink: Sink) -> list[str]:
    """The runs to perform: those asked for and those before them, each after those it starts from."""
    order: list[str] = []

    def visit(run: str) -> None:
        for earlier in program.runs[run].spec.after:
            visit(earlier)
        if run not in order:
            order.append(run)

    for run in _asked_runs(program, name, sink):
        visit(run)
    return order


def _checkpoint_file(path: str) -> str:
    """A checkpoint, or the one in a run's folder."""
    inside = os.path.join(path, "checkpoint.safetensors")
    return inside if os.path.isdir(path) else path


def _data(result: Result) -> dict[str, Any]:
    """A result for programs."""
    return {
        "parameters": result.parameters,
        "step_seconds": result.step_seconds,
        "finished": result.finished,
        "seeds": [{"seed": one.seed, "series": dict(one.series)} for one in result.seeds],
        "asserts": [
            {"text": one.assertion.text, "holds": one.holds, "values": one.values} for one in result.checks
        ],
    }
