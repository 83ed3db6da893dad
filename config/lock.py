"""make lock: write the hashed lock files, without the addresses they were fetched from."""

from __future__ import annotations

import os
import subprocess
import sys

OPTIONS = ["--generate-hashes", "--strip-extras", "--quiet", "--no-emit-index-url", "--no-emit-trusted-host",
           "--no-emit-find-links", "--no-emit-options", "--allow-unsafe", "--no-header"]  # fmt: skip


def main() -> None:
    """Both lock files, the second constrained by the first."""
    for name in ("requirements", "requirements-dev"):
        command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, "-o", f"{name}.txt", f"{name}.in"]
        subprocess.run(
            [*command, *sys.argv[1:]], check=True, env={**os.environ, "CUSTOM_COMPILE_COMMAND": "make lock"}
        )


if __name__ == "__main__":
    main()
