"""Folders, servers and processes of a test's own: nothing here touches the servers of the other tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import servers
from config.layout import APP, BASE_DIR, OWNER, Layout, layout

OURS = ("DATABASE_URL", "REDIS_URL", "GEZHI_", "DJANGO_SETTINGS_MODULE", "PORT", "HTTPS")
START = """
from config import servers
servers.ensure()
"""


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without anything that names servers or settings of ours, plus the given."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{bare.get('PATH', '')}"
    return bare | {"PATH": path} | more


def start_servers(var: Path) -> subprocess.Popen[str]:
    """A process that finds or starts the servers of a folder, as every command does."""
    return subprocess.Popen(
        [sys.executable, "-c", START],
        cwd=BASE_DIR,
        env=clean_environment(GEZHI_VAR=str(var)),
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


def free_port() -> int:
    """A port of this computer that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(happened: Callable[[], bool], seconds: float, what: str) -> float:
    """Look ten times a second until it happened; the seconds it took. Fails with `what` when the time is over."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)
    return time.monotonic() - began


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
