"""`make run`: prepare, then keep web, worker and beat alive until one Ctrl-C ends all.

A child that dies is started again within two seconds. When this process itself is killed, the children it left are
found at the next start by recorded process id and start time, and ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from config import certificate, env, servers
from config.bootstrap import digest, say

BASE_DIR = servers.BASE_DIR
RESTART_SECONDS = 1.0
GRACE_SECONDS = 10.0


@dataclass
class Child:
    """One process that must be alive."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    ended_at: float = 0.0


def manage(*arguments: str) -> None:
    """Run a management command; its failure ends the start."""
    result = subprocess.run([sys.executable, str(BASE_DIR / "manage.py"), *arguments], check=False)
    if result.returncode:
        raise SystemExit(f"格治 · 失败 / failed: manage.py {' '.join(arguments)}")


def start_time(pid: int) -> str:
    """When a process began, as its system tells it; empty when there is none. With the id it names one process."""
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def end_leftovers(record: Path) -> None:
    """End what an earlier run that was killed has left behind."""
    if not record.exists():
        return
    for name, (pid, began) in json.loads(record.read_text(encoding="utf-8")).items():
        if began and start_time(pid) == began:
            say(f"结束上次留下的进程 {name}（{pid}）/ ending a leftover process")
            _signal_group(pid, signal.SIGTERM)
            until = time.monotonic() + GRACE_SECONDS
            while start_time(pid) == began and time.monotonic() < until:
                time.sleep(0.1)
            _signal_group(pid, signal.SIGKILL)
    record.unlink()


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass
    except PermissionError:
        os.kill(pid, number)


