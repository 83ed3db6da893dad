"""The whole program as `make run` starts it, in real processes, on a folder and a port of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2

from config import layout, postgres, servers, valkey
from config.layout import BASE_DIR

STARTED = "已启动"


def wait_for(what: Callable[[], Any], seconds: float = 20.0, why: str = "") -> float:
    """Wait until something is true; returns how long it took, in seconds."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if what():
            return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {why or what}")


def patience(seconds: float) -> float:
    """A bound for an idle machine, stretched when others keep this one busy."""
    return seconds * max(1.0, 1.5 * os.getloadavg()[0] / (os.cpu_count() or 1))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(var: Path, **more: str) -> dict[str, str]:
    """The environment of a newcomer: no addresses of servers, no settings of the running test."""
    ours = re.compile(r"GEZHI_|DATABASE_URL|REDIS_URL|DJANGO_SETTINGS_MODULE|PORT$|HTTPS$")
    kept = {name: value for name, value in os.environ.items() if not ours.match(name)}
    return kept | {"GEZHI_VAR": str(var), "GEZHI_DEMO": "0", "PYTHONUNBUFFERED": "1"} | more


class Program:
    """One run. `output` is the screen; `log` the file of all children."""

    def __init__(self, var: Path, *, port: int = 0, **environment: str) -> None:
        self.var, self.port = var, port or free_port()
        self.screen = var  # named at each launch
        self.environment = clean_environment(var, PORT=str(self.port), **environment)
        self.process: subprocess.Popen[bytes] | None = None
        self.scheme = "https" if environment.get("HTTPS") else "http"

    def start(self, seconds: float = 120.0) -> float:
        """Start it and wait until it says so; returns the seconds."""
        self.launch()
        return wait_for(lambda: STARTED in self.output or self.ended, seconds, "start")

    def launch(self) -> None:
        """Start it and go on; each start has a screen of its own."""
        self.screen = self.var.with_name(f"{self.var.name}-screen-{time.monotonic_ns()}.txt")
        with self.screen.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.supervise"],
                cwd=BASE_DIR, env=self.environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
                start_new_session=True,
            )  # fmt: skip

    @property
    def output(self) -> str:
        return self.screen.read_text(encoding="utf-8", errors="replace") if self.screen.is_file() else ""

    @property
    def log(self) -> str:
        path = self.var / "run.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def pids(self) -> dict[str, int]:
        """The children by name."""
        found = json.loads((self.var / "children.json").read_text(encoding="utf-8"))
        return {name: pid for name, (pid, _began) in found.items()}

    def tree(self) -> set[int]:
        """Every process of this run that lives: children with all that they started."""
        leaders = set(self.pids.values())
        return {pid for pid in living() if group_of(pid) in leaders}

    def kill(self, name: str) -> None:
        os.killpg(self.pids[name], signal.SIGKILL)

    def kill_supervisor(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def interrupt(self) -> int:
        """One Ctrl-C; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""
        except OSError:
            return 0, ""

    def manage(self, *arguments: str, **more: str) -> str:
        """A management command beside the run; its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR, env=self.environment | more, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=180, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the private database answers its superuser."""
        connection = psycopg2.connect(self.layout.url("postgres"), connect_timeout=5)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    @property
    def layout(self) -> layout.Layout:
        return layout.layout(self.var)

    def servers_live(self) -> tuple[bool, bool]:
        """PostgreSQL's and Valkey's processes."""
        return postgres.lives(self.layout), valkey.lives(self.layout)

    def clean_up(self) -> None:
        """End whatever a failed test left."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
            self.process.kill()
            self.process.wait(10)
        with suppress(OSError, ValueError):
            for pid in self.pids.values():
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
        if self.var.exists():
            servers.stop(self.var)


def living() -> list[int]:
    """All processes that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (path / "stat").read_text(errors="replace").rpartition(")")[2].split()[0] != "Z":
                found.append(int(path.name))
    return found


def group_of(pid: int) -> int:
    with suppress(ProcessLookupError):
        return os.getpgid(pid)
    return 0


@contextmanager
def running(var: Path, **environment: str) -> Iterator[Program]:
    """A run that has started; ended whatever happens."""
    program = Program(var, port=int(environment.pop("PORT", 0)), **environment)
    try:
        program.start()
        assert STARTED in program.output, program.output + program.log
        yield program
    finally:
        program.clean_up()
