from __future__ import annotations

from django.apps import AppConfig


class WhistleConfig(AppConfig):
    """Tells the spine what a whistle is: its four tables, verbs, forms, and what the ends of its duties bring."""

    name = "whistle"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from whistle import registration

        registration.register()
