"""The processes that `make run` keeps alive: started, watched, started again, ended; found again after a crash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import IO
from zoneinfo import ZoneInfo

from config.bootstrap import say
from config.layout import BASE_DIR
from config.processes import start_time

SHANGHAI = ZoneInfo("Asia/Shanghai")  # as in all other lines of the log
RESTART_SECONDS = 0.5
GRACE_SECONDS = 10.0
TICK_SECONDS = 0.2


@dataclass
class Child:
    """One process that must be alive, and leads a group of its own."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    ended_at: float = 0.0


class Supervisor:
    """Starts the children, watches them, ends them. `also` is called about once a second and must not raise."""

    def __init__(
        self,
        children: Sequence[Child],
        record: Path,
        log: IO[bytes],
        also: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self.children, self.record, self.log, self.also = children, record, log, also
        self.ending = False

    def end(self, _number: int, _frame: FrameType | None) -> None:
        """Ctrl-C, a request to end, or a terminal that was closed."""
        self.ending = True

    def tell(self, words: str) -> None:
        """On the screen, if there still is one, and in the log."""
        with suppress(OSError):
            say(words)
        at = datetime.now(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S %z")
        self.log.write(f"[{at}] {words}\n".encode())
        self.log.flush()

    def start(self, child: Child) -> None:
        """Start one child and note it, so that a later run finds it when this one is killed."""
        child.process = subprocess.Popen(
            child.command,
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        alive = {c.name: (c.process.pid, start_time(c.process.pid)) for c in self.children if c.process}
        draft = self.record.with_suffix(".new")
        draft.write_text(json.dumps(alive), encoding="utf-8")
        draft.replace(self.record)

    def watch(self) -> None:
        """Until asked to end: a child that died is started again, and the log says so."""
        turn = 0
        while not self.ending:
            for child in self.children:
                self._look_after(child)
            if turn % 5 == 0:
                for words in self.also():
                    self.tell(words)
            turn += 1
            time.sleep(TICK_SECONDS)

    def _look_after(self, child: Child) -> None:
        if child.process is None or child.process.poll() is None:
            return
        now = time.monotonic()
        if not child.ended_at:
            child.ended_at = now
            code = child.process.returncode
            self.tell(f"{child.name} 已停止（{code}），马上重新启动 / ended, starting it again")
            signal_group(child.process.pid, signal.SIGKILL)  # whatever it left behind of its own
        elif now - child.ended_at >= RESTART_SECONDS:
            child.ended_at = 0.0
            self.start(child)

    def end_all(self) -> None:
        """Ask every child to end, wait for all, then end whatever is left of each."""
        running = [child.process for child in self.children if child.process]
        for process in running:
            if process.poll() is None:
                process.terminate()  # the leader alone: it ends its own in good order
        until = time.monotonic() + GRACE_SECONDS
        while any(process.poll() is None for process in running) and time.monotonic() < until:
            time.sleep(0.05)
        for process in running:
            signal_group(process.pid, signal.SIGKILL)
            process.wait()
        self.record.unlink(missing_ok=True)


def end_leftovers(record: Path) -> None:
    """End what an earlier run that was killed has left behind: its children by id and start time, and their groups."""
    left = _recorded(record)
    alive = {pid: began for pid, began in left.values() if began and start_time(pid) == began}
    for name, (pid, _began) in left.items():
        if pid in alive:
            say(f"结束上次留下的进程 {name}（{pid}）/ ending a leftover process")
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + GRACE_SECONDS
    while any(start_time(pid) == began for pid, began in alive.items()) and time.monotonic() < until:
        time.sleep(0.1)
    for pid, began in left.values():
        # A leader that is gone may have left its group. Its number is nobody else's as long as one of them lives.
        if pid in alive or (began and not start_time(pid) and _same_boot(began)):
            signal_group(pid, signal.SIGKILL)
    record.unlink(missing_ok=True)


def _recorded(record: Path) -> dict[str, tuple[int, str]]:
    """Name -> (process id, start time); nothing when there is no readable note."""
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
        return {str(name): (int(pid), str(began)) for name, (pid, began) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _same_boot(began: str) -> bool:
    own = start_time(os.getpid())
    return own.partition(" ")[0] == began.partition(" ")[0]


def signal_group(pid: int, number: int) -> None:
    """Signal a process group; nothing when there is none or it is not ours."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
