"""What the system tells of a process; from /proc where there is one, else from ps."""

from __future__ import annotations

import subprocess
from pathlib import Path

PROC = Path("/proc")


def command_of(pid: int) -> str:
    """The command line of a process; empty when there is none."""
    if not (PROC / "self").exists():
        return _ps("command=", pid)
    try:
        return (
            (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        )
    except OSError:
        return ""


def start_time(pid: int) -> str:
    """When a process began; empty when there is none or it has ended. With its id this names one process."""
    if not (PROC / "self").exists():
        return _ps("lstart=", pid)
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # After the name in brackets, which may hold anything, come the state and, 19 fields on, the start in ticks.
        fields = (
            (PROC / str(pid) / "stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()
        )
    except OSError:
        return ""
    return "" if fields[0] == "Z" else f"{boot} {fields[19]}"


def _ps(column: str, pid: int) -> str:
    command = ["ps", "-ww", "-o", column, "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
