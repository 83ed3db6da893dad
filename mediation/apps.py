from __future__ import annotations

from django.apps import AppConfig


class MediationConfig(AppConfig):
    """Tells the spine what a dispute is: its tables, verbs, forms, and what the ends of its duties bring."""

    name = "mediation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from mediation import registration

        registration.register()
