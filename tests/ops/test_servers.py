"""The private servers: one each per folder, closed to other users, the same on every host, and durable."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis

from config import postgres, servers
from config.layout import APP, DATABASE, OWNER, SUPERUSER, Layout, layout
from config.processes import command_of, start_time
from tests.ops.conftest import START, addresses, forget, start_servers, started
from tests.ops.program import clean_environment, wait_for

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="says something about running as root")


def ask(place: Layout, sql: str, role: str = SUPERUSER, database: str = DATABASE) -> Any:
    """The first value of a statement's answer, as a role of the private server."""
    connection = psycopg2.connect(place.url(role, database))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


def number_of(place: Layout) -> int:
    """The process id of the private PostgreSQL."""
    return int((place.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])


def valkey(place: Layout) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(place.valkey_socket))


def servers_of(place: Layout) -> list[int]:
    """The process ids of all PostgreSQL servers on this data."""
    numbers = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [number for number in numbers if f"-D {place.data}" in command_of(number)]


def as_nobody(do: Callable[[], bool]) -> bool:
    """What a function answers in a process that has become the user nobody; False when it raises."""
    nobody = pwd.getpwnam("nobody")
    child = os.fork()  # not a new program: that may lie where nobody reaches it
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            code = 0 if do() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.fixture
def own_place() -> Iterator[Path]:
    """A folder of nobody's, with no closed folder above it."""
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory(prefix="gezhi-", dir="/tmp") as name:
        os.chown(name, nobody.pw_uid, nobody.pw_gid)
        yield Path(name)


def test_a_second_command_finds_the_servers_of_the_first(kept: Layout) -> None:
    before = number_of(kept), valkey(kept).info("server")["process_id"]
    started(start_servers(kept.var))
    assert (number_of(kept), valkey(kept).info("server")["process_id"]) == before


def test_nobody_else_can_reach_the_sockets(kept: Layout) -> None:
    sockets = {kept.run / ".s.PGSQL.5432": kept.account, kept.valkey_socket: None}
    for path, account in sockets.items():
        assert stat.S_ISSOCK(path.stat().st_mode)
        folder = path.parent.stat()
        assert stat.S_IMODE(folder.st_mode) == 0o700
        assert folder.st_uid == (account.pw_uid if account else os.geteuid())
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


@as_root
def test_another_user_is_turned_away(kept: Layout) -> None:
    def turned_away(path: Path) -> bool:
        try:
            socket.socket(socket.AF_UNIX).connect(str(path))
        except PermissionError:
            return True
        return False

    sockets = (kept.run / ".s.PGSQL.5432", kept.valkey_socket)
    assert not any(turned_away(path) for path in sockets)
    assert as_nobody(lambda: all(turned_away(path) for path in sockets))


def test_nothing_listens_on_the_network(kept: Layout) -> None:
    assert ask(kept, "SHOW listen_addresses") == ""
    assert valkey(kept).config_get("port")["port"] == "0"


def test_the_locale_is_the_same_on_every_host(kept: Layout) -> None:
    row = "SELECT concat_ws(' ', datlocprovider, datlocale, pg_encoding_to_char(encoding)) FROM pg_database"
    assert ask(kept, f"{row} WHERE datname = '{DATABASE}'") == "b C.UTF-8 UTF8"


def test_what_is_committed_is_on_the_disk(kept: Layout) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert ask(kept, f"SHOW {setting}") == "on"
    assert valkey(kept).config_get("appendonly")["appendonly"] == "yes"


def test_the_owner_owns_and_the_web_owns_nothing(kept: Layout) -> None:
    owner = "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = current_database()"
    assert ask(kept, owner) == OWNER
    for role in (OWNER, APP):
        assert ask(kept, "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user",
                   role) is False  # fmt: skip
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(kept, "CREATE TABLE of_the_web (id int)", APP)


def test_named_servers_are_used_and_none_is_started(tmp_path: Path) -> None:
    var = tmp_path / "untouched"
    named = clean_environment(var, DATABASE_URL="postgresql:///x", REDIS_URL="redis://x")
    subprocess.run([sys.executable, "-c", START], cwd=servers.BASE_DIR, env=named, check=True, timeout=60)
    assert not var.exists()


def test_two_commands_at_once_start_one_server_each_and_open_no_folder_wider(var: Path) -> None:
    above = [var, *var.parents]
    before = [folder.stat().st_mode for folder in above]
    started(start_servers(var), start_servers(var))
    place = layout(var)
    assert len(servers_of(place)) in {0, 1}  # 0: this system has no /proc to look at
    assert valkey(place).ping()
    assert [folder.stat().st_mode for folder in above] == before


