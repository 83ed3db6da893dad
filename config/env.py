"""Reading the environment: a wrong value stops the start with its name, instead of meaning something else."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit


class WrongEnvironment(Exception):
    """A variable is missing or holds something that cannot be meant."""


def text(name: str, default: str | None = None) -> str:
    """The value of a variable; raises WrongEnvironment when it is missing and there is no default."""
    value = os.environ.get(name, default)
    if value is None:
        raise WrongEnvironment(f"{name} must be set")
    return value


def flag(name: str, default: bool = False) -> bool:
    """1/0, true/false, yes/no, on/off; anything else raises WrongEnvironment."""
    value = os.environ.get(name, "").strip().lower()
    if value == "":
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise WrongEnvironment(f"{name} must be 1 or 0, not {value!r}")


def number(name: str, default: int) -> int:
    """A whole number; anything else raises WrongEnvironment."""
    value = os.environ.get(name, "")
    if value == "":
        return default
    if not value.isdigit():
        raise WrongEnvironment(f"{name} must be a whole number, not {value!r}")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A list with commas between."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def secret(name: str) -> str | None:
    """A secret from NAME, or from the file that NAME_FILE points to; None when neither is set."""
    if name in os.environ:
        return os.environ[name]
    path = os.environ.get(f"{name}_FILE")
    return Path(path).read_text(encoding="utf-8").strip() if path else None


def database(url: str) -> dict[str, object]:
    """Django's settings for a `postgresql://user:password@host:port/name?host=/socket` address."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise WrongEnvironment("DATABASE_URL must be a postgresql:// address")
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or ""),
    }
