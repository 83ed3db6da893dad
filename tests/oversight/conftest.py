"""The same small catalogue and cases as the spine's tests, and a town with mediation committees."""

from __future__ import annotations

from tests.cases.conftest import _media, category, new_case, sensitive, workdays
from tests.mediation.conftest import town

__all__ = ["_media", "category", "new_case", "sensitive", "town", "workdays"]
