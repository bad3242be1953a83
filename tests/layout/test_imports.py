"""Who may import what: the boundaries of ARCHITECTURE.md, read from the source and from a real run."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.repository import CODE, ROOT, python_files

# Packages beside the standard library and our own. The longest matching folder decides.
ALLOWED: dict[str, set[str]] = {
    "compiler": set(),
    "compiler/syntax": {"lark"},
    "compiler/ir/xdsl_api.py": {"xdsl"},
    "compiler/plan": {"numpy", "scipy", "opt_einsum", "cotengra"},
    "compiler/specialize": {"numpy", "scipy"},
    "compiler/emit/stablehlo.py": {"jax"},
    "compiler/emit/qasm": {"numpy", "scipy"},
    "compiler/api.py": {"numpy"},
    "grammar": {"lark"},
    "runtime": {"jax", "jaxlib", "numpy", "optax", "safetensors", "scipy", "sklearn"},
    "stdlib": set(),
    "src": set(),
}
BELOW_CHECK = ("hqn.compiler.ir", "hqn.compiler.lower", "hqn.compiler.passes", "hqn.compiler.plan")
FILES = sorted(python_files(*CODE, "src"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def allowed(path: Path) -> set[str]:
    folders = [folder for folder in ALLOWED if name(path) == folder or name(path).startswith(f"{folder}/")]
    return ALLOWED[max(folders, key=len)]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_imports_only_what_its_stage_may(path: Path) -> None:
    roots = {module.split(".")[0] for module in imported(path)}
    assert roots - set(sys.stdlib_module_names) - {"hqn"} - allowed(path) == set()


@pytest.mark.parametrize("path", [p for p in FILES if name(p).startswith("compiler/emit/")], ids=name)
def test_emitters_know_nothing_of_each_other(path: Path) -> None:
    inside = path.relative_to(ROOT / "compiler" / "emit").parts
    emitted = [module.split(".") for module in imported(path) if module.startswith("hqn.compiler.emit.")]
    targets = {words[3] for words in emitted if (ROOT / "compiler" / "emit" / words[3]).is_dir()}
    assert len(inside) == 1 or targets <= {inside[0]}


def test_check_loads_the_front_end_and_nothing_else() -> None:
    loaded = modules_after_check()
    roots = {module.split(".")[0] for module in loaded}
    assert roots - set(sys.stdlib_module_names) - {"hqn", "lark", "__mp_main__"} - preloaded() == set()
    assert not [module for module in loaded if module.startswith(("hqn.runtime", *BELOW_CHECK))]


def modules_after_check() -> list[str]:
    program = (
        "import sys, json, contextlib, io\n"
        "from hqn.compiler.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):\n"
        "    main(['check', 'examples/digits.hqn'])\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    return python(program)


def preloaded() -> set[str]:
    """What this installation's start-up files import into every Python process."""
    program = "import sys, json\nprint(json.dumps(sorted(sys.modules)))"
    return {module.split(".")[0] for module in python(program)}


def python(program: str) -> list[str]:
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, env=environment, check=True
    )
    modules: list[str] = json.loads(done.stdout)
    return modules


def test_the_contracts_between_stages_hold() -> None:
    """import-linter reads them from pyproject.toml."""
    program = "from importlinter.cli import lint_imports_command as lint; lint()"
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
