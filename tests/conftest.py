"""What every test sees: golden files, a cache of compiled XLA programs, steady Hypothesis settings."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest
from hypothesis.database import DirectoryBasedExampleDatabase

from support import goldens
from support.goldens import Goldens
from support.repository import ROOT, environment, has_driver

# Set before anything imports jax; tests that need another platform or precision say so themselves.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(ROOT / "build" / "jax-cache"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")

# `make test` says the same every time; `make test-slow` looks for what nobody has seen yet.
_database = DirectoryBasedExampleDatabase(ROOT / "build" / "hypothesis")
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.register_profile(
    "explore", deadline=None, max_examples=600, database=_database, print_blob=True
)
hypothesis.settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write golden files instead of comparing")


@pytest.fixture(scope="session")
def update_goldens(pytestconfig: pytest.Config) -> bool:
    """Whether golden files are being written anew."""
    return bool(pytestconfig.getoption("--update-goldens"))


@pytest.fixture(scope="session")
def golden(pytestconfig: pytest.Config) -> Goldens:
    """`golden(path, text)` compares a text with a golden file, or writes it under --update-goldens."""
    return Goldens(pytestconfig)


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which commands of documents and pages run."""
    return environment(tmp_path_factory.mktemp("commands"))


@pytest.fixture
def needs_driver() -> None:
    """For tests of the whole pipeline; without it there is nothing to test."""
    if not has_driver():
        pytest.skip("hqn.compiler.driver does not exist yet")


def pytest_testnodedown(node: object) -> None:
    """A worker of xdist has ended: what it compared counts here too."""
    output = getattr(node, "workeroutput", {})
    goldens.compared(node.config).update(output.get("goldens", ()))  # type: ignore[attr-defined]


pytest_testnodedown.pytest_impl = {"optionalhook": True}  # type: ignore[attr-defined]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Orphans fail a run that passed and was complete."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["goldens"] = sorted(goldens.compared(config))
        return
    if exitstatus != 0 or not goldens.is_complete(config):
        return
    for orphan in sorted(set(goldens.existing()) - goldens.compared(config)):
        _report_orphan(session, Path(orphan))


def _report_orphan(session: pytest.Session, orphan: Path) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.ensure_newline()
        reporter.write_line(f"orphan: no test compares {orphan}; delete it or test it", red=True)
    if has_driver():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
