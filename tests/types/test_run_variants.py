"""Variants of runs: how `run b from a` is put together, and what is said where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler import driver
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render
from hqn.compiler.names.load import project_loader
from hqn.compiler.names.resolve import resolve
from hqn.compiler.source import Source
from hqn.compiler.syntax import ast
from hqn.compiler.syntax.parse import parse
from hqn.compiler.types.check import check, instantiate
from hqn.compiler.types.runs.variants import find_run, whole_run
from hqn.compiler.types.scope import Session
from support.goldens import Goldens

ERRORS = Path(__file__).parent / "errors"

LINES = {
    "net": ["let net = a", "let net = b"],
    "t": ["let t = a frozen", "weight t: f32[2] = zeros"],
    "z": ["z = net(x)", "z = 2 * net(x)"],
    "w": ["w = z + 1"],
    "acc": ["track acc = mean(z on test)", "track acc = mean(z on train)"],
    "data": ["data (x, y) in d batch 4", "data (x, y) in e batch all"],
    "minimize": ["minimize z over net by adam(1)", "minimize w over net by sgd(1)"],
    "long": ["epochs 3", "steps 4", "epochs 5"],
    "seed": ["seed 1", "seeds 0..4"],
    "precision": ["precision f64"],
}
"""Statements by what they are about; two with one key cannot stand in one run."""


def text_of(name: str, lines: list[str], origin: str = "") -> str:
    body = "".join(f"\n  {line}" for line in lines)
    return f"run {name}{origin} {{{body}\n}}\n"


@st.composite
def said(draw: st.DrawFn) -> dict[str, str]:
    keys = draw(st.lists(st.sampled_from(sorted(LINES)), unique=True))
    return {key: draw(st.sampled_from(LINES[key])) for key in keys}


@given(said(), said(), st.booleans())
def test_a_run_from_another_is_that_one_with_statements_replaced(
    base: dict[str, str], new: dict[str, str], asserts: bool
) -> None:
    """Replaced in place, the rest kept in its order; assertions stay where they are written."""
    about = [*base.values(), *(["assert acc[last] > 0"] if asserts else [])]
    found = whole(text_of("a", about) + text_of("b", [*new.values()], " from a"), "b")
    expected = whole(text_of("b", [*(base | new).values()]), "b")
    assert sorted(map(repr, found.statements)) == sorted(map(repr, expected.statements))
    kept = [line for key, line in base.items() if key not in new]
    order = [one.span.text for one in found.statements]
    assert [line for line in order if line in kept] == kept
    for key in base.keys() & new.keys():
        if len(new) == 1:
            assert order.index(new[key]) == [*base].index(key)


def whole(text: str, name: str) -> ast.Run:
    sink = Sink()
    session = Session(resolve(parse(Source("t.hqn", text), sink), project_loader("."), sink), sink)
    found = find_run(session, name)
    run = whole_run(session, found) if found else None
    assert run is not None and not sink.has_errors
    return run


def test_what_says_how_long_by_itself_takes_the_place_of_epochs() -> None:
    text = text_of("a", ["minimize z over net by sgd(1)", "epochs 3"])
    short = whole(text + text_of("b", ["minimize z over net by cobyla(40)"], " from a"), "b")
    assert [one.span.text for one in short.statements] == ["minimize z over net by cobyla(40)"]
    said_again = text_of("b", ["minimize z over net by cobyla(40)", "steps 2"], " from a")
    assert len(whole(text + said_again, "b").statements) == 2


@pytest.mark.parametrize("name", sorted(path.stem for path in ERRORS.glob("run_*.hqn")))
def test_what_is_said_about_a_text(name: str, golden: Goldens) -> None:
    path, sink = ERRORS / f"{name}.hqn", Sink()
    resolved = resolve(
        parse(Source(path.name, path.read_text(encoding="utf-8")), sink), project_loader("."), sink
    )
    instantiate(check(resolved, sink), sink)
    golden(path.with_suffix(".err"), "\n\n".join(render(one) for one in sink.all))


def test_a_run_from_a_broken_one_is_silent() -> None:
    """Statements are missing there, and so they would be here."""
    broken = "run a {\n  weight v: f32 = zeros\n  minimize v * v over v by sgd(1)\n  steps 2 2\n}\n"
    sink = Sink()
    text = f"{broken}run b from a {{ seed 1 }}\nrun c from b {{ seed 2 }}\n"
    text += "assert c.e[last] > 0\nassert q.e[0] > 0\n"
    assert driver.check(Source("t.hqn", text), sink) is None
    assert {one.code for one in sink.all} == {"HQN0101"}
