"""The same small catalogue and cases as the spine's tests."""

from tests.cases.conftest import _media, category, new_case, sensitive, workdays

__all__ = ["_media", "category", "new_case", "sensitive", "workdays"]
