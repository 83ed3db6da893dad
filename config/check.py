"""make check: everything that can be said about the code without running it, one step after another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(sys.executable).parent
STEPS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "layers": ["lint-imports"],
    "browsers": ["python", "-m", "config.browsers"],
    "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
    "translations": ["python", "manage.py", "messages", "--check"],
    "configuration": ["python", "manage.py", "check", "--fail-level", "WARNING"],
}


def main() -> int:
    """Run all steps; 1 when any failed, after showing them all."""
    failed = []
    for name, command in STEPS.items():
        print(f"== {name}", flush=True)  # noqa: T201
        if subprocess.run(
            [str(PROGRAMS / command[0]), *command[1:]], stdin=subprocess.DEVNULL, check=False
        ).returncode:
            failed.append(name)
    print(f"make check: {'failed: ' + ', '.join(failed) if failed else 'all is well'}")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
