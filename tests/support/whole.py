"""The whole pipeline in a few calls: from text to arrays, in f64 where a program has weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from hqn.compiler import driver
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all
from hqn.compiler.source import Source
from hqn.runtime import loading
from hqn.runtime.program import Model, Program

Numbers = NDArray[Any]


def checked(text: str) -> driver.Checked:
    """A text that must be right."""
    sink = Sink()
    found = driver.check(Source("whole.hqn", text), sink)
    assert found is not None, f"{text}\n{render_all(sink, color=False)}"
    return found


def module(text: str, passes: tuple[str, ...] | None = None) -> str:
    """The emitted JAX module."""
    sink = Sink()
    built = driver.build(checked(text), passes=passes)
    built.module.verify()
    emitted = driver.jax_text(built, "whole.hqn", sink)
    assert emitted is not None, f"{text}\n{render_all(sink, color=False)}"
    return emitted


def program(text: str, passes: tuple[str, ...] | None = None) -> Program:
    return loading.load(module(text, passes), "whole.hqn")


def model(text: str, name: str = "net", passes: tuple[str, ...] | None = None) -> Model:
    return program(text, passes).models[name]


def apply(found: Model, inputs: Sequence[Numbers], seed: int = 0) -> Numbers:
    """The model's value at its initial weights, in f64."""
    with jax.enable_x64(True):
        return np.asarray(found.apply(found.init(seed, "f64"), *inputs))
