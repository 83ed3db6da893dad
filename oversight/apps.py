from __future__ import annotations

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Boards, rankings, bulletins and assessment. It reads what the three kinds of case record and changes no case."""

    name = "oversight"
    default_auto_field = "django.db.models.BigAutoField"