@pytest.mark.slow
def test_data_survive_a_kill_of_both_servers(var: Path) -> None:
    started(start_servers(var))
    place = layout(var)
    ask(place, "CREATE TABLE kept AS SELECT 42 AS answer", OWNER)
    valkey(place).set("answer", 42)
    numbers = number_of(place), int(valkey(place).info("server")["process_id"])
    for number in numbers:
        os.kill(number, signal.SIGKILL)
    wait_for(lambda: not any(start_time(number) for number in numbers), 10, "both are gone")
    started(start_servers(var))
    assert ask(place, "SELECT answer FROM kept", OWNER) == 42
    assert valkey(place).get("answer") == b"42"


@pytest.mark.slow
def test_a_process_that_took_over_the_noted_number_does_not_hinder_the_start(var: Path) -> None:
    started(start_servers(var))
    place = layout(var)
    servers.stop(var)
    note = place.data / "postmaster.pid"
    account = place.account
    sleeper = subprocess.Popen(["sleep", "60"], user=account.pw_uid if account else None)
    try:
        note.write_text(f"{sleeper.pid}\n{place.data}\n{int(time.time())}\n5432\n", encoding="utf-8")
        (place.valkey_data / "pid").write_text(f"{sleeper.pid}\n", encoding="ascii")
        started(start_servers(var))
        assert ask(place, "SELECT 1") == 1
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.slow
def test_a_start_that_was_interrupted_before_the_roles_is_made_whole(var: Path) -> None:
    started(start_servers(var))
    place = layout(var)
    ask(place, f"DROP DATABASE {DATABASE}", database="postgres")
    ask(place, f"DROP ROLE {APP}", database="postgres")
    (place.home / "prepared").unlink()
    started(start_servers(var))
    assert ask(place, "SELECT 1", APP) == 1


@pytest.mark.slow
def test_a_path_that_no_socket_could_have_is_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / ("很长的 路径 " * 4) / ("deep" * 20)
    folder.mkdir(parents=True)
    try:
        started(start_servers(folder))
        assert ask(layout(folder), "SELECT 1") == 1
    finally:
        forget(folder)


@pytest.mark.slow
@as_root
def test_a_folder_that_moved_keeps_its_data_and_its_copy_is_refused(var: Path, tmp_path: Path) -> None:
    started(start_servers(var))
    ask(layout(var), "CREATE TABLE kept AS SELECT 42 AS answer", OWNER)
    servers.stop(var)
    copy = Path(shutil.copytree(var, tmp_path / "copy"))
    process = start_servers(copy)
    _out, words = process.communicate(timeout=60)
    assert process.returncode != 0
    assert f"{copy} is a copy of {var}" in words
    shutil.rmtree(copy)
    moved = var.rename(tmp_path / "moved")
    started(start_servers(moved))
    assert ask(layout(moved), "SELECT answer FROM kept", OWNER) == 42
    servers.stop(moved)
    moved.rename(var)  # back, for the one who clears up


@pytest.mark.slow
@as_root
def test_servers_of_a_folder_that_was_deleted_are_ended(var: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    started(start_servers(gone))
    place = layout(gone)
    number = number_of(place)
    shutil.rmtree(gone)
    started(start_servers(var))
    assert not start_time(number)
    assert not place.home.exists()
    assert postgres.answers(layout(var))


@pytest.mark.slow
@as_root
def test_an_ordinary_user_keeps_everything_below_the_folder(own_place: Path) -> None:
    """As root we become nobody for this; elsewhere every other test here runs as an ordinary user already."""

    def everything_below() -> bool:
        environment = clean_environment(own_place / "var")
        os.environ.clear()
        os.environ.update(environment)
        servers.ensure()
        place = layout(own_place / "var")
        found = ask(place, "SELECT 1", APP) == 1 and valkey(place).ping()
        servers.stop(own_place / "var")
        return (
            found
            and not postgres.answers(place)
            and all(folder.is_relative_to(own_place) for folder in (place.data, place.valkey_data))
        )

    assert as_nobody(everything_below)


@pytest.mark.slow
def test_web_and_worker_refuse_the_role_that_owns_the_tables(kept: Layout) -> None:
    named = addresses(kept)
    manage = [sys.executable, "manage.py"]
    owner = clean_environment(kept.var, **named)
    for command in (["migrate", "--verbosity", "0"], ["apply_grants"]):
        subprocess.run([*manage, *command], cwd=servers.BASE_DIR, env=owner, check=True, timeout=300)
    wide = owner | {"DATABASE_URL": named["GEZHI_OWNER_DATABASE_URL"]}
    programs = {
        "gunicorn": "config.wsgi:application --bind 127.0.0.1:0 --workers 1",
        "celery": "--app config.celery worker --pool solo --loglevel error",
    }
    for name, options in programs.items():
        command = [str(Path(sys.executable).parent / name), *options.split()]
        result = subprocess.run(
            command, cwd=servers.BASE_DIR, env=wide, capture_output=True, text=True, check=False, timeout=60
        )
        assert result.returncode != 0, name
        assert "owns tables" in result.stdout + result.stderr, name
