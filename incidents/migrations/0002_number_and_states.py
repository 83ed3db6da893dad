"""The sequence of incident numbers, and the states an incident may be in, kept by the database too."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# As they stand in incidents/workflow.py; a test compares this constraint with the table.
STATES = (
    "reported", "filed", "rejected", "assigned", "investigating", "fed_back", "verified", "archived",
    "suspended", "merged", "split",
)  # fmt: skip
LISTED = ", ".join(f"'{state}'" for state in STATES)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incidents", "0001_incidents"), ("cases", "0002_guard_the_record")]

    operations: ClassVar = [
        migrations.RunSQL("CREATE SEQUENCE incidents_number", "DROP SEQUENCE incidents_number"),
        migrations.RunSQL(
            f"ALTER TABLE cases_case ADD CONSTRAINT case_incident_state CHECK (kind <> 'incident' OR state IN ({LISTED}))",
            "ALTER TABLE cases_case DROP CONSTRAINT case_incident_state",
        ),
    ]