class Supervisor:
    """Starts the children, watches them, ends them."""

    def __init__(self, children: Sequence[Child], record: Path, log: IO[bytes]) -> None:
        self.children, self.record, self.log = children, record, log
        self.ending = False

    def end(self, _number: int, _frame: FrameType | None) -> None:
        """Ctrl-C or a request to end."""
        self.ending = True

    def start(self, child: Child) -> None:
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
        while not self.ending:
            for child in self.children:
                self._look_after(child)
            time.sleep(0.2)

    def _look_after(self, child: Child) -> None:
        if child.process is None or child.process.poll() is None:
            return
        now = time.monotonic()
        if not child.ended_at:
            child.ended_at = now
            words = (
                f"{child.name} 已停止（{child.process.returncode}），马上重新启动 / ended, starting it again"
            )
            say(words)
            self.log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {words}\n".encode())
            self.log.flush()
            _signal_group(child.process.pid, signal.SIGKILL)  # whatever it left behind of its own
        elif now - child.ended_at >= RESTART_SECONDS:
            child.ended_at = 0.0
            self.start(child)

    def end_all(self) -> None:
        """Ask every child to end, then make it."""
        for child in self.children:
            if child.process and child.process.poll() is None:
                _signal_group(child.process.pid, signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS
        for child in self.children:
            if child.process:
                try:
                    child.process.wait(max(0.1, until - time.monotonic()))
                except subprocess.TimeoutExpired:
                    _signal_group(child.process.pid, signal.SIGKILL)
        self.record.unlink(missing_ok=True)


def prepare(var: Path) -> None:
    """Bring tables, rights, words, static files and the demo up to date; quick when nothing has changed."""
    sources = sorted(BASE_DIR.glob("*/migrations/*.py"))
    _once(var, "migrated", digest(*sources, BASE_DIR / "cases" / "grants.py"), "更新数据库 / updating the database",
          ["migrate", "--verbosity", "0"], ["apply_grants"])  # fmt: skip
    catalogue = BASE_DIR / "locale" / "en" / "LC_MESSAGES" / "django.po"
    if _stale(BASE_DIR / "locale" / "en" / "LC_MESSAGES" / "django.mo", catalogue):
        manage("messages", "--compile")
    files = [path for path in sorted((BASE_DIR / "static").rglob("*")) if path.is_file()]
    _once(var, "static", digest(*files, BASE_DIR / "package-lock.json", BASE_DIR / "requirements.txt"),
          "准备页面文件 / preparing static files",
          ["collectstatic", "--noinput", "--clear", "--verbosity", "0"])  # fmt: skip
    if env.flag("GEZHI_DEMO", True):
        _once(
            var, "demo", "1", "装入演示城市（约一分钟）/ loading the demo city, about a minute", ["load_demo"]
        )


def _once(var: Path, name: str, mark: str, words: str, *commands: list[str]) -> None:
    stamp = var / f".{name}"
    if stamp.exists() and stamp.read_text(encoding="ascii") == mark:
        return
    say(words)
    for command in commands:
        manage(*command)
    stamp.write_text(mark, encoding="ascii")


def _stale(made: Path, source: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


def free(host: str, port: int) -> bool:
    """Whether nobody listens there yet."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def children_for(var: Path, host: str, port: int, tls: list[str]) -> list[Child]:
    """Web, worker and beat, with the programs of this environment."""
    programs = Path(sys.executable).parent
    celery = [str(programs / "celery"), "-A", "config.celery"]
    web = [str(programs / "gunicorn"), "config.wsgi:application", "--bind", f"{host}:{port}", "--workers", "2",
           "--threads", "4", "--access-logfile", "-", "--graceful-timeout", "8", *tls]  # fmt: skip
    worker = [*celery, "worker", "--concurrency", "1", "--loglevel", "warning", "--without-gossip", "--without-mingle",
              "--hostname", f"gezhi-{port}@%h"]  # fmt: skip
    beat = [*celery, "beat", "--loglevel", "warning", "--schedule", str(var / "beat"), "--pidfile", ""]
    return [Child("web", web), Child("worker", worker), Child("beat", beat)]


def hold(var: Path) -> IO[str]:
    """The lock of this folder: a second run beside the first is refused."""
    handle = (var / "run.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit(
            f"格治已经在 {var} 运行。要另开一份，请换一个 GEZHI_VAR 和 PORT。"
            " / Already running here; use another GEZHI_VAR and PORT for a second one."
        ) from None
    return handle


def announce(host: str, port: int, https: bool) -> None:
    """Where to go, and with whom."""
    if https:
        address = f"https://{certificate.own_address()}:{port}/"
        certificate.print_code(address)
    else:
        address = f"http://localhost:{port}/"
    if env.flag("GEZHI_DEMO", True):
        manage("demo_accounts")
    say(f"已启动：{address}  （Ctrl-C 结束）/ running, Ctrl-C ends it")


def main() -> None:
    """Everything from one command."""
    var = servers.var_folder()
    var.mkdir(parents=True, exist_ok=True)
    port, https = env.number("PORT", 8000), env.flag("HTTPS")
    host = "0.0.0.0" if https else "127.0.0.1"
    lock = hold(var)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    end_leftovers(var / "children.json")
    if not free(host, port):
        raise SystemExit(
            f"端口 {port} 已被占用，请用 PORT=… 换一个。 / Port {port} is taken; choose another with PORT=…"
        )
    private = "DATABASE_URL" not in os.environ
    servers.ensure()
    prepare(var)
    tls: list[str] = []
    if https:
        os.environ["GEZHI_HTTPS"] = "1"
        key, chain = certificate.files(var)
        tls = ["--keyfile", str(key), "--certfile", str(chain)]
    with (var / "run.log").open("ab") as log:
        supervisor = Supervisor(children_for(var, host, port, tls), var / "children.json", log)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, supervisor.end)
        for child in supervisor.children:
            supervisor.start(child)
        wait_until_up(host, port)
        announce(host, port, https)
        supervisor.watch()
        say("正在结束 / ending")
        supervisor.end_all()
    if private:
        servers.stop(var)
    lock.close()


def wait_until_up(host: str, port: int, seconds: float = 30.0) -> None:
    """Until the web process answers on its port, or the time is over (the log then says why)."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    say(f"网页没有在 {seconds:.0f} 秒内启动，请看 run.log / the web process is slow to start; see run.log")


if __name__ == "__main__":
    main()
