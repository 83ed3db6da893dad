"""Sums of months beside those of days, of villages too; made of what is counted already."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

MONTHS = """
INSERT INTO oversight_total (span, grouping, area, key, measure, day, twin, seen_by, number)
SELECT 'month', grouping, area, key, measure, month, twin_month, seen_by, sum(number)
FROM (
    SELECT grouping, area, key, measure, seen_by, number, date_trunc('month', day::timestamp)::date AS month,
           date_trunc('month', twin::timestamp)::date AS twin_month
    FROM oversight_total
    UNION ALL
    SELECT 'village', left(place, 6), left(place, 12), measure, seen_by, 1, date_trunc('month', day::timestamp)::date,
           date_trunc('month', twin::timestamp)::date
    FROM oversight_tally WHERE who = '' AND length(place) >= 12
) AS counted
WHERE twin_month IS NULL OR twin_month <> month
GROUP BY grouping, area, key, measure, month, twin_month, seen_by
"""
DAYS_ONLY = "DELETE FROM oversight_total WHERE span = 'month'"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("oversight", "0007_assessments")]

    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="daytotal", name="day_total_once"),
        migrations.RemoveConstraint(model_name="daytotal", name="day_total_grouping_known"),
        migrations.RemoveIndex(model_name="daytotal", name="day_total_nothing"),
        migrations.RenameModel("DayTotal", "Total"),
        migrations.AddField(
            model_name="total",
            name="span",
            field=models.CharField(choices=[("day", "Day"), ("month", "Month")], default="day", max_length=5),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="total",
            name="grouping",
            field=models.CharField(
                choices=[
                    ("area", "Area"),
                    ("township", "Township"),
                    ("village", "Village"),
                    ("category", "Category"),
                    ("office", "Office"),
                ],
                max_length=8,
            ),
        ),
        migrations.RunSQL(MONTHS, DAYS_ONLY),
        migrations.AddIndex(
            model_name="total",
            index=models.Index(condition=models.Q(("number", 0)), fields=["id"], name="total_nothing"),
        ),
        migrations.AddConstraint(
            model_name="total",
            constraint=models.UniqueConstraint(
                fields=("span", "grouping", "measure", "day", "key", "twin", "seen_by", "area"),
                include=("number",),
                name="total_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="total",
            constraint=models.CheckConstraint(
                condition=models.Q(("grouping__in", ["area", "township", "village", "category", "office"])),
                name="total_grouping_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="total",
            constraint=models.CheckConstraint(
                condition=models.Q(("span__in", ["day", "month"])), name="total_span_known"
            ),
        ),
    ]
