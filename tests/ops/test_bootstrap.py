"""What `make` does before anything else: the environment, with Python's own library alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config import bootstrap
from config.layout import BASE_DIR


def script(folder: Path, name: str, *lines: str) -> None:
    """A program of the test's own."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("\n".join(("#!/bin/bash", *lines, "")), encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)


def test_a_step_is_done_once_for_each_mark(steps: None) -> None:
    assert bootstrap.due("try", "a")
    with bootstrap.step("try", "a"):
        pass
    assert not bootstrap.due("try", "a")
    assert bootstrap.due("try", "b")


def test_a_step_that_was_interrupted_is_done_again(steps: None) -> None:
    with bootstrap.step("try", "a"):
        pass
    with pytest.raises(KeyboardInterrupt), bootstrap.step("try", "a"):
        raise KeyboardInterrupt
    assert bootstrap.due("try", "a")


def test_a_failed_step_ends_the_start_and_names_the_command() -> None:
    with pytest.raises(SystemExit, match="false --try"):
        bootstrap.run("false", "--try")


@pytest.mark.parametrize(("version", "used"), [("v18.0.0", True), ("v16.20.2", False), ("strange", False)])
def test_the_node_of_the_machine_is_used_when_it_is_recent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, used: bool
) -> None:
    script(tmp_path / "bin", "node", f"echo {version}")
    script(tmp_path / "bin", "npm")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    assert (bootstrap.npm() == ["npm"]) is used


def test_without_a_node_the_one_from_the_lock_file_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    answer = subprocess.run(
        [*bootstrap.npm(), "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(answer.stdout.split(".")[0]) >= 9


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    with pytest.raises(SystemExit, match=r"Python 3\.11 or later"):
        bootstrap.main([])


@pytest.mark.parametrize("target", ["run", "test", "test-slow", "check", "bench", "shell"])
def test_every_target_prepares_its_own_environment(target: str) -> None:
    # These tests run under `make test` themselves, whose flags are not this call's.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    said = subprocess.run(
        ["make", "-n", target], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=True
    ).stdout
    assert said.split()[1] == "config/bootstrap.py"


@pytest.fixture
def ci(tmp_path: Path) -> dict[str, str]:
    """An environment in which `make` and the like only note that they were called; `make FAIL` fails."""
    for name in ("make", "apt-get"):
        script(tmp_path / "bin", name, f'echo "{name} $*" >> "{tmp_path}/called"', '[ "$*" != "$FAIL" ]')
    script(tmp_path / "bin", "chromium")
    script(tmp_path / "bin", "fc-list", "echo 'Noto Sans CJK SC'", "seq 200000")
    return {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "FAIL": "nothing"}


def called(tmp_path: Path, ci: dict[str, str]) -> tuple[int, list[str]]:
    code = subprocess.run([BASE_DIR / ".ci" / "run"], env=ci, check=False, timeout=60).returncode
    return code, (tmp_path / "called").read_text(encoding="utf-8").splitlines()


def test_ci_runs_the_three_commands_and_installs_nothing_that_is_there(
    tmp_path: Path, ci: dict[str, str]
) -> None:
    assert called(tmp_path, ci) == (0, ["make check", "make test", "make test-slow"])


def test_ci_stops_at_the_first_failure(tmp_path: Path, ci: dict[str, str]) -> None:
    code, commands = called(tmp_path, {**ci, "FAIL": "test"})
    assert code != 0
    assert commands == ["make check", "make test"]


def test_ci_installs_fonts_when_there_are_none(tmp_path: Path, ci: dict[str, str]) -> None:
    script(tmp_path / "bin", "fc-list", "exit 1")
    code, commands = called(tmp_path, ci)
    assert code == 0
    assert commands[0] == "apt-get update -q"
    assert "fonts-noto-cjk" in commands[1]
