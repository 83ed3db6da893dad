"""Duties of sub-rows of a case, and marks named by each duty's own table."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0003_anonymised_at")]

    operations: ClassVar = [
        migrations.RemoveConstraint("deadline", "deadline_one_open"),
        migrations.RemoveIndex("deadlinemark", "mark_due"),
        migrations.AddField("deadline", "item", models.BigIntegerField(default=0)),
        migrations.AlterField("deadlinemark", "kind", models.CharField(max_length=16)),
        migrations.AddIndex(
            "deadlinemark",
            models.Index(
                fields=["at", "id"],
                name="mark_due",
                condition=Q(taken_at__isnull=True, at__isnull=False),
            ),
        ),
        migrations.AddConstraint(
            "deadline",
            models.UniqueConstraint(
                name="deadline_one_open",
                fields=["case", "duty", "item", "holder_department", "holder_division"],
                condition=Q(met_at__isnull=True, cancelled_at__isnull=True),
                nulls_distinct=False,
            ),
        ),
    ]
