"""A wrong value in the environment stops the start and is named; nothing is guessed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config import env
from config.env import WrongEnvironment
from config.layout import BASE_DIR
from tests.ops.program import clean_environment

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "DATABASE_URL": "postgresql:///none",
    "REDIS_URL": "redis://none",
    "GEZHI_SECRET_KEY": "x" * 50,
    "GEZHI_FIELD_KEYS": "x" * 44,
}


@pytest.mark.parametrize(
    ("value", "meant"), [("1", True), ("on", True), ("No", False), ("0", False), ("", True)]
)
def test_a_switch_is_read_and_an_empty_one_is_as_if_unset(
    monkeypatch: pytest.MonkeyPatch, value: str, meant: bool
) -> None:
    monkeypatch.setenv("GEZHI_TRY", value)
    assert env.flag("GEZHI_TRY", True) is meant


@pytest.mark.parametrize("value", ["maybe", "2", "-1"])
def test_a_switch_that_is_neither_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("GEZHI_TRY", value)
    with pytest.raises(WrongEnvironment, match=f"GEZHI_TRY.*{value}"):
        env.flag("GEZHI_TRY")


def test_a_number_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEZHI_TRY", "12")
    assert env.number("GEZHI_TRY", 5) == 12
    monkeypatch.delenv("GEZHI_TRY")
    assert env.number("GEZHI_TRY", 5) == 5


@pytest.mark.parametrize("value", ["many", "-3", "1.5", " "])
def test_a_number_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("GEZHI_TRY", value)
    with pytest.raises(WrongEnvironment, match="GEZHI_TRY"):
        env.number("GEZHI_TRY", 5)


def test_a_text_without_default_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEZHI_TRY", raising=False)
    with pytest.raises(WrongEnvironment, match="GEZHI_TRY must be set"):
        env.text("GEZHI_TRY")


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hidden\n", encoding="utf-8")
    monkeypatch.delenv("GEZHI_TRY", raising=False)
    monkeypatch.setenv("GEZHI_TRY_FILE", str(file))
    assert env.secret("GEZHI_TRY") == "hidden"


def test_a_database_address_is_taken_apart() -> None:
    found = env.database("postgresql://web:p%40ss@db.example:5433/gezhi")
    assert [found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "web", "p@ss", "db.example", "5433", "gezhi",
    ]  # fmt: skip
    assert env.database("postgresql://web@/gezhi?host=/run/a%20b")["HOST"] == "/run/a b"


def test_an_address_of_another_database_is_refused() -> None:
    with pytest.raises(WrongEnvironment, match="postgresql"):
        env.database("sqlite:///file")


def settings_load(var: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    code = "from django.conf import settings; print(settings.SESSION_COOKIE_SECURE, settings.DEBUG)"
    command = [sys.executable, "-c", code]
    surroundings = clean_environment(var, **environment)
    return subprocess.run(
        command, cwd=BASE_DIR, env=surroundings, capture_output=True, text=True, check=False, timeout=60
    )


def test_production_starts_with_everything_set(tmp_path: Path) -> None:
    assert settings_load(tmp_path, **PRODUCTION).stdout.split() == ["True", "False"]


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "GEZHI_SECRET_KEY", "GEZHI_FIELD_KEYS"])
def test_production_does_not_start_without(tmp_path: Path, name: str) -> None:
    result = settings_load(tmp_path, **{key: value for key, value in PRODUCTION.items() if key != name})
    assert result.returncode != 0
    assert f"{name} must be set" in result.stderr
