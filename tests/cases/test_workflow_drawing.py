"""The diagrams in the docs are the tables'."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from cases.management.commands import draw_workflow


@pytest.mark.parametrize("page", list(draw_workflow.PAGES))
def test_the_diagrams_in_the_docs_are_made_from_the_tables(page: str) -> None:
    written = Path(settings.BASE_DIR, "docs", page).read_text(encoding="utf-8")
    assert written == draw_workflow.text(page)
