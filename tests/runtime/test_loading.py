"""Emitted text runs; anything else is refused before it does anything."""

from __future__ import annotations

import traceback

import jax.numpy as jnp
import pytest

from hqn.runtime.errors import ForbiddenModule, WrongVersion
from hqn.runtime.loading import load
from support.emitted_digits import TEXT

HEAD = """import jax
import jax.numpy as jnp
from hqn.runtime import program as rt

ABI = 1
"""
END = "\nPROGRAM = rt.Program()\n"


def test_an_emitted_module_loads() -> None:
    program = load(TEXT, "mlp.hqn")
    assert [*program.models, *program.data, *program.runs] == ["mlp", "d8", "fit"]
    assert (program.name, program.text) == ("mlp.hqn", TEXT)


@pytest.mark.parametrize("abi", ["", "ABI = 0", "ABI = '1'", "ABI = 2"])
def test_another_version_is_refused(abi: str) -> None:
    with pytest.raises(WrongVersion, match="HQN0805"):
        load(f"from hqn.runtime import program as rt\n{abi}{END}", "m.hqn")


FOREIGN = [
    "import os",
    "import jax.scipy.linalg as la",
    "from os import path",
    "from hqn.runtime import loading",
    "from hqn.runtime import checkpoint as c",
    "from hqn.runtime.checkpoint import read_checkpoint",
    "from . import x",
    "eval('1')",
    "x = ().__class__",
    "x = jax.version.os.system('true')",
    "x = rt.jax.version",
    "x = rt.np",
    "jnp.save('x', jnp.ones(3))",
    "jnp.load('x')",
    "x = jnp.ones(3).tofile('x')",
    "__import__('os')",
    "def f(p): global x",
    "class A: pass",
    "while True: pass",
    "try: pass\nexcept: pass",
    "x = f'{1}'",
    "async def f(p): pass",
    "del jax",
    "jnp = jax",
    "def f(jnp): return jnp.T",
    "x = [y := 1]",
    "lambda: (yield)",
    "assert 0",
    "raise ValueError",
    "not python (",
    "x = '\0'",
]


@pytest.mark.parametrize("text", FOREIGN)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises((ForbiddenModule, NameError)) as caught:
        load(f"{HEAD}{text}{END}", "m.hqn")
    if isinstance(caught.value, NameError):
        assert text == "eval('1')", "no such name among the builtins"
    else:
        assert caught.value.code == "HQN0806"


def test_a_module_without_a_program_is_refused() -> None:
    with pytest.raises(ForbiddenModule, match="PROGRAM"):
        load(HEAD, "m.hqn")


def test_tracebacks_show_the_lines_of_the_file() -> None:
    text = HEAD + "\n\ndef f(p, x):\n    return x @ jnp.ones((3, 3))  # m.hqn:12\n" + END
    text = text.replace(
        "rt.Program()", 'rt.Program((rt.Model("m", f, (rt.Array("x", (2,)),), rt.Array("", (3,)), ()),))'
    )
    model = load(text, "m.hqn").models["m"]
    try:
        model.apply(model.init(0), jnp.ones(2))
    except TypeError:
        assert "m.hqn:12" in traceback.format_exc()
    else:
        pytest.fail("a matrix product of sizes 2 and 3")
