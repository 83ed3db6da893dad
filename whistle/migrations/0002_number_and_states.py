"""The sequence of whistle numbers, and the states a whistle may be in, kept by the database too."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# As they stand in whistle/workflow.py; a test compares this constraint with the table.
STATES = (
    "draft", "submitted", "returned", "approved", "filed", "sounded", "consulting", "working", "resolved",
    "closed", "withdrawn", "stood_down",
)  # fmt: skip
LISTED = ", ".join(f"'{state}'" for state in STATES)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("whistle", "0001_whistles"), ("cases", "0002_guard_the_record")]

    operations: ClassVar = [
        migrations.RunSQL("CREATE SEQUENCE whistle_number", "DROP SEQUENCE whistle_number"),
        migrations.RunSQL(
            f"ALTER TABLE cases_case ADD CONSTRAINT case_whistle_state CHECK (kind <> 'whistle' OR state IN ({LISTED}))",
            "ALTER TABLE cases_case DROP CONSTRAINT case_whistle_state",
        ),
    ]
