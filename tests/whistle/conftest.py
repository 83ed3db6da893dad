"""The spine's small calendar; a whistle's places and people are the cast's."""

from __future__ import annotations

import pytest

from tests.cases.conftest import _media, category, new_case, sensitive, workdays
from tests.incidents.conftest import Show, show

__all__ = ["Show", "_media", "category", "new_case", "sensitive", "show", "workdays"]


@pytest.fixture(autouse=True)
def _calendar(workdays: None) -> None:
    """Some times of a whistle are working days."""
