"""The same small catalogue and cases as the spine's tests."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Post
from cases.models import Case
from tests.cases.conftest import NewCase, _media, category, make_category, new_case, sensitive, workdays

__all__ = ["_media", "category", "new_case", "sensitive", "village_case", "workdays"]


@pytest.fixture
def village_case(new_case: NewCase) -> NewCase:
    """An incident of a category that the village's own centre files."""
    small = make_category("1102", filing_level="village")

    def make(by: Post | None = None, **values: Any) -> Case:
        return new_case(by, category=small, **values)

    return make
