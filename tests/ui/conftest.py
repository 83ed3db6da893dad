"""The browser, and the guide's address."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def guide(live_server: Any, settings: Any) -> str:
    """The address of the guide, served by this test run."""
    settings.ROOT_URLCONF = "tests.ui.urls"
    return f"{live_server.url}/ui/"
