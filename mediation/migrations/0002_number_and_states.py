"""The sequence of the numbers of disputes, and the states a dispute may be in, kept by the database too."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# As they stand in mediation/workflow.py; a test compares this constraint with the table.
STATES = (
    "registered", "accepted", "mediating", "agreed", "performing", "passing", "closed", "refused", "failed",
    "withdrawn", "referred", "not_accepted",
)  # fmt: skip
LISTED = ", ".join(f"'{state}'" for state in STATES)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("mediation", "0001_disputes"), ("cases", "0002_guard_the_record")]

    operations: ClassVar = [
        migrations.RunSQL("CREATE SEQUENCE mediation_number", "DROP SEQUENCE mediation_number"),
        migrations.RunSQL(
            "ALTER TABLE cases_case ADD CONSTRAINT case_mediation_state "
            f"CHECK (kind <> 'mediation' OR state IN ({LISTED}))",
            "ALTER TABLE cases_case DROP CONSTRAINT case_mediation_state",
        ),
    ]
