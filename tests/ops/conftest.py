"""Folders, servers and processes of a test's own: nothing here touches the servers of the other tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import servers
from config.layout import APP, BASE_DIR, OWNER, Layout, layout
from tests.ops.program import clean_environment

START = """
from config import servers
servers.ensure()
"""


def start_servers(var: Path) -> subprocess.Popen[str]:
    """A process that finds or starts the servers of a folder, as every command does."""
    return subprocess.Popen(
        [sys.executable, "-c", START],
        cwd=BASE_DIR,
        env=clean_environment(var),
        stderr=subprocess.PIPE,
        text=True,
    )


def started(*processes: subprocess.Popen[str]) -> None:
    """Wait for such processes; their words are the failure."""
    for process in processes:
        _out, words = process.communicate(timeout=120)
        assert process.returncode == 0, words


def forget(var: Path) -> None:
    """End the servers of a folder and remove what they keep outside it."""
    if (var / "mark").exists():
        servers.stop(var)
        place = layout(var)
        for folder in {place.home, place.run, place.valkey_run} - {var}:
            shutil.rmtree(folder, ignore_errors=True)


def addresses(place: Layout) -> dict[str, str]:
    """What the environment of a host with servers of its own would say, for the private servers of a folder."""
    return {
        "DATABASE_URL": place.url(APP),
        "GEZHI_OWNER_DATABASE_URL": place.url(OWNER),
        "REDIS_URL": f"unix://{place.valkey_socket}",
    }


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A folder for a GEZHI_VAR of the test's own; whatever was started there is ended."""
    folder = tmp_path / "var"
    folder.mkdir()
    yield folder
    forget(folder)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    """Private servers of the test file's own, running."""
    folder = tmp_path_factory.mktemp("kept") / "var"
    folder.mkdir()
    started(start_servers(folder))
    yield layout(folder)
    forget(folder)
