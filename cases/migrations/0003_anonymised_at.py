"""When a case was anonymised: an instant of the case itself, so that none is forgotten or done twice."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0002_guard_the_record")]

    operations: ClassVar = [
        migrations.AddField("case", "anonymised_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                name="case_anonymised_is_closed",
                condition=Q(anonymised_at__isnull=True) | Q(closed_at__isnull=False),
            ),
        ),
    ]
