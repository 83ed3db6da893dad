"""`make run`: prepare, then keep web, workers and beat alive until one Ctrl-C ends all.

A child that dies is started again within two seconds, a private server too. When this process itself is killed, the
children it left are found at the next start by recorded process id and start time, and ended.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from config import certificate, env, servers
from config.bootstrap import digest, say
from config.children import Child, Supervisor, end_leftovers
from config.env import WrongEnvironment
from config.layout import ServerFailed

BASE_DIR = servers.BASE_DIR
LONGEST_LOG = 20 * 1024 * 1024  # bytes; then the log of the runs so far is put aside


def manage(*arguments: str) -> None:
    """Run a management command; its failure ends the start."""
    result = subprocess.run([sys.executable, str(BASE_DIR / "manage.py"), *arguments], check=False)
    if result.returncode:
        raise SystemExit(f"格治 · 失败 / failed: manage.py {' '.join(arguments)}")


def prepare(var: Path) -> None:
    """Bring tables, rights, words, static files and the demo up to date; quick when nothing has changed."""
    database = hashlib.sha256(os.environ["DATABASE_URL"].encode()).hexdigest()[:12]
    sources = sorted(BASE_DIR.glob("*/migrations/*.py"))
    mark = digest(*sources, BASE_DIR / "cases" / "grants.py") + database
    _once(var, "migrated", mark, "更新数据库 / updating the database",
          ["migrate", "--verbosity", "0"], ["apply_grants"])  # fmt: skip
    catalogue = BASE_DIR / "locale" / "en" / "LC_MESSAGES" / "django.po"
    if _stale(catalogue.with_suffix(".mo"), catalogue):
        manage("messages", "--compile")
    files = [path for path in sorted((BASE_DIR / "static").rglob("*")) if path.is_file()]
    locks = [BASE_DIR / name for name in ("package-lock.json", "requirements.txt", "config/finders.py")]
    _once(var, "static", digest(*files, *locks), "准备页面文件 / preparing static files",
          ["collectstatic", "--noinput", "--clear", "--verbosity", "0"])  # fmt: skip
    if env.flag("GEZHI_DEMO", True):
        words = "装入演示城市（两三分钟）/ loading the demo city, two or three minutes"
        _once(var, "demo", "1" + database, words, ["load_demo"])


def _once(var: Path, name: str, mark: str, words: str, *commands: list[str]) -> None:
    stamp = var / f".{name}"
    if stamp.exists() and stamp.read_text(encoding="ascii") == mark:
        return
    say(words)
    stamp.unlink(missing_ok=True)  # what is interrupted is done again
    for command in commands:
        manage(*command)
    stamp.write_text(mark, encoding="ascii")


def _stale(made: Path, source: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


def check_port(host: str, port: int) -> None:
    """Whether we may listen there; ends the start with a clear sentence otherwise."""
    if not 1 <= port <= 65535:
        raise WrongEnvironment(f"PORT must be from 1 to 65535, not {port}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise SystemExit(
                f"没有权限使用端口 {port}，请用 PORT=… 换一个 1024 以上的。"
                f" / No right to use port {port}; choose one above 1023 with PORT=…"
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise SystemExit(
                f"端口 {port} 已被占用，请用 PORT=… 换一个。 / Port {port} is taken; choose another with PORT=…"
            ) from None


def children_for(var: Path, host: str, port: int, tls: list[str]) -> list[Child]:
    """Web, two workers that ring, one that counts, one for what may take long, and beat, of this environment."""
    programs = Path(sys.executable).parent
    celery = [str(programs / "celery"), "--app", "config.celery"]
    web = [str(programs / "gunicorn"), "--config", str(BASE_DIR / "config" / "gunicorn.py"),
           "config.wsgi:application", "--bind", f"{host}:{port}", *tls]  # fmt: skip
    beat = [*celery, "beat", "--loglevel", "warning", "--schedule", str(var / "beat"), "--pidfile", ""]
    return [
        Child("web", web),
        Child("worker", worker(celery, "ring", port)),
        Child("worker2", worker(celery, "ring", port, "ring2")),
        Child("counter", worker(celery, "count", port)),
        Child("sender", worker(celery, "slow", port)),
        Child("beat", beat),
    ]


def worker(celery: list[str], queue: str, port: int, name: str = "") -> list[str]:
    """The command of a worker of one queue; a second one of the same queue needs a name of its own."""
    quiet = ["--loglevel", "warning", "--without-gossip", "--without-mingle"]
    return [*celery, "worker", "--queues", queue, "--hostname", f"{name or queue}-{port}@%h", *quiet]


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


def announce(address: str, https: bool) -> None:
    """Where to go, and with whom."""
    if https:
        certificate.print_code(address)
    if env.flag("GEZHI_DEMO", True):
        manage("demo_accounts")
    say(f"已启动：{address}  （Ctrl-C 结束）/ running, Ctrl-C ends it")


def open_log(var: Path) -> IO[bytes]:
    """The log of all children, in var/run.log; a long one is put aside first."""
    path = var / "run.log"
    if path.exists() and path.stat().st_size > LONGEST_LOG:
        path.replace(var / "run.log.1")
    return path.open("ab")


def run(var: Path) -> None:
    """Prepare, start, watch, end. The caller holds the folder and ends the private servers."""
    port, https = env.number("PORT", 8000), env.flag("HTTPS")
    host = "0.0.0.0" if https else "127.0.0.1"
    end_leftovers(var / "children.json")
    check_port(host, port)
    address = f"https://{certificate.own_address()}:{port}/" if https else f"http://localhost:{port}/"
    os.environ.setdefault("GEZHI_BASE_URL", address.rstrip("/"))
    servers.ensure()
    if not os.environ.get("GEZHI_OWNER_DATABASE_URL"):
        raise WrongEnvironment(
            "GEZHI_OWNER_DATABASE_URL must be set beside DATABASE_URL: the address for the role that owns the tables"
        )
    prepare(var)
    tls: list[str] = []
    if https:
        os.environ["GEZHI_HTTPS"] = "1"
        key, chain = certificate.files(var)
        tls = ["--keyfile", str(key), "--certfile", str(chain)]
    with open_log(var) as log:
        children = children_for(var, host, port, tls)
        supervisor = Supervisor(children, var / "children.json", log, also=servers.revive)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, supervisor.end)
        try:
            for child in supervisor.children:
                supervisor.start(child)
            wait_until_up(port, https, supervisor)
            announce(address, https)
            supervisor.watch()
        finally:
            supervisor.tell("正在结束 / ending")
            supervisor.end_all()


def answers(port: int, https: bool) -> bool:
    """Whether the web process answers on this computer; its certificate is our own and not looked at."""
    web: http.client.HTTPConnection
    if https:
        context = ssl._create_unverified_context()
        web = http.client.HTTPSConnection("127.0.0.1", port, timeout=2, context=context)
    else:
        web = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        web.request("GET", "/healthz")
        return web.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        web.close()


def wait_until_up(port: int, https: bool, supervisor: Supervisor, seconds: float = 30.0) -> None:
    """Until the web process answers, or the time is over (the log then says why)."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not supervisor.ending:
        if answers(port, https):
            return
        time.sleep(0.1)
    say(f"网页没有在 {seconds:.0f} 秒内启动，请看 run.log / the web process is slow to start; see run.log")


def main() -> None:
    """Everything from one command."""
    var = servers.var_folder()
    var.mkdir(mode=0o700, parents=True, exist_ok=True)  # mail, photos and logs are nobody else's
    os.environ["GEZHI_VAR"] = str(var)  # children may stand in another folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    private = not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
    with hold(var):
        try:
            run(var)
        except KeyboardInterrupt:
            say("已中断 / interrupted")
            raise SystemExit(130) from None
        except (ServerFailed, WrongEnvironment) as error:
            raise SystemExit(f"格治 · {error}") from None
        finally:
            if private:
                servers.stop(var)


if __name__ == "__main__":
    main()
