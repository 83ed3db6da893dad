"""The diagram in the docs is the table's."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from incidents.management.commands import draw_workflow


def test_the_diagram_in_the_docs_is_made_from_the_table() -> None:
    written = Path(settings.BASE_DIR, "docs", "workflow.md").read_text(encoding="utf-8")
    assert written == draw_workflow.text()
