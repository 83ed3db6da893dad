"""The term for which a case's file is kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0004_duty_items_and_named_marks")]

    operations: ClassVar = [
        migrations.AddField("case", "keep_until", models.DateField(blank=True, null=True)),
    ]
