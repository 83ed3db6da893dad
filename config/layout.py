"""Where the private servers of one GEZHI_VAR keep their data and their sockets, and whom PostgreSQL runs as."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from config.secrets import kept

BASE_DIR = Path(__file__).resolve().parents[1]
SYSTEM_USER = "gezhi-db"
SUPERUSER, OWNER, APP, DATABASE = "postgres", "gezhi_owner", "gezhi_app", "gezhi"
ROOT_HOME = Path("/var/lib/gezhi")
SOCKET_LIMIT = 100  # bytes; the kernel's limit for the path of a socket is 107
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")


class ServerFailed(Exception):
    """A private server could not be started; says what to look at."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Folders of one GEZHI_VAR, and the system user PostgreSQL runs as (None: we ourselves)."""

    var: Path
    home: Path
    run: Path
    account: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        """PostgreSQL's data."""
        return self.home / "postgres"

    @property
    def valkey_data(self) -> Path:
        """Valkey's data."""
        return self.var / "valkey"

    @property
    def valkey_run(self) -> Path:
        """Valkey's own folder: beside PostgreSQL's socket, but ours also where PostgreSQL is another user's."""
        return self.run.with_name(self.run.name + "-kv")

    @property
    def valkey_socket(self) -> Path:
        return self.valkey_run / "valkey.sock"

    def url(self, role: str, database: str = DATABASE) -> str:
        """The address of a database for a role."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.run))}"


def var_folder() -> Path:
    """GEZHI_VAR, by default `var/` beside the code."""
    return Path(os.environ.get("GEZHI_VAR") or BASE_DIR / "var").resolve()


def layout(var: Path) -> Layout:
    """Where the servers of this folder live; as root below /var/lib, where no folder above is opened wider.

    A mark lies in the folder: a new folder of the same name never meets the data of one that was deleted.
    """
    mark = kept(var, "mark", lambda: uuid.uuid4().hex)
    digest = hashlib.sha256(f"{var}\0{mark}".encode()).hexdigest()[:12]
    if os.geteuid() == 0:
        home = Path(kept(var, "home", lambda: str(ROOT_HOME / digest)))
        return Layout(var, home, home / "run", system_account())
    run = var / "run"
    # Too long for a socket, or with signs that PostgreSQL's starter or an address would read as something else.
    if len(str(run)) + len("-kv/.s.PGSQL.5432") > SOCKET_LIMIT or not PLAIN_PATH.fullmatch(str(run)):
        run = Path("/tmp") / f"gezhi-{os.geteuid()}-{digest}"
    return Layout(var, var, run, None)


def system_account() -> pwd.struct_passwd:
    """The system user for PostgreSQL when we are root; made when missing."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        shell = ["--shell", "/usr/sbin/nologin"]
        subprocess.run(["useradd", "--system", "--no-create-home", *shell, SYSTEM_USER], check=True)
        return pwd.getpwnam(SYSTEM_USER)


def claim(place: Layout) -> None:
    """As root: note whose home this is. A moved folder keeps its data; a copy of a folder must not share them.

    Raises ServerFailed for a copy.
    """
    for folder in (place.home.parent, place.home):
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    note = place.home / "belongs_to"
    known = Path(note.read_text(encoding="utf-8")) if note.exists() else place.var
    if known != place.var and owns(known, place.home):
        raise ServerFailed(
            f"{place.var} is a copy of {known}, which has the same database. Delete `mark` and `home` in the copy "
            "to give it an empty database of its own."
        )
    if known != place.var or not note.exists():
        note.write_text(str(place.var), encoding="utf-8")


def owns(var: Path, home: Path) -> bool:
    """Whether a folder still exists and says that this home is its own."""
    said = var / "home"
    if said.exists():
        return said.read_text(encoding="utf-8").strip() == str(home)
    return (var / "mark").exists() and layout(var).home == home


def private(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """A folder that only its owner may enter; folders above it stay as they are. Raises ServerFailed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), account.pw_uid if account else -1}:
        raise ServerFailed(f"{folder} belongs to somebody else")
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)
    return folder
