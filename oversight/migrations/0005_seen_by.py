"""Whose numbers a matter is in; sums of whole areas; since when an entry of the record waits to be counted.

All of it is made anew from the record: what is kept goes, and every case is noted.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models.functions import Now

EMPTY = "TRUNCATE oversight_tally, oversight_daytotal"
NOTE = "INSERT INTO oversight_stale (case_id) SELECT id FROM cases_case"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("oversight", "0004_released_stay")]

    operations: ClassVar = [
        migrations.RunSQL(EMPTY, EMPTY),
        migrations.RemoveConstraint(model_name="daytotal", name="day_total_once"),
        migrations.RemoveConstraint(model_name="daytotal", name="day_total_grouping_known"),
        migrations.RemoveField(model_name="tally", name="sensitive"),
        migrations.AddField(
            model_name="tally",
            name="seen_by",
            field=models.CharField(blank=True, default="", max_length=400),
        ),
        migrations.AddField(
            model_name="daytotal",
            name="seen_by",
            field=models.CharField(blank=True, default="", max_length=400),
        ),
        migrations.AddField(
            model_name="daytotal",
            name="area",
            field=models.CharField(max_length=6),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="daytotal",
            name="grouping",
            field=models.CharField(
                choices=[
                    ("area", "Area"),
                    ("township", "Township"),
                    ("category", "Category"),
                    ("office", "Office"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="daytotal",
            constraint=models.UniqueConstraint(
                fields=("grouping", "measure", "day", "key", "twin", "seen_by", "area"),
                include=("number",),
                name="day_total_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="daytotal",
            constraint=models.CheckConstraint(
                condition=models.Q(("grouping__in", ["area", "township", "category", "office"])),
                name="day_total_grouping_known",
            ),
        ),
        migrations.AddField(
            model_name="stale",
            name="noted_at",
            field=models.DateTimeField(db_default=Now()),
        ),
        migrations.AddIndex(
            model_name="stale",
            index=models.Index(fields=["noted_at"], name="stale_oldest"),
        ),
        migrations.RunSQL(NOTE, migrations.RunSQL.noop),
    ]
