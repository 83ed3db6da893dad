"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation

from grids import geo, workcalendar
from grids.clock import SHANGHAI

pytest_plugins = ["tests.browser", "tests.cast"]


@pytest.fixture(autouse=True, scope="session")
def _empty_tables_as_owner() -> None:
    """Between transactional tests the tables are emptied past the triggers that keep the record."""

    def teardown(self: TransactionTestCase) -> None:
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        keep = {"django_content_type", "auth_permission", "django_migrations"}
        listed = ", ".join(connection.ops.quote_name(name) for name in tables if name not in keep)
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(f"TRUNCATE {listed} CASCADE")
            cursor.execute("SET session_replication_role = origin")

    setattr(TransactionTestCase, "_fixture_teardown", teardown)  # noqa: B010 - private, unknown to the stubs


@pytest.fixture(autouse=True, scope="session")
def _compiled_words() -> None:
    """English as the catalogue has it now: a fresh clone has no compiled one."""
    source = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES" / "django.po"
    made = source.with_suffix(".mo")
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        call_command("messages", compile=True)


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    """Every test begins in Chinese: the last page of the test before may have been an English reader's."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What a process keeps of the grids and of the work calendar is not another test's."""
    geo.forget()
    workcalendar._kept = None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """The one clock, stopped; tests move it with `clock.set(...)` and `clock.forward(...)`."""
    frozen = Clock(datetime(2026, 11, 18, 10, 0, tzinfo=SHANGHAI))  # a working Wednesday
    monkeypatch.setattr("grids.clock._database_time", lambda: frozen.at)
    yield frozen


class Clock:
    """A stopped clock."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def set(self, at: datetime) -> datetime:
        self.at = at
        return at

    def forward(self, **parts: float) -> datetime:
        """On by a timedelta's parts: `clock.forward(minutes=5)`."""
        return self.set(self.at + timedelta(**parts))
