from __future__ import annotations

from django.apps import AppConfig


class GridsConfig(AppConfig):
    """Places and offices; its checks look at the work calendar."""

    name = "grids"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from grids import checks  # noqa: F401 - registers itself
