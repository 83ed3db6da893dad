from __future__ import annotations

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Tells the spine what an incident is: its table, verbs, forms, effects and what a suspension's end brings."""

    name = "incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from incidents import registration

        registration.register()
