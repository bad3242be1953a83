"""W2, one large state, and what it moves beside a copy.

What came before: `benchmarks/w2.py`. What leaves: `Pair`s whose facts say the bytes of temporaries and, for
the forward circuit, the bytes per second beside those of two copies in the same rounds: one of as many bytes
as the state has, one of 512 MiB. Invariant: hqn's program is compiled within the first call.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks import w2
from benchmarks.circuits.pairs import Facts, Pair, Step

LARGE = 1 << 29


class Compiled:
    """A step that is compiled when it is first called, and then knows what it takes."""

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.function, self.args = function, args
        self.run: Any = None
        self.seconds = 0.0

    def __call__(self) -> Any:
        if self.run is None:
            self.run, self.seconds = w2.compiled(self.function, self.args)
        return self.run(*self.args)

    def facts(self, n: int) -> Facts:
        return {"states": w2.states(self.run, n), "compile_s": self.seconds}


def _numbers(n: int) -> tuple[jax.Array, jax.Array]:
    return w2.numbers(importlib.import_module("hand"), n)


def _copy(size: int) -> Step:
    """Reads `size` bytes and writes them where they were, so that no fresh page is touched."""
    held, copy = [jnp.zeros(size // 4, jnp.float32)], jax.jit(lambda x: x + 1, donate_argnums=0)

    def step() -> jax.Array:
        held[0] = copy(held[0])
        return held[0]

    return step


def forward(n: int) -> Pair:
    ours = Compiled(w2.loss(n, "reverse"), _numbers(n))

    def facts(seconds: dict[str, float]) -> Facts:
        return ours.facts(n) | {
            "moved": w2.moved(n) / seconds["hqn"] / 1e9,
            "copy": 2 * (8 << n) / seconds["copy"] / 1e9,
            "copy_large": 2 * LARGE / seconds["copy_large"] / 1e9,
        }

    copies = {"copy": lambda: _copy(8 << n), "copy_large": lambda: _copy(LARGE)}
    return Pair(ours, lambda: w2.baseline(n)[0], copies, facts)


def gradient(n: int) -> Pair:
    """By the adjoint method; the frozen one is a script of its own."""
    ours = Compiled(jax.value_and_grad(w2.loss(n, "adjoint")), _numbers(n))
    return Pair(ours, facts=lambda _: ours.facts(n))
