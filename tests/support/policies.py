"""Texts with policies, checked and compiled: what the tests of policies share."""

from __future__ import annotations

from typing import Any

from hqn.compiler import driver
from hqn.compiler.diagnostics import Sink
from hqn.compiler.driver import jax_text
from hqn.compiler.ir.module import Built
from hqn.compiler.names.load import project_loader
from hqn.compiler.names.resolve import resolve
from hqn.compiler.source import Source
from hqn.compiler.syntax.parse import parse
from hqn.compiler.types.check import check, instantiate
from hqn.compiler.types.instances import InstanceTree
from hqn.compiler.types.policies.specs import Policy
from hqn.compiler.types.typed import Program


def checked_text(text: str, name: str = "test.hqn") -> tuple[tuple[Program, InstanceTree], Sink]:
    """The typed program of a text, and what is said about it."""
    sink = Sink()
    tree = parse(Source(name, text), sink)
    assert not sink.has_errors
    return instantiate(check(resolve(tree, project_loader("."), sink), sink), sink), sink


def policies(text: str) -> tuple[Policy, ...]:
    """The resolved policies of a text without mistakes."""
    (program, _), sink = checked_text(text)
    assert [one.message for one in sink.all] == []
    return program.policies  # type: ignore[return-value]


def built(text: str) -> Built:
    """A text without mistakes behind the default passes."""
    sink = Sink()
    checked = driver.check(Source("test.hqn", text), sink)
    assert checked is not None, [one.message for one in sink.all]
    return driver.build(checked)


def loaded(text: str) -> Any:
    """A text without mistakes as a program of the run time."""
    from hqn.runtime.loading import load

    emitted = jax_text(built(text), "test.hqn", Sink())
    assert emitted is not None
    return load(emitted, "test.hqn")
