"""A private PostgreSQL 18 and a private Valkey under GEZHI_VAR, for whoever names neither by address.

Both come as wheels and listen only on a socket in a folder that other users cannot enter. They outlive the command
that started them; `stop` ends them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from config import postgres, valkey
from config.layout import (
    APP,
    BASE_DIR,
    OWNER,
    ROOT_HOME,
    SUPERUSER,
    Layout,
    ServerFailed,
    claim,
    layout,
    owns,
    system_account,
    var_folder,
)

__all__ = ["BASE_DIR", "ensure", "revive", "stop", "sweep", "var_folder"]


def ensure() -> None:
    """Find or start what DATABASE_URL and REDIS_URL do not name; set both, and the owner's address."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    var = var_folder()
    var.mkdir(mode=0o700, parents=True, exist_ok=True)  # mail, photos and logs are nobody else's
    with _locked(var / "servers.lock"):
        place = layout(var)
        if not os.environ.get("DATABASE_URL"):
            if place.account:
                claim(place)
                sweep()
            postgres.start(place)
            os.environ["DATABASE_URL"] = place.url(APP)
            os.environ["GEZHI_OWNER_DATABASE_URL"] = place.url(OWNER)
            os.environ["GEZHI_SUPERUSER_DATABASE_URL"] = place.url(SUPERUSER, "postgres")
        if not os.environ.get("REDIS_URL"):
            valkey.start(place)
            os.environ["REDIS_URL"] = f"unix://{place.valkey_socket}"


def revive() -> list[str]:
    """Start a private server again that ended by itself while the program runs; what was done, in words."""
    var = var_folder()
    if not (var / "mark").exists():
        return []
    place = layout(var)
    ours = {
        "PostgreSQL": (str(place.run), "DATABASE_URL", postgres),
        "Valkey": (str(place.valkey_run), "REDIS_URL", valkey),
    }
    done = []
    for name, (folder, variable, server) in ours.items():
        if unquote(os.environ.get(variable, "")).find(folder) < 0 or server.lives(place):
            continue
        try:
            with _locked(var / "servers.lock"):
                server.start(place)
        except ServerFailed as error:
            done.append(f"{name}: {error}")
        else:
            done.append(f"{name} 已停止，重新启动了 / had ended and was started again")
    return done


def stop(var: Path) -> None:
    """End both servers of a folder; nothing when they are not running."""
    if (var / "mark").exists():
        with _locked(var / "servers.lock"):
            _stop(layout(var))


def _stop(place: Layout) -> None:
    valkey.stop(place)
    postgres.stop(place)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One at a time: two commands at once start one server."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def sweep() -> None:
    """As root: end the servers of folders that were deleted; the data of temporary folders goes with them.

    Data of other folders stay: a folder that is missing now may be on a disk that is not there yet.
    """
    with (ROOT_HOME / "sweep.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # another start is at it
        for note in ROOT_HOME.glob("*/belongs_to"):
            home, var = note.parent, Path(note.read_text(encoding="utf-8"))
            if owns(var, home):
                continue
            _stop(Layout(var, home, home / "run", system_account()))
            if var.is_relative_to(tempfile.gettempdir()):
                shutil.rmtree(home, ignore_errors=True)  # a test may be removing it just now
