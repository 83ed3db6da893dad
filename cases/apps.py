from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The spine: its checks run at every start."""

    name = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cases import checks  # noqa: F401 - registers itself
