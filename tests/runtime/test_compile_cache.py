"""Compiled programs are kept in a folder of the user's own, and JAX's settings stay the user's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from hqn.runtime import compile_cache
from hqn.runtime.compile_cache import kept_programs

NAMES = ("jax_compilation_cache_dir", *compile_cache._SETTINGS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An hqn that may keep programs, in a process whose user has chosen nothing."""
    chosen = jax.config.jax_compilation_cache_dir
    monkeypatch.setenv(compile_cache.VARIABLE, str(tmp_path / "kept"))
    compile_cache._set({"jax_compilation_cache_dir": None})
    yield tmp_path / "kept"
    compile_cache._set({"jax_compilation_cache_dir": chosen})


def settings() -> list[object]:
    return [getattr(jax.config, name) for name in NAMES]


def test_programs_are_kept_and_settings_restored(folder: Path) -> None:
    before = settings()
    with kept_programs() as said:
        jax.block_until_ready(jax.jit(lambda x: jnp.sin(x) * 1234.5)(jnp.ones(3)))
    assert said is None and any(folder.iterdir())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert settings() == before


def test_settings_are_restored_after_a_failure(folder: Path) -> None:
    before = settings()
    with pytest.raises(ZeroDivisionError), kept_programs():
        raise ZeroDivisionError
    assert settings() == before


def test_a_cache_that_someone_chose_is_left_alone(folder: Path, tmp_path: Path) -> None:
    compile_cache._set({"jax_compilation_cache_dir": str(tmp_path / "chosen")})
    with kept_programs() as said:
        assert said is None and jax.config.jax_compilation_cache_dir == str(tmp_path / "chosen")
    assert not folder.exists()


def test_no_cache_is_wanted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(compile_cache.VARIABLE, "")
    with kept_programs() as said:
        assert said is None and jax.config.jax_compilation_cache_dir is None
    assert not folder.exists()


def test_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(compile_cache.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compile_cache.cache_folder() == tmp_path / "hqn"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert compile_cache.cache_folder() == tmp_path / "home" / ".cache" / "hqn"


def _others_may_write(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    folder.chmod(0o770)


def _a_link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


def _a_file(folder: Path) -> None:
    folder.write_text("")


@pytest.mark.parametrize("make", [_others_may_write, _a_link, _a_file])
def test_a_folder_that_is_not_the_users_alone_is_not_used(folder: Path, make: object) -> None:
    make(folder)  # type: ignore[operator]
    with kept_programs() as said:
        assert said is not None and str(folder) in said
        assert jax.config.jax_compilation_cache_dir is None


def test_a_folder_of_somebody_else_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
    assert compile_cache.unsafe(folder) == "it belongs to somebody else"
